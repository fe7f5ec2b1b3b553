package pipeline

import (
	"context"
	"errors"
	"time"
)

// KeepTheirs is why teardown leaves what it did not make.
const KeepTheirs = "not created by wifctl"

// PlanRemoval says, for everything that looked found, whether Remove would take it or
// why it stays. It changes nothing.
func (r Run) PlanRemoval(ctx context.Context, looked Report) Report {
	out := Report{Results: append([]Result(nil), looked.Results...), Interrupted: looked.Interrupted}
	for i := len(r.Steps) - 1; i >= 0; i-- {
		s, res := r.Steps[i], &out.Results[i]
		res.Planned = ActionNone
		if s.Remove == nil || res.Err != nil || !res.Seen.Found() {
			continue
		}
		if res.Keep, res.Err = s.keep(ctx, res.Seen); res.Keep == "" && res.Err == nil {
			res.Planned = ActionRemove
		}
	}
	return out
}

// keep says why what was seen stays; empty: it may go.
func (s Step) keep(ctx context.Context, obs Observation) (string, error) {
	if obs.Owner != Ours {
		return KeepTheirs, nil
	}
	if s.Keep == nil {
		return "", nil
	}
	return s.Keep(ctx, obs)
}

// Remove walks the list backwards, one step at a time, takes back what is ours, and
// looks again to see it gone. It goes on past failures, but what a step that could not
// be taken back still needs stays.
func (r Run) Remove(ctx context.Context, looked Report) (Report, error) {
	r, err := r.prepare()
	if err != nil {
		return Report{}, err
	}
	out := Report{Results: append([]Result(nil), looked.Results...)}
	at := r.index()
	failed := make(map[ID]ID) // a step that must stay, and the one that still needs it
	touched := make(map[ID]bool)
	for i := len(r.Steps) - 1; i >= 0; i-- {
		s := r.Steps[i]
		res := &out.Results[i]
		if s.Remove != nil {
			r.emit(Event{Kind: Begun, ID: s.ID})
			*res = r.removeOne(ctx, s, *res, failed[s.ID], touched[s.ID])
		}
		for _, id := range s.Needs {
			touched[id] = touched[id] || res.Outcome.Changed()
			if res.Err != nil && s.Remove != nil && r.Steps[at[id]].Remove != nil {
				failed[id] = s.ID
			}
		}
		r.emit(Event{Kind: Finished, ID: s.ID, Result: *res})
	}
	out.Interrupted = errors.Is(ctx.Err(), context.Canceled)
	return out, nil
}

func (r Run) removeOne(ctx context.Context, s Step, res Result, neededBy ID, stale bool) Result {
	began := time.Now()
	switch {
	case ctx.Err() != nil:
		return notRun(res, interrupted(ctx).Error())
	case isNotRun(res.Err): // its facts are not known, so looking now would be guessing
		res.Outcome = Skipped
		return res
	case neededBy != "":
		return notRun(res, string(neededBy)+" could not be removed and needs it")
	}
	change, release := graceful(ctx, r.Grace)
	defer release()
	res.Outcome, res.Err = r.takeBack(ctx, change, s, &res, stale)
	switch {
	case isNotRun(res.Err):
		res.Outcome = Skipped
	case res.Err != nil && !res.Outcome.Changed():
		res.Outcome = Failed
	}
	res.Duration = time.Since(began)
	return res
}

// takeBack looks, asks why it should stay, removes, and looks again until it is gone.
func (r Run) takeBack(ctx, change context.Context, s Step, res *Result, stale bool) (Outcome, error) {
	if stale || res.Err != nil {
		obs, err := s.Observe(ctx)
		if err != nil {
			return "", interruptedOr(ctx, err)
		}
		res.Seen = obs
	}
	if res.Seen.Status == Unknown {
		return "", &NotRunError{Why: "could not look: " + waitReason(res.Seen)}
	}
	if !res.Seen.Found() {
		return Gone, nil
	}
	why, err := s.keep(ctx, res.Seen)
	if err != nil {
		res.Seen.Remedy = remedyOf(err)
		return "", interruptedOr(ctx, err)
	}
	if res.Keep = why; why != "" {
		return Kept, nil
	}
	r.emit(Event{Kind: Started, ID: s.ID, Result: *res})
	if err := s.Remove(change, res.Seen); err != nil {
		res.Seen.Remedy = remedyOf(err)
		return "", interruptedOr(change, err)
	}
	return Removed, r.seeGone(ctx, change, s, res)
}

// seeGone looks until what was removed is no longer there.
func (r Run) seeGone(ctx, change context.Context, s Step, res *Result) error {
	w := r.newWait(s.ID, s.Within)
	for {
		obs, err := s.Observe(change)
		if err == nil {
			res.Seen = obs
			if !obs.Found() {
				return nil
			}
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
		if werr := w.pause(ctx, "removal not seen yet: "+waitReason(res.Seen), err); werr != nil {
			return werr
		}
	}
}
