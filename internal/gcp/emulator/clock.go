package emulator

import (
	"context"
	"sync"
	"time"
)

// Clock tells the time. A nil Clock in Options is the machine's, which is the
// fake one inside testing/synctest.
type Clock interface {
	Now() time.Time
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

// shiftedClock runs ahead of another clock by what Advance added.
type shiftedClock struct {
	base Clock

	mu     sync.Mutex
	offset time.Duration
}

func (c *shiftedClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base.Now().Add(c.offset).UTC()
}

func (c *shiftedClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
}

// ahead is what advance added so far.
func (c *shiftedClock) ahead() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset
}

// Advance moves the server's clock forward by d: tokens expire, policies take
// effect and deleted pools are purged as if d had passed. It moves nobody
// else's clock.
func (s *Server) Advance(d time.Duration) { s.clock.advance(d) }

// wait returns after d of real time, or earlier with the context's error.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// timestamp is how Google writes a time in JSON.
func timestamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
