package pipeline

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func claim(code string, needs ...string) Claim {
	return Claim{Code: code, Text: code + " holds", Needs: needs}
}

// told is what Judge says, as "CODE verdict reason".
func told(results ...Result) []string {
	var out []string
	for _, j := range (Report{Results: results}).Judge() {
		line := j.Code + " " + j.Verdict.String()
		if why := j.Because + j.Detail; why != "" {
			line += ": " + why
		}
		out = append(out, line)
	}
	return out
}

func TestOneCauseIsToldOnce(t *testing.T) {
	whole := Observation{Status: Met, Detail: "all of it"}
	wrong := func(code string) Observation {
		return Observation{Status: Drifted, Detail: "differs", Remedy: Remedy{Code: code}}
	}
	denied := errors.New("pools.get denied")
	pool := func(seen Observation, err error) Result {
		return Result{ID: "pool", Claims: []Claim{claim("A1"), claim("A2", "A1"), claim("A3", "A2")}, Seen: seen, Err: err}
	}
	provider := func(seen Observation) Result {
		return Result{ID: "provider", Claims: []Claim{claim("B1", "A2"), claim("B2", "B1"), claim("B3", "B1")}, Seen: seen}
	}
	lint := Claim{Code: "L1", Text: "it is well done", Needs: []string{"A1"}, Lint: true}
	for _, c := range []struct {
		name    string
		results []Result
		want    []string
	}{
		{"all is true", []Result{pool(whole, nil), provider(whole)},
			[]string{"A1 pass", "A2 pass", "A3 pass: all of it", "B1 pass", "B2 pass", "B3 pass: all of it"}},
		{"the claim of the remedy fails, those before it hold, those that need it are skipped", []Result{pool(wrong("A2"), nil), provider(wrong("B1"))},
			[]string{"A1 pass", "A2 fail: differs", "A3 skip: needs A2", "B1 skip: needs A2", "B2 skip: needs B1", "B3 skip: needs B1"}},
		{"what does not need it is judged", []Result{pool(wrong("A3"), nil), provider(wrong("B3"))},
			[]string{"A1 pass", "A2 pass", "A3 fail: differs", "B1 pass", "B2 pass", "B3 fail: differs"}},
		{"a failure that no remedy names is the first claim's", []Result{pool(Observation{}, errors.New("status 500"))},
			[]string{"A1 fail: status 500", "A2 skip: needs A1", "A3 skip: needs A2"}},
		{"what nobody could look at is skipped, and what was seen beyond it is told", []Result{pool(Observation{Barred: true}, denied), provider(wrong("B2"))},
			[]string{"A1 skip: pools.get denied", "A2 skip: pools.get denied", "A3 skip: pools.get denied", "B1 skip: needs A2", "B2 fail: differs", "B3 skip: needs B1"}},
		{"a look that nobody answered belies no claim", []Result{pool(Observation{Remedy: Remedy{Code: "A1"}}, &UnansweredError{Err: denied}), provider(wrong("B2"))},
			[]string{"A1 skip: could not look: pools.get denied", "A2 skip: could not look: pools.get denied", "A3 skip: could not look: pools.get denied",
				"B1 skip: needs A2", "B2 fail: differs", "B3 skip: needs B1"}},
		{"what it saw before nobody answered holds", []Result{pool(Observation{}, &UnansweredError{Claim: "A2", Err: denied})},
			[]string{"A1 pass", "A2 skip: could not look: pools.get denied", "A3 skip: needs A2"}},
		{"what is whole holds, whatever could not be looked at", []Result{pool(Observation{Barred: true}, denied), provider(whole)},
			[]string{"A1 skip: pools.get denied", "A2 skip: pools.get denied", "A3 skip: pools.get denied", "B1 pass", "B2 pass", "B3 pass: all of it"}},
		{"a step that was not run is skipped whole", []Result{{Claims: []Claim{claim("A1")}, Err: &NotRunError{Why: "needs issuer"}}},
			[]string{"A1 skip: needs issuer"}},
		{"a look that saw nothing is no success", []Result{pool(Observation{}, nil)},
			[]string{"A1 skip: unknown", "A2 skip: unknown", "A3 skip: unknown"}},
		{"findings speak for single claims", []Result{pool(Observation{Status: Drifted, Remedy: Remedy{Code: "A2"}, Findings: []Finding{
			{Code: "A2", Verdict: Fail, Detail: "two"}, {Code: "A3", Verdict: Warn, Detail: "three"}}}, nil)},
			[]string{"A1 pass", "A2 fail: two", "A3 skip: needs A2"}},
		{"a warning is none where there is nothing to warn of", []Result{pool(wrong("A1"), nil), {Claims: []Claim{lint}, Seen: Observation{
			Status: Met, Findings: []Finding{{Code: "L1", Verdict: Warn, Detail: "wide"}}}}},
			[]string{"A1 fail: differs", "A2 skip: needs A1", "A3 skip: needs A2", "L1 skip: needs A1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, told(c.results...)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
