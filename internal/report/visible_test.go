package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/pipeline"
)

func TestWhatDoesNotShowIsShown(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"plain text":                  {"pool k8s-pool is ACTIVE, → “so”: é 世界 ✓", "pool k8s-pool is ACTIVE, → “so”: é 世界 ✓"},
		"an escape sequence":          {"a\x1b[2J\x1b]0;title\x07b", `a\x1b[2J\x1b]0;title\ab`},
		"one in eight bits":           {"a\u009b2Jb", `a\u009b2Jb`},
		"bytes that are no text":      {"a\xff\x9bb", `a\xff\x9bb`},
		"a line of its own":           {"a\r\n✓ all is well", `a\r\n✓ all is well`},
		"other ends of a line":        {"a\u0085b\u2028c\vd\fe", `a\u0085b\u2028c\vd\fe`},
		"text that runs backwards":    {"roles/\u202ereweiv\u202c\u2066x\u2069", `roles/\u202ereweiv\u202c\u2066x\u2069`},
		"characters without width":    {"gcs\u200b-\u200dreader\ufeff\u00ad", `gcs\u200b-\u200dreader\ufeff\u00ad`},
		"letters that are blank":      {"a\u3164b\uffa0c\u115f", `a\u3164b\uffa0c\u115f`},
		"tags":                        {"a\U000e0041", `a\U000e0041`},
		"blanks that are others":      {"a\u00a0b\tc", `a\u00a0b\tc`},
		"a command of GitHub Actions": {"  ::stop-commands::x", `  \x3a:stop-commands::x`},
		"an old one":                  {"a ##[set-env name=x]y", `a \x23#[set-env name=x]y`},
		"colons elsewhere":            {"fd00::1 and a::b", "fd00::1 and a::b"},
	} {
		if got := Visible(c.text); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// hostile is what somebody may write who may write anything that is looked at. Behind each
// of its lines stands a mark, by which to find what became of it.
const hostile = "MARK \x1b[2J\x1b]8;;http://z\x07 \u009b1A\u202e\u200b\x00\x7f\xff\r\n" +
	"::error title=forged::MARK %0A::add-mask::x ##[add-mask]x\n" +
	"✓ proof MARK\n| a | <b>MARK</b> | `MARK` | [MARK](http://z) ]]> \u2028\u3164"

// hostileWorld has it wherever there is text from outside.
func hostileWorld() Report {
	bad := pipeline.Remedy{Code: "WIF502", Cause: hostile, Run: []string{"gcloud " + hostile}, See: hostile}
	seen := pipeline.Observation{
		Status: pipeline.Blocked, Detail: hostile, Said: []string{hostile, "```", hostile}, Remedy: bad,
		Diffs:    []pipeline.Diff{{Path: hostile, Have: "x", Want: "y"}, {Path: "p", Have: strings.ReplaceAll(hostile, "\n", ""), Want: "x"}},
		Findings: []pipeline.Finding{{Code: "WIF101", Verdict: pipeline.Warn, Detail: hostile, Remedy: bad}},
	}
	refused := pipeline.Result{ID: "gcp-pool", Claim: hostile, Thing: hostile, Keep: hostile, Seen: seen, Err: errors.New(hostile),
		Claims: []pipeline.Claim{{Code: "WIF101", Text: hostile}, {Code: "WIF502", Text: hostile}}}
	warned := refused
	warned.ID, warned.Err, warned.Seen.Status = "gcp-provider", nil, pipeline.Met
	skipped := refused
	skipped.ID, skipped.Err = "proof", &pipeline.NotRunError{Why: hostile}
	return Report{
		Trust:    Trust{Context: hostile, Server: hostile, Issuer: hostile, ProjectID: hostile, Namespace: hostile, Bucket: hostile},
		Identity: &Identity{KubernetesIdentity{User: hostile, Groups: []string{hostile}}, GoogleIdentity{Kind: hostile, Account: hostile, File: hostile}},
		Pipeline: pipeline.Report{Results: []pipeline.Result{refused, warned, skipped}}, ExitStatus: 1, Next: hostile, Undo: hostile, Recover: []string{hostile},
	}
}

// In no format and for no command is anything printed that doesn't show, and every line
// begins as we begin it.
func TestNothingIsPrintedThatDoesNotShow(t *testing.T) {
	told := func(out io.Writer, r Report) error {
		text := &Text{Command: r.use(), Out: out, Talk: out}
		text.Header(r.Trust)
		text.Identity(*r.Identity)
		for _, res := range r.Pipeline.Results {
			text.Event(pipeline.Event{Kind: pipeline.Waiting, ID: res.ID, Wait: pipeline.Wait{For: hostile, Elapsed: time.Minute}})
			text.Event(pipeline.Event{Kind: pipeline.Finished, ID: res.ID, Result: res})
		}
		text.Finish(r)
		return nil
	}
	all := map[string]func(io.Writer, Report) error{"told": told, "live": live}
	for format, write := range formats {
		if format != "colour.txt" {
			all[format] = write
		}
	}
	for _, command := range []string{"plan", "setup", "verify", "teardown", "preflight"} {
		for format, write := range all {
			r := hostileWorld()
			r.Command = command
			if command == "verify" {
				r.Checks = r.Pipeline.Judge()
			}
			var out bytes.Buffer
			if err := write(&out, r); err != nil {
				t.Fatal(err)
			}
			holdsItself(t, command+" "+format, out.String())
		}
	}
	for _, format := range []string{"told", "json", "junit.xml", "github.txt", "md"} {
		write, out := all[format], bytes.Buffer{}
		r := hostileWorld()
		r.Command, r.Err = "verify", strings.ReplaceAll(hostile, "\n", " ")
		if err := write(&out, r); err != nil {
			t.Fatal(err)
		}
		holdsItself(t, "an error, "+format, out.String())
	}
}

func live(out io.Writer, r Report) error {
	p := &Progress{Command: r.Command, Out: out, Size: func() (int, int) { return 200, 100 }, Stays: true}
	var steps []pipeline.Step
	for _, res := range r.Pipeline.Results {
		steps = append(steps, pipeline.Step{Check: pipeline.Check{ID: res.ID, Claim: hostile, Thing: hostile}})
	}
	p.Start(steps)
	p.Note(hostile)
	for _, res := range r.Pipeline.Results {
		p.Event(pipeline.Event{Kind: pipeline.Begun, ID: res.ID})
		p.Event(pipeline.Event{Kind: pipeline.Waiting, ID: res.ID, Wait: pipeline.Wait{For: hostile}})
	}
	p.Event(pipeline.Event{Kind: pipeline.Finished, ID: "gcp-pool", Result: r.Pipeline.Results[0]})
	p.Stop()
	return nil
}

// ours are the sequences with which the live view is drawn.
var ours = strings.NewReplacer("\x1b[K", "", "\x1b[2m", "", "\x1b[m", "", "\x1b[0m", "", "\x1b[33m", "", "\x1b[31m", "", "\x1b[32m", "", "\r", "")

func holdsItself(t *testing.T, name, text string) {
	t.Helper()
	silent := strings.Contains(name, "quiet") || strings.HasSuffix(name, " github.txt") && !strings.HasPrefix(name, "verify")
	if !silent && !strings.Contains(text, "MARK") {
		t.Errorf("%s: nothing hostile is in it:\n%s", name, text)
	}
	if strings.Contains(name, "live") {
		text = withoutUps(ours.Replace(text))
	}
	for line := range strings.SplitSeq(text, "\n") {
		if i := strings.IndexFunc(strings.ReplaceAll(line, "\ufe0f", ""), func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("%s: does not show: %q", name, line)
		}
		begins := strings.TrimLeft(line, " ")
		forged := strings.HasPrefix(begins, "::") && !strings.HasPrefix(line, "::error title=WIF") && !strings.HasPrefix(line, "::warning title=WIF") && !strings.HasPrefix(line, "::error title=wifctl ")
		if forged || strings.HasPrefix(begins, "✓ proof MARK") || strings.Contains(line, "##[") {
			t.Errorf("%s: a line of its own: %q", name, line)
		}
	}
}

// withoutUps takes away the movements of the cursor.
func withoutUps(text string) string {
	for before, rest, found := strings.Cut(text, "\x1b["); found; before, rest, found = strings.Cut(text, "\x1b[") {
		text = before + strings.TrimPrefix(strings.TrimLeft(rest, "0123456789"), "A")
	}
	return text
}

// JSON means what was found, to the letter, and shows it all the same.
func TestJSONKeepsWhatItMeans(t *testing.T) {
	const found = "a\x1b[2J\u009b\u202e\u200b\u2028\U000e0041\x7f ##[x] <&> é"
	var out bytes.Buffer
	if err := JSON(&out, Report{Command: "plan", Err: found}); err != nil {
		t.Fatal(err)
	}
	holdsItself(t, "quiet json", out.String())
	var d document
	if err := json.Unmarshal(out.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(found, d.Error); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
