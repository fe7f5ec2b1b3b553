package pipeline

import (
	"context"
	"errors"
	"time"
)

// The pauses between two looks double from the first to the longest.
const (
	firstPause   = 250 * time.Millisecond
	longestPause = 4 * time.Second
)

// wait is the one loop in which the engine waits: with a bound, a reason, and pauses
// that grow.
type wait struct {
	run   Run
	id    ID
	bound time.Duration
	began time.Time
	next  time.Duration
}

func (r Run) newWait(id ID, bound time.Duration) *wait {
	return &wait{run: r, id: id, bound: bound, began: time.Now(), next: firstPause}
}

// pause waits before the next look and says what for. It fails when the bound or the
// context has run out; last is the last error, if there was one.
func (w *wait) pause(ctx context.Context, reason string, last error) error {
	elapsed := time.Since(w.began)
	left := w.bound - elapsed
	if left <= 0 {
		return &TimeoutError{After: w.bound, Last: reason, Err: last}
	}
	w.run.emit(Event{Kind: Waiting, ID: w.id, Wait: Wait{For: reason, Elapsed: elapsed, Bound: w.bound}})
	t := time.NewTimer(min(w.next, left))
	defer t.Stop()
	w.next = min(2*w.next, longestPause)
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return &TimeoutError{After: time.Since(w.began), Last: reason, Err: last}
		}
		return ErrInterrupted
	}
}
