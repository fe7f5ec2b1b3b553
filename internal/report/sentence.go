package report

import (
	"fmt"
	"slices"
	"strings"
)

// order is in which the words of a summary are told: changes first.
var order = []string{
	"create", "created", "restore", "restored", "update", "updated", "adopt", "adopted", "removed", "remove", "kept",
	"pass", "warn", "unchanged", "none", "ok", "absent", "refuse", "fail", "failed", "skip", "skipped", "unknown",
}

// said is how a word of the JSON reads in a sentence.
var said = map[string]string{
	"create": "to create", "restore": "to restore", "update": "to update", "adopt": "to adopt", "remove": "to remove",
	"none": "to stay", "pass": "passed", "warn": "with a warning", "refuse": "in the way", "unknown": "not known yet", "fail": "failed",
	"skip": "skipped", "skipped": "not run", "absent": "not there",
}

// sentence sums a report up in one line.
func sentence(r Report) string {
	n := summary(r)
	if r.Command != "verify" {
		countChecks(n, r)
	}
	var parts []string
	for _, w := range order {
		if n[w] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[w], or(said[w], w)))
		}
	}
	line := r.Command + ": " + strings.Join(parts, ", ")
	switch {
	case r.Pipeline.Interrupted && changedAnything(n):
		return line + ". Interrupted: what is listed as changed was changed; running the same command again goes on from here."
	case r.Pipeline.Interrupted:
		return line + ". Interrupted: nothing was changed."
	case r.Command == "plan" || n["remove"] > 0:
		return line + ". Nothing was changed."
	case r.OK():
		return line + "."
	case r.Command == "setup" && !changedAnything(n):
		return line + ". Nothing was changed."
	case r.Command == "setup":
		return line + ". Running the same command again goes on from here."
	}
	return line + "."
}

// countChecks tells what is only looked at apart from what is left as it was.
func countChecks(n map[string]int, r Report) {
	for _, res := range r.Pipeline.Results {
		w := word(r.Command, res)
		if res.Thing != "" || w != "unchanged" && w != "none" {
			continue
		}
		if n[w]--; r.Command != "teardown" {
			n["ok"]++
		}
	}
}

func changedAnything(n map[string]int) bool {
	return slices.ContainsFunc([]string{"created", "restored", "updated", "adopted", "removed"}, func(w string) bool { return n[w] > 0 })
}
