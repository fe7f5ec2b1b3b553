package pipeline

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Look looks at every step, all at the same time where facts allow it, and changes
// nothing. With Wait it looks again at what is Pending until that is over.
//
// The error is that of the list itself; what looking met is in the Report.
func (r Run) Look(ctx context.Context) (Report, error) {
	r, err := r.prepare()
	if err != nil {
		return Report{}, err
	}
	met, learned := newMet(len(r.Steps)), newMet(len(r.Steps))
	results := r.each(Looked, Step.before, func(i int) Result {
		s := r.Steps[i]
		res := start(s)
		if missing := learned.firstMissing(s.Facts); missing != "" {
			res.Err = &NotRunError{Why: "needs " + string(missing)}
			return res
		}
		if missing := met.firstMissing(s.lookNeeds()); missing != "" {
			res.Err = &NotRunError{Why: "needs " + string(missing)}
			return res
		}
		began := time.Now()
		res.Seen, res.Err = r.lookAt(ctx, s)
		res.Duration = time.Since(began)
		if errors.Is(res.Err, ErrInterrupted) { // it says nothing of the world
			res.Err = &NotRunError{Why: ErrInterrupted.Error()}
			return res
		}
		res.Planned = s.planned(res.Seen)
		ok := res.Err == nil && res.Seen.Status == Met
		met.set(s.ID, ok || res.Seen.Barred)
		learned.set(s.ID, ok || res.Seen.Learned)
		return res
	})
	return Report{Results: results, Interrupted: errors.Is(ctx.Err(), context.Canceled)}, nil
}

// planned is what Apply would do about what was seen. What can't be applied is not planned.
func (s Step) planned(obs Observation) Action {
	if next := obs.Next(); s.Apply != nil || next == ActionRefuse {
		return next
	}
	return ActionNone
}

// lookNeeds are the needs that hold up looking.
func (s Step) lookNeeds() []ID {
	if s.Apply != nil {
		return nil
	}
	return s.Needs
}

// before is what a step waits for before it is looked at.
func (s Step) before() []ID {
	return slices.Concat(s.Facts, s.lookNeeds(), s.After)
}

// lookAt looks at one step, and again while it is pending and r.Wait lasts.
func (r Run) lookAt(ctx context.Context, s Step) (Observation, error) {
	w := r.newWait(s.ID, r.Wait)
	telling := r.telling(ctx, s.ID)
	for {
		if ctx.Err() != nil {
			return Observation{}, cutShort(ctx)
		}
		obs, err := s.Observe(telling)
		reason, again := pending(obs, err)
		if !again || r.Wait == 0 {
			return obs, endedBy(ctx, obs, err)
		}
		if werr := w.pause(ctx, reason, err); werr != nil {
			return obs, werr
		}
	}
}

// pending tells whether time alone may mend what a look saw, and what it saw.
func pending(obs Observation, err error) (string, bool) {
	var p *PendingError
	if errors.As(err, &p) {
		return p.Error(), true
	}
	return obs.Detail, err == nil && obs.Pending && obs.Status != Met
}

// interrupted is the error of a step that the end of ctx kept from running.
func interrupted(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ErrOutOfTime
	}
	return ErrInterrupted
}

// cutShort is the error of a look that the end of ctx kept from an answer: whether the claim
// holds is open then.
func cutShort(ctx context.Context) error {
	if err := interrupted(ctx); !errors.Is(err, ErrOutOfTime) {
		return err
	}
	return &UnansweredError{Err: ErrOutOfTime}
}

// endedBy gives err, unless no more than the end of ctx lies behind it: a look that was left
// without an answer until then may still know who gave none.
func endedBy(ctx context.Context, obs Observation, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	knows := obs.Remedy.Code != "" || !errors.Is(err, context.DeadlineExceeded)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && knows {
		return err
	}
	return cutShort(ctx)
}

// interruptedOr gives err, unless the end of ctx is what lies behind it.
func interruptedOr(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return interrupted(ctx)
	}
	return err
}
