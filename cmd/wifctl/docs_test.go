package main

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/trust"
)

// The documents promise things that the code must keep: anchors that remedies point to,
// flags, steps, make targets and links.

const root = "../.."

// documents are the texts that people read, by their path from the root.
func documents(t *testing.T) map[string]string {
	t.Helper()
	names := []string{"README.md", "CONTRIBUTING.md"}
	for _, folder := range []string{"docs/", "docs/reference/"} {
		more, err := filepath.Glob(filepath.Join(root, folder, "*.md"))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range more {
			names = append(names, folder+filepath.Base(m))
		}
	}
	docs := make(map[string]string, len(names))
	for _, name := range names {
		docs[name] = read(t, name)
	}
	return docs
}

func read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestEveryCodeHasItsSection(t *testing.T) {
	var sections []string
	for _, m := range regexp.MustCompile(`(?m)^### (WIF\d{3})$`).FindAllStringSubmatch(read(t, "docs/errors.md"), -1) {
		sections = append(sections, m[1])
	}
	slices.Sort(sections)
	codes := codesIn(t)
	if len(codes) == 0 {
		t.Fatal("no codes found in the sources")
	}
	if diff := cmp.Diff(codes, sections); diff != "" {
		t.Errorf("codes (-in the sources +in docs/errors.md, each once):\n%s", diff)
	}
}

// A code is that of a check, or docs/errors.md says that it is none.
func TestEveryCodeIsACheckOrIsSaidToBeNone(t *testing.T) {
	none := regexp.MustCompile(`(?s)The other four, .*?, are met`).FindString(read(t, "docs/errors.md"))
	checks := regexp.MustCompile(`WIF\d{3}`).FindAllString(none, -1)
	for _, l := range trust.Catalogue(trust.Config{Workloads: []trust.Workload{{}}}) {
		checks = append(checks, l.Code)
	}
	slices.Sort(checks)
	if diff := cmp.Diff(codesIn(t), checks); diff != "" {
		t.Errorf("codes (-in the sources +checks, and those said to be none; each once):\n%s", diff)
	}
}

// codesIn are the codes that the sources write as a string of its own, sorted.
func codesIn(t *testing.T) []string {
	t.Helper()
	code := regexp.MustCompile(`"(WIF\d{3})"`)
	var codes []string
	for _, dir := range []string{"cmd/wifctl", "internal/trust"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			raw, err := os.ReadFile(path)
			for _, m := range code.FindAllStringSubmatch(string(raw), -1) {
				codes = append(codes, m[1])
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func TestEverySectionOfACodeIsWhole(t *testing.T) {
	for section := range strings.SplitSeq(read(t, "docs/errors.md"), "\n### ") {
		if !strings.HasPrefix(section, "WIF") {
			continue
		}
		for _, part := range []string{"\n\n**", "\n*How it happens.*", "\n*What mends it.*", "\n*wifctl* "} {
			if !strings.Contains(section, part) {
				t.Errorf("%s: no part %q", section[:6], part)
			}
		}
	}
}

func TestEveryLinkOfTheDocumentsLeadsSomewhere(t *testing.T) {
	docs := documents(t)
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for name, text := range docs {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			path, anchor, _ := strings.Cut(m[1], "#")
			target := name
			if path != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(name), path))
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s: link to %s: there is no %s", name, m[1], target)
				continue
			}
			if anchor != "" && !slices.Contains(anchors(docs[target]), anchor) {
				t.Errorf("%s: link to %s: there is no such heading", name, m[1])
			}
		}
	}
}

// anchors are those that GitHub gives to the headings of a text.
func anchors(text string) (all []string) {
	dropped := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		slug := dropped.ReplaceAllString(strings.ToLower(m[1]), "")
		all = append(all, strings.ReplaceAll(slug, " ", "-"))
	}
	return all
}

func TestEveryStepIsInTheReadme(t *testing.T) {
	readme := read(t, "README.md")
	for _, s := range demoSteps() {
		if !strings.Contains(readme, "\n| `"+string(s.ID)+"` |") {
			t.Errorf("README.md has no row for %s", s.ID)
		}
		shown := regexp.MustCompile(`(?m)^✓ ` + string(s.ID) + ` +\w+ +` + regexp.QuoteMeta(s.Claim) + `$`)
		if !shown.MatchString(readme) {
			t.Errorf("README.md does not show what setup prints for %s: %s", s.ID, s.Claim)
		}
	}
}

