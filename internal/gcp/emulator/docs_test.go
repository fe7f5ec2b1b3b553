package emulator

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// docs/emulator.md promises to be complete: these tests hold it to that.

// manual is the document, with every run of white space made one space.
func manual(t *testing.T) string {
	t.Helper()
	return oneLine(readFile(t, filepath.Join("..", "..", "..", "docs", "emulator.md")))
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestWhatIsNotModelledIsInTheManual(t *testing.T) {
	var files []string
	for _, pattern := range []string{"*.go", "federation/*.go"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	text, found := manual(t), 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, gap := range gaps(string(source)) {
			found++
			if !strings.Contains(text, "| "+gap) {
				t.Errorf("%s: docs/emulator.md has no line for: %s", file, gap)
			}
		}
	}
	if found < 20 {
		t.Errorf("found %d gaps in the sources: are they still written as before?", found)
	}
}

// gaps are what the comments of a source say behind "not modelled:", up to the end of
// the sentence or of the comment's paragraph.
func gaps(source string) (list []string) {
	paragraph := regexp.MustCompile(`not modelled: (.*(?:\n\s*// .*)*)`)
	comment := regexp.MustCompile(`\n\s*// `)
	for _, m := range paragraph.FindAllStringSubmatch(source, -1) {
		gap, _, _ := strings.Cut(oneLine(comment.ReplaceAllString(m[1], " "))+" ", ". ")
		if gap = strings.TrimSpace(strings.TrimSuffix(gap, ".")); !strings.HasPrefix(gap, `..`) {
			list = append(list, gap)
		}
	}
	return list
}

func TestEveryMethodIsInTheManual(t *testing.T) {
	documented := map[string]bool{}
	row := regexp.MustCompile("(?m)^\\| .* \\| `([A-Za-z.]+\\.)` (.*?) \\|")
	for _, m := range row.FindAllStringSubmatch(readFile(t, filepath.Join("..", "..", "..", "docs", "emulator.md")), -1) {
		for _, name := range regexp.MustCompile("`([A-Za-z.]+)`").FindAllStringSubmatch(m[2], -1) {
			documented[m[1]+name[1]] = true
		}
	}
	served := map[string]bool{}
	for _, r := range routes() {
		served[r.id] = true
		if !documented[r.id] {
			t.Errorf("docs/emulator.md lacks %s", r.id)
		}
	}
	for id := range documented {
		if !served[id] {
			t.Errorf("docs/emulator.md has %s, which is not served", id)
		}
	}
}

func TestTheLagsInTheManualAreTheLags(t *testing.T) {
	text, l := manual(t), LagTypical.delays(1)
	for what, d := range map[string]time.Duration{
		"a new pool or provider can be read":        l.newPool,
		"a new pool is taken in a policy's member":  l.poolMember,
		"a new service account can be read":         l.newAccount,
		"it is taken in a policy's member":          l.accountUse,
		"a policy that was written lets in":         l.grant,
		"and shuts out":                             l.revoke,
		"an API that was enabled answers":           l.enable,
		"a key set that was uploaded again is used": l.jwksRefresh,
	} {
		if line := "| " + what + " | " + d.String() + " |"; !strings.Contains(text, line) {
			t.Errorf("docs/emulator.md has no line %q", line)
		}
	}
	if l.polls != 2 {
		t.Errorf("%d looks say not done; docs/emulator.md says that the third says done", l.polls)
	}
}

func TestTheFaultsInTheManualAreFaults(t *testing.T) {
	examples := regexp.MustCompile(`--fault '([^']+)'`).FindAllStringSubmatch(manual(t), -1)
	if len(examples) == 0 {
		t.Fatal("no example found")
	}
	for _, m := range examples {
		f, err := ParseFault(m[1])
		if err != nil {
			t.Error(err)
			continue
		}
		if l := (&faultList{faults: []*counted{{Fault: f}}}); !l.matchesAMethod() {
			t.Errorf("%s: no method is called so", m[1])
		}
	}
}

// matchesAMethod reports whether the first fault could meet any request at all.
func (l *faultList) matchesAMethod() bool {
	for _, r := range routes() {
		before := l.faults[0].seen
		if l.take(r.id); l.faults[0].seen > before {
			return true
		}
	}
	return false
}
