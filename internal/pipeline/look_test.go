package pipeline

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAListIsRefusedForEveryMistakeAtOnce(t *testing.T) {
	look := func(context.Context) (Observation, error) { return Observation{}, nil }
	steps := []Step{
		{Check: Check{ID: "a", Claim: "a exists", Observe: look, Needs: []ID{"b"}}},
		{Check: Check{ID: "b", Observe: look}},
		{Check: Check{ID: "b", Claim: "b exists"}},
		{Check: Check{Claim: "c exists", Observe: look}},
	}
	steps[0].Claims = []Claim{{Code: "X1", Text: "x"}, {Code: "X1", Text: "again"}, {Code: "X2", Text: "y", Needs: []string{"X3"}}, {Code: "X3"}}
	err := Validate(steps)
	if err == nil {
		t.Fatal("accepted")
	}
	want := []string{
		"step a needs b, which does not come before it",
		"step a claims X1, which is claimed already",
		"claim X2 needs X3, which does not come before it",
		"step a has a claim without code or text",
		"step b claims nothing",
		"step b is listed twice",
		"step b has no way to look",
		"step 4 has no id",
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
	if _, err := (Run{Steps: steps}).Look(t.Context()); err == nil {
		t.Error("a bad list was run")
	}
}

func TestLookingIsParallelAndToldInTheOrderOfTheList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		after := func(d time.Duration) func(context.Context) (Observation, error) {
			return func(context.Context) (Observation, error) {
				<-time.After(d)
				return Observation{Status: Met}, nil
			}
		}
		var told, ended []ID
		r := Run{Emit: func(e Event) {
			switch e.Kind {
			case Looked:
				told = append(told, e.ID)
			case Ended:
				ended = append(ended, e.ID)
			}
		}, Steps: []Step{
			{Check: Check{ID: "slow", Claim: "x", Observe: after(3 * time.Second)}},
			{Check: Check{ID: "quick", Claim: "x", Observe: after(time.Second)}},
			{Check: Check{ID: "later", Claim: "x", Facts: []ID{"quick"}, Observe: after(time.Second)}},
		}}
		began := time.Now()
		rep, err := r.Look(t.Context())
		if err != nil || !rep.OK() {
			t.Fatalf("%v %+v", err, rep)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("took %s", took)
		}
		if diff := cmp.Diff([]ID{"slow", "quick", "later"}, told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]ID{"quick", "later", "slow"}, ended); diff != "" {
			t.Errorf("ended, for whoever watches (-want +got):\n%s", diff)
		}
	})
}

func TestWhatReadsAFactThatIsNotKnownIsNotLookedAt(t *testing.T) {
	looked := false
	r := Run{Steps: []Step{
		{Check: Check{ID: "project", Claim: "x", Observe: func(context.Context) (Observation, error) {
			return Observation{}, errors.New("denied")
		}}},
		{Check: Check{ID: "pool", Claim: "x", Facts: []ID{"project"}, Observe: func(context.Context) (Observation, error) {
			looked = true
			return Observation{Status: Met}, nil
		}}},
	}}
	rep, err := r.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if looked || rep.Of("pool").Seen.Status != Unknown {
		t.Errorf("looked %t: %+v", looked, rep.Of("pool"))
	}
	if got := rep.Of("pool").Err.Error(); got != "not run: needs project" {
		t.Errorf("error %q", got)
	}
	if n := len(rep.Blockers()); n != 1 {
		t.Errorf("%d blockers; what follows from the first is none", n)
	}
}

func TestAFactIsEnoughForLookingAndAProofWantsTheWhole(t *testing.T) {
	seen := func(o Observation) func(context.Context) (Observation, error) {
		return func(context.Context) (Observation, error) { return o, nil }
	}
	change := func(context.Context, Observation) (Outcome, error) { return Created, nil }
	steps := []Step{
		{Check: Check{ID: "known", Claim: "x", Observe: seen(Observation{Status: Blocked, Learned: true})}},
		{Check: Check{ID: "reads", Claim: "x", Facts: []ID{"known"}, Observe: seen(Observation{Status: Met})}},
		{Check: Check{ID: "made", Claim: "x", Needs: []ID{"known"}, Observe: seen(Observation{Status: Met})}, Apply: change},
		{Check: Check{ID: "proof", Claim: "x", Needs: []ID{"known", "reads"}, Observe: seen(Observation{Status: Met})}},
	}
	rep, err := Run{Steps: steps}.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []ID{"reads", "made"} {
		if got := rep.Of(id); got.Err != nil || got.Seen.Status != Met {
			t.Errorf("%s was not looked at: %+v", id, got)
		}
	}
	var skipped *NotRunError
	if got := rep.Of("proof").Err; !errors.As(got, &skipped) || skipped.Why != "needs known" {
		t.Errorf("proof: got %v, want it not run for known", got)
	}
}

