package emulator

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestTheLastRequestsAreRemembered(t *testing.T) {
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxRequests + 7 {
		handle(t, s, http.MethodGet, fmt.Sprintf("/v1/nowhere/%d", i), "", "")
	}
	list := s.Requests()
	if len(list) != maxRequests || list[0].Path != "/v1/nowhere/7" || list[len(list)-1].Path != fmt.Sprintf("/v1/nowhere/%d", maxRequests+6) {
		t.Errorf("got %d, from %s to %s; want the last %d", len(list), list[0].Path, list[len(list)-1].Path, maxRequests)
	}
	for _, want := range []string{"7", "0"} {
		if got := s.requestsAnswer().header.Get("X-Emulator-Forgotten"); got != want {
			t.Errorf("X-Emulator-Forgotten is %q, want %q", got, want)
		}
		s.ResetRequests()
	}
}

func TestExpiredTokensAreDropped(t *testing.T) {
	c := startEnabled(t, Options{Clock: stillClock{}})
	issue := func(n int, life time.Duration) {
		for range n {
			c.issueToken(token{caller: caller{kind: tokenFederated}, expires: c.clock.Now().Add(life)})
		}
	}
	dead := &pool{poolFields: poolFields{Disabled: true}}
	asleep := c.issueToken(token{caller: caller{kind: tokenFederated}, expires: noon.Add(48 * time.Hour), pool: dead})
	for range 24 {
		issue(minSweep, time.Hour)
		c.Advance(time.Hour)
	}
	if n := len(c.tokens); n > 2*minSweep {
		t.Errorf("%d tokens are kept after 24 hours of %d an hour", n, minSweep)
	}
	if c.tokens[asleep] == nil {
		t.Error("a token of a disabled pool is gone: enabling the pool could not revive it")
	}
	if r := c.do(t, "GET /v1/projects/acme-prod", ""); r.status != http.StatusOK {
		t.Errorf("the operator's token is gone: %d", r.status)
	}
}
