package pipeline

import (
	"errors"
	"time"
)

// Result is all that is known of one step at the end of a phase.
type Result struct {
	ID       ID
	Claim    string
	Claims   []Claim
	Thing    string      // what a step makes and takes back; empty for a mere check
	Seen     Observation // the last look
	Planned  Action      // what the first look said Apply would do
	Outcome  Outcome     // empty: only looked
	Keep     string      // why teardown leaves it
	Err      error
	Duration time.Duration
}

// Report is the results of a phase, in the order of the list.
type Report struct {
	Results     []Result
	Interrupted bool
}

// Changes reports whether Apply would change anything.
func (r Report) Changes() bool {
	for _, res := range r.Results {
		if a := res.Planned; a != "" && a != ActionNone && a != ActionRefuse {
			return true
		}
	}
	return false
}

// Blockers are the results that keep Apply from starting: what only a person can mend,
// and what could not be looked at.
func (r Report) Blockers() []Result {
	var out []Result
	for _, res := range r.Results {
		var skipped *NotRunError
		if errors.As(res.Err, &skipped) {
			continue
		}
		if res.Seen.Status == Blocked || res.Err != nil {
			out = append(out, res)
		}
	}
	return out
}