// What README.md shows of the rehearsal is what it prints, but for the port and the
// cluster, which are others each time.
func TestTheReadmeShowsWhatTheRehearsalPrints(t *testing.T) {
	status, printed, talk := rehearse(t, "", nil)
	if status != exitOK {
		t.Fatalf("got %d\n%s\n%s", status, printed, talk)
	}
	other := regexp.MustCompile(`127\.0\.0\.1:\d+|[0-9a-f]{8}-[0-9a-f-]{27}`)
	printed = other.ReplaceAllString(printed, "…")
	readme := other.ReplaceAllString(read(t, "README.md"), "…")
	shown := other.ReplaceAllString(block(t, "README.md", "text"), "…")
	if !strings.Contains(shown, "setup: ") || !strings.Contains(printed, "\n"+shown) {
		t.Errorf("the first block of README.md is not in what is printed:\n%s\nprinted:\n%s", shown, printed)
	}
	if again := "`setup: 9 unchanged, 5 ok.`"; !strings.Contains(readme, again) || !strings.Contains(printed, "\n"+strings.Trim(again, "`")+"\n") {
		t.Errorf("README.md and the rehearsal do not agree on what a second setup says: %s", again)
	}
}

func TestTheReadmeCountsTheChecks(t *testing.T) {
	all, ofPod := trust.Catalogue(trust.Config{Workloads: []trust.Workload{{}}}), 0
	for _, l := range all {
		if l.Step == "pod" {
			ofPod++
		}
	}
	if want := fmt.Sprintf("\n%d checks, %d of them for `--pod`, ", len(all), ofPod); !strings.Contains(read(t, "README.md"), want) {
		t.Errorf("README.md does not say%q", want)
	}
}

// demoSteps are the steps of the demo, of which only the names are wanted here.
func demoSteps() []pipeline.Step {
	return trust.New(trust.Config{
		Project: "demo-project", Pool: trust.DefaultPool,
		Workloads: []trust.Workload{{
			Namespace: trust.DefaultNamespace, ServiceAccount: trust.DefaultServiceAccount,
			GSA: trust.DefaultGSA, Bucket: "demo-bucket", Role: trust.DefaultRole,
		}},
	}, trust.ToSetUp, trust.Clients{}).Steps()
}

func TestEveryFlagOfTheDocumentsExists(t *testing.T) {
	tree := newRoot(streams{env: func(string) string { return "" }})
	seen := 0
	for name, text := range documents(t) {
		for _, code := range codeOfDocument(text) {
			seen += len(flagsOf(code))
			if err := checkFlags(tree, code); err != nil {
				t.Errorf("%s: %s: %v", name, code, err)
			}
		}
	}
	if seen == 0 {
		t.Error("no flag found in any document")
	}
}

// codeOfDocument are the spans and blocks of code that speak of wifctl: its command
// lines, without what they are piped into, and flags that stand alone.
func codeOfDocument(text string) (code []string) {
	span := regexp.MustCompile("`(wifctl [^`]+|--[^`]+)`")
	command := regexp.MustCompile(`^(?:    |  |\$ )?(wifctl [^|#>&]+)`)
	fenced := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
			continue
		}
		if m := command.FindStringSubmatch(line); m != nil && (fenced || strings.HasPrefix(line, "    ")) {
			code = append(code, strings.TrimSpace(m[1]))
			continue
		}
		for _, m := range span.FindAllStringSubmatch(line, -1) {
			code = append(code, m[1])
		}
	}
	return code
}

var flagForm = regexp.MustCompile(`(?:^|\s)--([a-z][a-z-]*)`)

func flagsOf(code string) (names []string) {
	for _, m := range flagForm.FindAllStringSubmatch(code, -1) {
		names = append(names, m[1])
	}
	return names
}

