package emulator

import (
	"context"
	"net/http"
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
	skew   time.Duration
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

func (c *shiftedClock) setSkew(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skew = d
}

// shown is what Google's clock shows at a moment of its time.
func (c *shiftedClock) shown(at time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return at.Add(c.skew)
}

// date is the Date header of an answer: what Google's clock shows just now. It is
// the machine's time and the skew alone. Options.Clock and Advance are for what a
// test has no time to wait for; a client that looked at Date would take hours that
// passed in no time for a clock that is hours off.
func (c *shiftedClock) date() string {
	return c.shown(time.Now()).UTC().Format(http.TimeFormat)
}

// Advance lets d pass for the server: tokens expire, policies take effect and
// deleted pools are purged as if d had passed. It moves nobody else's clock, and
// not the Date header.
func (s *Server) Advance(d time.Duration) { s.clock.advance(d) }

// SetSkew sets Google's clock ahead of the machine's, or, if d is negative, behind
// it. That shows in the Date header of every answer and in when access tokens are
// said to expire, and the iat and exp of subject tokens are judged by it. No time
// passes: lags and the lives of tokens are as they were.
func (s *Server) SetSkew(d time.Duration) { s.clock.setSkew(d) }

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
