package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/trust"
)

// A remedy is a command that works: every code that prints one is printed in a story, and the
// story runs what was printed, as it was printed.
func TestEveryRemedyIsRunAsPrinted(t *testing.T) {
	printed, run := codesWithCommands(t), codesRunInStories(t)
	slices.Sort(run)
	if diff := cmp.Diff(printed, slices.Compact(run)); diff != "" {
		t.Errorf("codes (-that print commands +of which a story runs what was printed):\n%s", diff)
	}
}

// Every claim of the catalogue is broken in a story, which sees it fail or warn.
func TestEveryClaimIsBrokenInAStory(t *testing.T) {
	var claimed []string
	for _, l := range trust.Catalogue(trust.Config{Workloads: []trust.Workload{{}}}) {
		claimed = append(claimed, l.Code)
	}
	var broken []string
	forStoryLines(t, func(words []string) { broken = append(broken, brokenBy(words)...) })
	for _, code := range claimed {
		if !slices.Contains(broken, code) {
			t.Errorf("%s is broken in no story", code)
		}
	}
}

// brokenBy are the codes that a command of a story wants to fail or warn.
func brokenBy(words []string) (codes []string) {
	for _, w := range words[1:] {
		_, result, said := strings.Cut(w, "=")
		switch words[0] {
		case "judge", "broken", "mend":
			if !said {
				codes = append(codes, firstCode(w))
			}
		case "codes":
			if result == "fail" || result == "warn" {
				codes = append(codes, firstCode(w))
			}
		}
	}
	return codes
}

// codesRunInStories are the codes that stories mend by what was printed: those that mend and
// typed name, and the first of those that were judged before mended.
func codesRunInStories(t *testing.T) (codes []string) {
	t.Helper()
	judged := ""
	forStoryLines(t, func(words []string) {
		first := firstCode(strings.Join(words, " "))
		switch words[0] {
		case "judge", "broken":
			judged = first
		case "mend", "typed":
			codes = append(codes, first)
		case "mended":
			codes = append(codes, judged)
		}
	})
	return codes
}

// forStoryLines reads the commands of all stories.
func forStoryLines(t *testing.T, read func(words []string)) {
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
		for line := range strings.Lines(string(raw)) {
			if strings.HasPrefix(line, "-- ") {
				break // files follow
			}
			if words := strings.Fields(condition.ReplaceAllString(line, "")); len(words) > 0 {
				read(words)
			}
		}
	}
}

// condition is what stands before a line of a story that takes a program.
var condition = regexp.MustCompile(`^(\[!?exec:\w+\] )+`)

var code = regexp.MustCompile(`WIF\d{3}`)

func firstCode(line string) string { return code.FindString(line) }