func TestLookWaitsForThePendingOnlyAndOnlyWhenAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		proof := Step{Check: Check{ID: "proof", Claim: "x", Observe: func(context.Context) (Observation, error) {
			if time.Since(began) < 70*time.Second {
				return Observation{Status: Absent, Pending: true, Detail: "403"}, nil
			}
			return Observation{Status: Met}, nil
		}}}
		gone := Step{Check: Check{ID: "binding", Claim: "x", Observe: func(context.Context) (Observation, error) {
			return Observation{Status: Absent}, nil
		}}}
		if rep, _ := (Run{Steps: []Step{proof}}).Look(t.Context()); rep.OK() || time.Since(began) != 0 {
			t.Errorf("without Wait: %+v after %s", rep, time.Since(began))
		}
		rep, _ := Run{Steps: []Step{gone}, Wait: time.Minute}.Look(t.Context())
		if rep.OK() || time.Since(began) != 0 {
			t.Errorf("waited %s for what time cannot mend", time.Since(began))
		}
		rep, _ = Run{Steps: []Step{proof}, Wait: 5 * time.Minute}.Look(t.Context())
		if !rep.OK() || time.Since(began) > 75*time.Second {
			t.Errorf("with Wait: %+v after %s", rep, time.Since(began))
		}
	})
}

func TestTheZeroObservationIsNeverGoodNews(t *testing.T) {
	rep := Report{Results: []Result{{ID: "x"}}}
	if rep.OK() || (Observation{}).Found() || (Observation{}).Next() != ActionNone {
		t.Error("an observation that nobody filled in counts as true")
	}
}

// A proof whose effect is still on its way is nothing that setup would change.
func TestWhatCannotBeAppliedIsNoPendingChange(t *testing.T) {
	late := func(context.Context) (Observation, error) {
		return Observation{Status: Drifted, Pending: true}, nil
	}
	rep, err := Run{Steps: []Step{{Check: Check{ID: "proof", Claim: "it works", Observe: late}}}}.Look(t.Context())
	if err != nil || rep.Changes() || rep.OK() || rep.Of("proof").Planned != ActionNone {
		t.Errorf("got %+v, %v", rep, err)
	}
}

// What an interrupt kept from being seen is neither a failure nor in the way.
func TestALookThatIsInterruptedSaysNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	look := func(ctx context.Context) (Observation, error) {
		cancel()
		return Observation{}, ctx.Err()
	}
	change := func(context.Context, Observation) (Outcome, error) {
		t.Error("it was changed")
		return Created, nil
	}
	r := Run{Steps: []Step{{Check: Check{ID: "a", Claim: "a exists", Observe: look}, Apply: change}}}
	looked, err := r.Look(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if res := looked.Results[0]; !looked.Interrupted || !isNotRun(res.Err) || res.Planned == ActionRefuse {
		t.Errorf("interrupted %t, %v, planned %q", looked.Interrupted, res.Err, res.Planned)
	}
	rep, err := r.Apply(ctx, looked)
	if err != nil || !rep.Interrupted || rep.Results[0].Outcome != Skipped {
		t.Errorf("applied: %v, interrupted %t, %s", err, rep.Interrupted, rep.Results[0].Outcome)
	}
}

func TestALookThatIsCutShortByTheTimeIsOpenAndNoFailure(t *testing.T) {
	blames := &UnansweredError{Err: errors.New("no answer of https://a.invalid")}
	for name, tc := range map[string]struct {
		seen Observation
		err  error
		want string
	}{
		"nothing is known":             {err: context.DeadlineExceeded, want: "could not look: the time for the whole run was up"},
		"who gave no answer is known":  {err: blames, want: blames.Error()},
		"the look says what is to do":  {seen: Observation{Remedy: Remedy{Code: "X1"}}, err: context.DeadlineExceeded, want: context.DeadlineExceeded.Error()},
		"it was refused at the moment": {err: errors.New("not allowed"), want: "not allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				look := func(ctx context.Context) (Observation, error) {
					<-ctx.Done()
					return tc.seen, tc.err
				}
				late := func(context.Context) (Observation, error) {
					t.Error("looked at after the time was up")
					return Observation{}, nil
				}
				rep, err := Run{Steps: []Step{
					{Check: Check{ID: "a", Claim: "a", Claims: []Claim{{Code: "A1", Text: "a"}}, Observe: look}},
					{Check: Check{ID: "b", Claim: "b", Claims: []Claim{{Code: "B1", Text: "b"}}, After: []ID{"a"}, Observe: late}},
				}}.Look(ctx)
				if err != nil || rep.Results[0].Err.Error() != tc.want {
					t.Fatalf("%v, %v, want %s", err, rep.Results[0].Err, tc.want)
				}
				if b := rep.Judge()[1]; b.Verdict != Skip || !b.Dark {
					t.Errorf("what was not looked at: %+v", b)
				}
			})
		})
	}
}
