package pipeline

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// run looks and applies.
func lookAndApply(t *testing.T, r Run) Report {
	t.Helper()
	looked, err := r.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rep, err := r.Apply(t.Context(), looked)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func TestALostAnswerIsLookedAtAndCalledWhatItDid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		s := w.step("a")
		s.Within = time.Minute
		s.Apply = func(context.Context, Observation) (Outcome, error) {
			w.note("create a")
			w.put("a", true)
			return Created, Pending(errors.New("the connection broke"))
		}
		rep := lookAndApply(t, Run{Steps: []Step{s}})
		if got := rep.Of("a"); got.Outcome != Created || got.Err != nil || len(w.calls) != 1 {
			t.Errorf("got %s, %v, %d calls; want it created, by one call", got.Outcome, got.Err, len(w.calls))
		}
	})
}

// Somebody was quicker and then took it away again: what Apply found done has to be done.
func TestWhatApplyFoundDoneAndIsNotIsDoneAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		s := w.step("a")
		s.Within = time.Minute
		tries := 0
		s.Apply = func(context.Context, Observation) (Outcome, error) {
			if tries++; tries == 1 {
				return Unchanged, nil
			}
			w.put("a", true)
			return Created, nil
		}
		rep := lookAndApply(t, Run{Steps: []Step{s}})
		if got := rep.Of("a"); got.Outcome != Created || got.Err != nil || tries != 2 {
			t.Errorf("got %s, %v after %d tries; want it created by the second", got.Outcome, got.Err, tries)
		}
	})
}

func TestARemedyIsThatOfTheFailureAndNotOfTheLookBefore(t *testing.T) {
	denied := Remedy{Code: "WIF122", Run: []string{"grant the role"}}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"a failure with a remedy": {&RemediedError{Err: errors.New("denied"), Remedy: denied}, "WIF122"},
		"a failure without one":   {errors.New("broken"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := Step{
				Check: Check{ID: "a", Claim: "a exists", Observe: func(context.Context) (Observation, error) {
					return Observation{Status: Absent, Remedy: Remedy{Code: "WIF301"}}, nil
				}},
				Apply: func(context.Context, Observation) (Outcome, error) { return "", c.err },
			}
			rep := lookAndApply(t, Run{Steps: []Step{s}})
			if got := rep.Of("a"); got.Seen.Remedy.Code != c.want || !errors.Is(got.Err, c.err) {
				t.Errorf("got remedy %q and %v, want %q and %v", got.Seen.Remedy.Code, got.Err, c.want, c.err)
			}
		})
	}
}

func TestWhatWasNotLookedAtIsNotRemoved(t *testing.T) {
	w := newWorld("a")
	s := w.step("a")
	looked := Report{Results: []Result{{ID: "a", Err: &NotRunError{Why: "needs facts"}}}}
	rep, err := Run{Steps: []Step{s}}.Remove(t.Context(), looked)
	if err != nil {
		t.Fatal(err)
	}
	if got := rep.Of("a"); got.Outcome != Skipped || !w.has("a") {
		t.Errorf("got %s, still there %t; want it skipped and left", got.Outcome, w.has("a"))
	}
}

func TestWhatCannotBeSeenIsWaitedForAndNotChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looks, applied := 0, false
		s := Step{
			Check: Check{ID: "a", Claim: "a exists", Within: time.Minute, Observe: func(context.Context) (Observation, error) {
				if looks++; looks < 4 {
					return Observation{Status: Unknown, Detail: "not visible"}, nil
				}
				return Observation{Status: Met}, nil
			}},
			Apply: func(context.Context, Observation) (Outcome, error) { applied = true; return Created, nil },
		}
		rep := lookAndApply(t, Run{Steps: []Step{s}})
		if got := rep.Of("a"); got.Outcome != Unchanged || got.Err != nil || applied {
			t.Errorf("got %s, %v, applied %t; want it seen in the end, and unchanged", got.Outcome, got.Err, applied)
		}
	})
}
