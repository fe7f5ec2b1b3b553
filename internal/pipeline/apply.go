package pipeline

import (
	"cmp"
	"context"
	"errors"
	"time"
)

// Apply makes every claim true that looked found not to be, in the order of the needs,
// independent steps at the same time, and looks again after each change.
//
// It does not start where looked has Blockers: what only a person can mend is told
// before the first change, and not in the middle. If a step fails, what needs it is not
// run and everything else still finishes.
func (r Run) Apply(ctx context.Context, looked Report) (Report, error) {
	r, err := r.prepare()
	if err != nil {
		return Report{}, err
	}
	if len(looked.Blockers()) > 0 {
		return refused(looked), nil
	}
	state := newMet(len(r.Steps))
	results := r.each(Finished, Step.after, func(i int) Result {
		s, res := r.Steps[i], looked.Results[i]
		if missing := state.firstMissing(s.after()); missing != "" {
			return notRun(res, "needs "+string(missing))
		}
		if ctx.Err() != nil {
			return notRun(res, interrupted(ctx).Error())
		}
		stale := res.Seen.Status == Unknown || state.anyChanged(s.after())
		res = r.settle(ctx, s, res, stale)
		state.set(s.ID, res.Err == nil && res.Seen.Status == Met)
		state.setChanged(s.ID, res.Outcome.Changed() || res.Seen.Status != Met)
		return res
	})
	return Report{Results: results, Interrupted: errors.Is(ctx.Err(), context.Canceled)}, nil
}

// after is what a step waits for before it is applied.
func (s Step) after() []ID {
	return append(append([]ID(nil), s.Facts...), s.Needs...)
}

func notRun(res Result, why string) Result {
	res.Err = &NotRunError{Why: why}
	res.Outcome = Skipped
	return res
}

// refused is the report of a run that changed nothing because somebody must act first.
func refused(looked Report) Report {
	out := Report{Interrupted: looked.Interrupted}
	for _, res := range looked.Results {
		switch {
		case res.Seen.Status == Blocked && res.Err == nil:
			res.Outcome, res.Err = Failed, &BlockedError{Detail: res.Seen.Detail}
		case res.Err != nil && !isNotRun(res.Err):
			res.Outcome = Failed
		case res.Seen.Status == Met && res.Err == nil:
			res.Outcome = Unchanged
		default:
			res = notRun(res, "nothing is changed before the above is mended")
		}
		out.Results = append(out.Results, res)
	}
	return out
}

func isNotRun(err error) bool {
	var e *NotRunError
	return errors.As(err, &e)
}

// settle brings one step to Met: look, change, look again, wait.
func (r Run) settle(ctx context.Context, s Step, res Result, stale bool) Result {
	began := time.Now()
	t := &try{run: r, step: s, res: res, fresh: !stale}
	t.res.Err = nil
	w := r.newWait(s.ID, s.Within)
	for {
		reason, err := t.once(ctx)
		if reason == "" {
			t.res.Err = err
			break
		}
		if werr := w.pause(ctx, reason, err); werr != nil {
			t.res.Err = t.outOfTime(werr)
			break
		}
	}
	if t.res.Err != nil && !t.res.Outcome.Changed() {
		t.res.Outcome = Failed
	}
	t.res.Duration = time.Since(began)
	return t.res
}

// try is one step on its way to Met.
type try struct {
	run     Run
	step    Step
	res     Result
	fresh   bool // res.Seen is new enough to act on
	applied bool
	tried   Outcome // of an Apply whose answer was lost
}

// once looks, and applies if that is still to be done. A reason says that it is worth
// looking again later; without one the step is done, well or with an error.
func (t *try) once(ctx context.Context) (reason string, err error) {
	if reason, err, done := t.look(ctx); done {
		return reason, err
	}
	if ctx.Err() != nil {
		return "", interrupted(ctx)
	}
	t.run.emit(Event{Kind: Started, ID: t.step.ID, Result: t.res})
	change, release := graceful(ctx, t.run.Grace)
	defer release()
	out, err := t.step.Apply(change, t.res.Seen)
	t.fresh = false
	if err != nil {
		if reason, again := pending(Observation{}, err); again {
			t.tried = out // if it turns out to have worked, this is what was done
			return reason, err
		}
		t.res.Seen.Remedy = remedyOf(err)
		return "", interruptedOr(change, err)
	}
	t.applied = out.Changed() // what Apply found done already may have to be done again
	t.res.Outcome = out
	reason, err, done := t.look(change)
	if !done {
		reason = waitReason(t.res.Seen) // look again, and apply again if need be
	}
	return reason, err
}

// look looks unless what was seen is fresh, and judges. done: there is nothing to apply now.
func (t *try) look(ctx context.Context) (reason string, err error, done bool) {
	if !t.fresh {
		if ctx.Err() != nil {
			return "", interrupted(ctx), true
		}
		obs, err := t.step.Observe(ctx)
		if reason, again := pending(Observation{}, err); again {
			return reason, err, true
		}
		if err != nil {
			return "", interruptedOr(ctx, err), true
		}
		t.res.Seen = obs
	}
	t.fresh = false
	obs := t.res.Seen
	switch {
	case obs.Status == Met:
		if t.res.Outcome == "" {
			t.res.Outcome = cmp.Or(t.tried, Unchanged)
		}
		return "", nil, true
	case obs.Status == Blocked:
		return "", &BlockedError{Detail: obs.Detail}, true
	case t.applied, obs.Pending, obs.Status == Unknown: // never change what could not be seen
		return waitReason(obs), nil, true
	case t.step.Apply == nil:
		return "", &BlockedError{Detail: obs.Detail}, true
	}
	return "", nil, false
}

func waitReason(obs Observation) string {
	if obs.Detail != "" {
		return obs.Detail
	}
	return obs.Status.String()
}

// outOfTime tells a change that was never seen from one that is still on its way.
func (t *try) outOfTime(err error) error {
	if t.applied && t.step.Within == 0 {
		return &NotSeenError{Outcome: t.res.Outcome, Status: t.res.Seen.Status, Detail: t.res.Seen.Detail}
	}
	return err
}
