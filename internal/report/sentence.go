package report

import (
	"fmt"
	"slices"
	"strings"
)

// order is in which the words of a summary are told: changes first.
var order = []string{
	"create", "created", "restore", "restored", "update", "updated", "adopt", "adopted", "removed", "remove", "kept", "keep",
	"pass", "warn", "unchanged", "none", "ok", "absent", "refuse", "fail", "failed", "skip", "skipped", "unknown",
}

// said is how a word of the JSON reads in a sentence.
var said = map[string]string{
	"create": "to create", "restore": "to restore", "update": "to update", "adopt": "to adopt", "remove": "to remove",
	"keep": "to keep", "pass": "passed", "warn": "with a warning", "refuse": "in the way", "unknown": "not known yet", "fail": "failed",
	"skip": "skipped", "skipped": "not run", "absent": "not there",
}

// sentence sums a report up in one line.
func sentence(r Report) string {
	n := shown(r)
	var parts []string
	for _, w := range order {
		if n[w] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[w], or(said[w], w)))
		}
	}
	line := r.title() + ": " + strings.Join(parts, ", ")
	switch {
	case r.Pipeline.Interrupted && changedAnything(n):
		return line + ". Interrupted: what is listed as changed was changed; running the same command again goes on from here."
	case r.Pipeline.Interrupted:
		return line + ". Interrupted: nothing was changed."
	case len(firstInTheDark(r.Checks)) > 0:
		return line + ". Not all could be looked at, since there was no answer: running it again may tell."
	case r.use() == "plan", r.Command == "preflight", r.DryRun, n["remove"] > 0:
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

// shown counts the results in the words of their lines: what is only looked at, apart from
// what is left as it is. A teardown has no lines for the former.
func shown(r Report) map[string]int {
	if r.Command == "verify" {
		return summary(r)
	}
	n := make(map[string]int)
	for _, res := range r.Pipeline.Results {
		if r.Command == "teardown" && res.Thing == "" && res.Err == nil {
			continue
		}
		n[shownWord(r.use(), res)]++
	}
	return n
}

func changedAnything(n map[string]int) bool {
	return slices.ContainsFunc([]string{"created", "restored", "updated", "adopted", "removed"}, func(w string) bool { return n[w] > 0 })
}