// checkFlags holds a command line against the command that it names, and a flag without
// a command against all of them.
func checkFlags(tree *cobra.Command, code string) error {
	commands := tree.Commands()
	if words := strings.Fields(code); words[0] == "wifctl" {
		cmd, _, err := tree.Find(words[1:])
		if err != nil {
			return err
		}
		commands = []*cobra.Command{cmd}
	}
	for _, name := range flagsOf(code) {
		if !slices.ContainsFunc(commands, func(c *cobra.Command) bool { return name == "help" || c.Flags().Lookup(name) != nil }) {
			return fmt.Errorf("there is no flag --%s", name)
		}
	}
	return nil
}

func TestEveryMakeTargetOfTheDocumentsExists(t *testing.T) {
	makefile := read(t, "Makefile")
	for name, text := range documents(t) {
		for _, m := range regexp.MustCompile("(?m)(?:`|^    )make ([a-z-]+)").FindAllStringSubmatch(text, -1) {
			if !regexp.MustCompile(`(?m)^` + m[1] + `:`).MatchString(makefile) {
				t.Errorf("%s: make %s: the Makefile has no such target", name, m[1])
			}
		}
	}
}

// onStage is a rehearsal in which setup has run, for what the documents show to be compared
// with what is printed.
func onStage(t *testing.T) *rehearsal {
	t.Helper()
	st, err := rehearseFlags{namespace: "foo"}.open(t.Context(), streams{out: io.Discard, err: io.Discard, env: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.close)
	if status := st.wifctl(t.Context(), st.command("setup")); status != exitOK {
		t.Fatalf("setup ended with %d:\n%s", status, st.printed)
	}
	return st
}

// block is the first block of code of a document that is of some language.
func block(t *testing.T, name, language string) string {
	t.Helper()
	_, text, _ := strings.Cut(read(t, name), "\n```"+language+"\n")
	text, _, found := strings.Cut(text, "```\n")
	if !found {
		t.Fatalf("%s has no block of %s", name, language)
	}
	return text
}

// The check that docs/scripts.md shows is what verify says, but for the cluster's id and
// the time that it took.
func TestTheJSONOfTheDocumentsIsWhatVerifyPrints(t *testing.T) {
	st := onStage(t)
	p, err := st.policy(t.Context(), "getIamPolicy", nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Bindings[0].Members[0] = strings.TrimSuffix(p.Bindings[0].Members[0], "bar") + "baz"
	if err := st.setPolicy(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if status := st.wifctl(t.Context(), st.command("verify", "-o", "json", "--only", "WIF511")); status != exitFailed {
		t.Fatalf("verify ended with %d:\n%s", status, st.printed)
	}
	var printed struct{ Checks []json.RawMessage }
	if err := json.Unmarshal([]byte(st.printed), &printed); err != nil || len(printed.Checks) != 1 {
		t.Fatalf("%v in\n%s", err, st.printed)
	}
	lasting := func(text string) (value map[string]any) {
		text = regexp.MustCompile(`[0-9a-f]{12}/foo/ba`).ReplaceAllString(text, "…/foo/ba")
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		delete(value, "durationMs")
		return value
	}
	if diff := cmp.Diff(lasting(block(t, "docs/scripts.md", "json")), lasting(string(printed.Checks[0]))); diff != "" {
		t.Errorf("the JSON of docs/scripts.md (-shown +printed):\n%s", diff)
	}
}

// The pod of docs/pod.md is what manifest pod prints, but for names, and for what points
// gcloud at the emulated Google.
func TestThePodOfTheDocumentsIsWhatIsPrinted(t *testing.T) {
	st := onStage(t)
	if status := st.wifctl(t.Context(), append([]string{"manifest", "pod"}, st.command("")[1:]...)); status != exitOK {
		t.Fatalf("manifest pod ended with %d:\n%s", status, st.printed)
	}
	emulated := regexp.MustCompile(`(?m)^ +- name: CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE\n.*\n`)
	provider := regexp.MustCompile(`providers/cks-[0-9a-f]{8}\n`)
	printed := strings.ReplaceAll(emulated.ReplaceAllString(st.printed, ""), rehearsalBucket, "my-bucket")
	shown := provider.ReplaceAllString(block(t, "docs/pod.md", "yaml"), "providers/…\n")
	if diff := cmp.Diff(shown, provider.ReplaceAllString(printed, "providers/…\n")); diff != "" {
		t.Errorf("the pod of docs/pod.md (-shown +printed):\n%s", diff)
	}
}
