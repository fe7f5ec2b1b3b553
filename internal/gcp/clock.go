package gcp

import (
	"net/http"
	"sync"
	"time"
)

// remoteClock learns Google's clock from the Date of its answers, which is in whole seconds
// (https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1). The answer that came quickest
// tells it best.
type remoteClock struct {
	mu    sync.Mutex
	known bool
	took  time.Duration
	ahead time.Duration
}

// read takes note of an answer to a request that began at a time.
func (c *remoteClock) read(resp *http.Response, began time.Time) {
	if resp == nil || resp.Header.Get("Age") != "" { // a cache's answer is of another time
		return
	}
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return
	}
	took := time.Since(began)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known && took >= c.took {
		return
	}
	middle := began.Add(took / 2)
	c.known, c.took, c.ahead = true, took, middle.Sub(date.Add(time.Second/2)).Round(time.Second)
}

// Skew is how far the local clock is ahead of Google's, in whole seconds and negative when
// behind, by the answers so far. known is false while none of them had a date.
func (c *Client) Skew() (ahead time.Duration, known bool) {
	c.wire.clock.mu.Lock()
	defer c.wire.clock.mu.Unlock()
	return c.wire.clock.ahead, c.wire.clock.known
}
