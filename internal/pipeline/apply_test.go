package pipeline

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// world is a small thing to have claims about: names that exist or do not.
type world struct {
	mu     sync.Mutex
	exists map[ID]bool
	calls  []string
}

func newWorld(existing ...ID) *world {
	w := &world{exists: map[ID]bool{}}
	for _, id := range existing {
		w.exists[id] = true
	}
	return w
}

func (w *world) note(s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, s)
}

func (w *world) has(id ID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.exists[id]
}

func (w *world) put(id ID, there bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.exists[id] = there
}

// step is a step that creates and removes one name of the world.
func (w *world) step(id ID, needs ...ID) Step {
	return Step{
		Check: Check{ID: id, Claim: string(id) + " exists", Needs: needs,
			Observe: func(context.Context) (Observation, error) {
				if w.has(id) {
					return Observation{Status: Met, Owner: Ours}, nil
				}
				return Observation{Status: Absent}, nil
			}},
		Apply: func(context.Context, Observation) (Outcome, error) {
			w.note("create " + string(id))
			w.put(id, true)
			return Created, nil
		},
		Remove: func(context.Context, Observation) error {
			w.note("remove " + string(id))
			w.put(id, false)
			return nil
		},
	}
}

func setup(t *testing.T, r Run) Report {
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

func outcomes(rep Report) map[ID]Outcome {
	got := map[ID]Outcome{}
	for _, res := range rep.Results {
		got[res.ID] = res.Outcome
	}
	return got
}

func TestSetupCreatesInTheOrderOfTheNeedsAndThenNothing(t *testing.T) {
	w := newWorld()
	r := Run{Steps: []Step{w.step("pool"), w.step("provider", "pool"), w.step("binding", "provider")}}
	first := setup(t, r)
	if !first.OK() {
		t.Fatalf("first run: %+v", first)
	}
	want := []string{"create pool", "create provider", "create binding"}
	if diff := cmp.Diff(want, w.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	second := setup(t, r)
	if diff := cmp.Diff(want, w.calls); diff != "" {
		t.Errorf("the second run changed something (-want +got):\n%s", diff)
	}
	wantOut := map[ID]Outcome{"pool": Unchanged, "provider": Unchanged, "binding": Unchanged}
	if diff := cmp.Diff(wantOut, outcomes(second)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

func TestWhatNeedsAFailedStepIsNotRunAndTheRestFinishes(t *testing.T) {
	w := newWorld()
	denied := errors.New("denied")
	pool := w.step("pool")
	pool.Apply = func(context.Context, Observation) (Outcome, error) { return "", denied }
	rep := setup(t, Run{Steps: []Step{pool, w.step("provider", "pool"), w.step("account")}})

	want := map[ID]Outcome{"pool": Failed, "provider": Skipped, "account": Created}
	if diff := cmp.Diff(want, outcomes(rep)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if err := rep.Of("pool").Err; !errors.Is(err, denied) {
		t.Errorf("pool's error: %v", err)
	}
	if got := rep.Of("provider").Err.Error(); got != "not run: needs pool" {
		t.Errorf("provider's error: %q", got)
	}
}

func TestABlockerSeenBeforeTheFirstChangeKeepsEverythingAsItIs(t *testing.T) {
	w := newWorld()
	bucket := w.step("bucket")
	bucket.Observe = func(context.Context) (Observation, error) {
		return Observation{Status: Blocked, Detail: "no such bucket"}, nil
	}
	rep := setup(t, Run{Steps: []Step{w.step("pool"), bucket}})
	if len(w.calls) != 0 {
		t.Errorf("changed: %v", w.calls)
	}
	var blocked *BlockedError
	if !errors.As(rep.Of("bucket").Err, &blocked) || rep.OK() {
		t.Errorf("report: %+v", rep)
	}
}

func TestAChangeIsWaitedForInTheStepsOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		var made time.Time
		account := w.step("account")
		account.Within = time.Minute
		account.Observe = func(context.Context) (Observation, error) {
			if made.IsZero() || time.Since(made) < 40*time.Second {
				return Observation{Status: Absent, Detail: "not visible yet"}, nil
			}
			return Observation{Status: Met}, nil
		}
		account.Apply = func(context.Context, Observation) (Outcome, error) {
			made = time.Now()
			return Created, nil
		}
		var waits []string
		rep := setup(t, Run{Steps: []Step{account}, Emit: func(e Event) {
			if e.Kind == Waiting {
				waits = append(waits, e.Wait.For)
			}
		}})
		if !rep.OK() || rep.Of("account").Outcome != Created {
			t.Errorf("report: %+v", rep)
		}
		if len(waits) == 0 || waits[0] != "not visible yet" {
			t.Errorf("waits: %q", waits)
		}
		if took := time.Since(made); took < 40*time.Second || took > 45*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

func TestAClaimThatNeverComesTrueEndsWithItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		s := w.step("proof")
		s.Apply, s.Within = nil, 10*time.Minute
		s.Observe = func(context.Context) (Observation, error) {
			return Observation{Status: Absent, Detail: "403", Pending: true}, nil
		}
		began := time.Now()
		rep := setup(t, Run{Steps: []Step{s}})
		var late *TimeoutError
		if !errors.As(rep.Of("proof").Err, &late) || late.Last != "403" {
			t.Errorf("error: %v", rep.Of("proof").Err)
		}
		if took := time.Since(began); took != 10*time.Minute {
			t.Errorf("took %s", took)
		}
	})
}

func TestAnAcceptedChangeThatIsNotSeenIsAFailure(t *testing.T) {
	w := newWorld()
	s := w.step("pool")
	s.Apply = func(context.Context, Observation) (Outcome, error) { return Created, nil }
	rep := setup(t, Run{Steps: []Step{s}})
	var unseen *NotSeenError
	if !errors.As(rep.Of("pool").Err, &unseen) {
		t.Errorf("error: %v", rep.Of("pool").Err)
	}
}

func TestAPendingApplyIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		s := w.step("binding")
		s.Within = time.Minute
		create, tries := s.Apply, 0
		s.Apply = func(ctx context.Context, o Observation) (Outcome, error) {
			if tries++; tries < 3 {
				return "", Pending(errors.New("pool does not exist"))
			}
			return create(ctx, o)
		}
		rep := setup(t, Run{Steps: []Step{s}})
		if !rep.OK() || tries != 3 {
			t.Errorf("tries %d, report %+v", tries, rep)
		}
	})
}

func TestIndependentStepsAreAppliedAtTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		slow := func(id ID) Step {
			s := w.step(id)
			create := s.Apply
			s.Apply = func(ctx context.Context, o Observation) (Outcome, error) {
				select {
				case <-time.After(3 * time.Second):
				case <-ctx.Done():
				}
				return create(ctx, o)
			}
			return s
		}
		began := time.Now()
		setup(t, Run{Steps: []Step{slow("pool"), slow("account"), slow("namespace")}})
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("took %s, which is not the longest of them", took)
		}
	})
}

func TestAnInterruptedChangeIsFinishedAndTheRestIsNotStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		w := newWorld()
		pool := w.step("pool")
		create := pool.Apply
		pool.Apply = func(ctx context.Context, o Observation) (Outcome, error) {
			stop()
			select {
			case <-time.After(2 * time.Second):
			case <-ctx.Done():
				return "", ctx.Err()
			}
			return create(ctx, o)
		}
		r := Run{Steps: []Step{pool, w.step("provider", "pool")}}
		looked, err := r.Look(ctx)
		if err != nil {
			t.Fatal(err)
		}
		rep, err := r.Apply(ctx, looked)
		if err != nil {
			t.Fatal(err)
		}
		want := map[ID]Outcome{"pool": Created, "provider": Skipped}
		if diff := cmp.Diff(want, outcomes(rep)); diff != "" || !rep.Interrupted {
			t.Errorf("interrupted %t, outcomes (-want +got):\n%s", rep.Interrupted, diff)
		}
	})
}

func TestAHangingChangeIsAbandonedAfterTheGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		w := newWorld()
		pool := w.step("pool")
		pool.Apply = func(ctx context.Context, _ Observation) (Outcome, error) {
			stop()
			<-ctx.Done()
			return "", ctx.Err()
		}
		r := Run{Steps: []Step{pool}, Grace: 7 * time.Second}
		looked, _ := r.Look(ctx)
		began := time.Now()
		rep, _ := r.Apply(ctx, looked)
		if !errors.Is(rep.Of("pool").Err, ErrInterrupted) || time.Since(began) != 7*time.Second {
			t.Errorf("after %s: %v", time.Since(began), rep.Of("pool").Err)
		}
	})
}
