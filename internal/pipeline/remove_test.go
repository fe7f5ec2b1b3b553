package pipeline

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func teardown(t *testing.T, r Run) Report {
	t.Helper()
	looked, err := r.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rep, err := r.Remove(t.Context(), r.PlanRemoval(t.Context(), looked))
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func TestTeardownWalksBackwardsAndASecondOneFindsNothing(t *testing.T) {
	w := newWorld("pool", "provider", "binding")
	r := Run{Steps: []Step{w.step("pool"), w.step("provider", "pool"), w.step("binding", "provider")}}
	rep := teardown(t, r)
	if diff := cmp.Diff([]string{"remove binding", "remove provider", "remove pool"}, w.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	want := map[ID]Outcome{"pool": Removed, "provider": Removed, "binding": Removed}
	if diff := cmp.Diff(want, outcomes(rep)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	want = map[ID]Outcome{"pool": Gone, "provider": Gone, "binding": Gone}
	if diff := cmp.Diff(want, outcomes(teardown(t, r))); diff != "" {
		t.Errorf("second time (-want +got):\n%s", diff)
	}
}

func TestWhatIsNotOursIsKept(t *testing.T) {
	for _, owner := range []Owner{NobodyKnows, Theirs} {
		w := newWorld("pool")
		pool := w.step("pool")
		pool.Observe = func(context.Context) (Observation, error) {
			return Observation{Status: Met, Owner: owner}, nil
		}
		rep := teardown(t, Run{Steps: []Step{pool}})
		if got := rep.Of("pool"); got.Outcome != Kept || got.Keep != KeepTheirs || len(w.calls) != 0 {
			t.Errorf("owner %d: %+v, calls %v", owner, got, w.calls)
		}
	}
}

func TestWhatAFailedRemovalStillNeedsStaysAndTheRestGoes(t *testing.T) {
	w := newWorld("namespace", "account", "grant")
	denied := errors.New("denied")
	grant := w.step("grant", "account")
	grant.Remove = func(context.Context, Observation) error { return denied }
	rep := teardown(t, Run{Steps: []Step{w.step("namespace"), w.step("account"), grant}})
	want := map[ID]Outcome{"namespace": Removed, "account": Skipped, "grant": Failed}
	if diff := cmp.Diff(want, outcomes(rep)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if !errors.Is(rep.Of("grant").Err, denied) {
		t.Errorf("grant: %v", rep.Of("grant").Err)
	}
}

func TestARemovalThatIsNotSeenIsAFailure(t *testing.T) {
	w := newWorld("pool")
	pool := w.step("pool")
	pool.Remove = func(context.Context, Observation) error { return nil }
	rep := teardown(t, Run{Steps: []Step{pool}})
	if rep.Of("pool").Err == nil {
		t.Errorf("%+v", rep.Of("pool"))
	}
}

func TestKeepIsAskedAgainOnceWhatItDependsOnHasGone(t *testing.T) {
	w := newWorld("pool", "provider")
	pool := w.step("pool")
	pool.Keep = func(context.Context, Observation) (string, error) {
		if w.has("provider") {
			return "provider lives in it", nil
		}
		return "", nil
	}
	rep := teardown(t, Run{Steps: []Step{pool, w.step("provider", "pool")}})
	want := map[ID]Outcome{"pool": Removed, "provider": Removed}
	if diff := cmp.Diff(want, outcomes(rep)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}
