package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A remedy is a command that works: every code that prints one is printed in a story, and the
// story runs what was printed, as it was printed.

// neverRun are codes whose command no story can run, and why.
var neverRun = map[string]string{
	"WIF114": "an API server whose issuer is no URL issues no tokens; the command is that of WIF112",
	"WIF125": "Google's Organization Policy API has no stand-in here",
	"WIF507": "nor has its Billing API",
	"WIF658": "a pod that stays takes a node that died while it ran",
}

func TestEveryRemedyIsRunAsPrinted(t *testing.T) {
	printed, run := codesWithCommands(t), codesRunInStories(t)
	for code, why := range neverRun {
		if why == "" || slices.Contains(run, code) {
			t.Errorf("%s is listed as not run, because %q, and is run", code, why)
		}
		run = append(run, code)
	}
	slices.Sort(run)
	if diff := cmp.Diff(printed, slices.Compact(run)); diff != "" {
		t.Errorf("codes (-that print commands +of which a story runs what was printed, or that are listed here):\n%s", diff)
	}
}

// codesRunInStories are the codes that stories mend by what was printed: those that mend and
// typed name, and the first of those that were judged before mended.
func codesRunInStories(t *testing.T) (codes []string) {
	t.Helper()
	stories, err := filepath.Glob(filepath.Join(root, "testdata", "*", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, story := range stories {
		raw, err := os.ReadFile(story)
		if err != nil {
			t.Fatal(err)
		}
		judged := ""
		for line := range strings.Lines(string(raw)) {
			words := strings.Fields(condition.ReplaceAllString(line, ""))
			if strings.HasPrefix(line, "-- ") {
				break // files follow
			}
			switch code := firstCode(line); {
			case len(words) == 0:
			case words[0] == "judge", words[0] == "broken":
				judged = code
			case words[0] == "mend", words[0] == "typed":
				codes = append(codes, code)
			case words[0] == "mended":
				codes = append(codes, judged)
			}
		}
	}
	return codes
}

// condition is what stands before a line of a story that takes a program.
var condition = regexp.MustCompile(`^(\[!?exec:\w+\] )+`)

var code = regexp.MustCompile(`WIF\d{3}`)

func firstCode(line string) string { return code.FindString(line) }
