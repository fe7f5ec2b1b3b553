package pipeline

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestALookThatTakesLongTellsWhatItWaitsFor(t *testing.T) {
	want := Wait{For: "Unschedulable", Elapsed: time.Second, Bound: time.Minute}
	var got []Wait
	r := Run{
		Emit: func(e Event) {
			if e.Kind == Waiting && e.ID == "pod" {
				got = append(got, e.Wait)
			}
		},
		Steps: []Step{{Check: Check{ID: "pod", Claim: "x", Observe: func(ctx context.Context) (Observation, error) {
			Tell(ctx, want)
			return Observation{Status: Met}, nil
		}}}},
	}
	if _, err := r.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Wait{want}, got); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	Tell(t.Context(), want) // nobody listens
}

// What comes after another check is looked at when that is over, even if it failed.
func TestAfterIsAnOrderAndNotANeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var at time.Duration
		r := Run{Steps: []Step{
			{Check: Check{ID: "proof", Claim: "x", Observe: func(context.Context) (Observation, error) {
				<-time.After(time.Second)
				return Observation{}, errors.New("refused")
			}}},
			{Check: Check{ID: "pod", Claim: "x", After: []ID{"proof"}, Observe: func(context.Context) (Observation, error) {
				at = time.Since(began)
				return Observation{Status: Met}, nil
			}}},
		}}
		rep, err := r.Look(t.Context())
		if err != nil || rep.Of("pod").Seen.Status != Met || at != time.Second {
			t.Errorf("looked after %s: %+v, %v", at, rep.Of("pod"), err)
		}
	})
	backwards := []Step{{Check: Check{ID: "pod", Claim: "x", After: []ID{"proof"}, Observe: func(context.Context) (Observation, error) {
		return Observation{}, nil
	}}}}
	if Validate(backwards) == nil {
		t.Error("a check may come after one that is not in the list")
	}
}
