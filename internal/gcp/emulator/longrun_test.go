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

func TestTheLastOperationsAreRemembered(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, createPool)
	change := "PATCH " + poolPath + `?updateMask=description {"description":"d"}`
	first, _ := c.send(t, change).at("name").(string)
	c.must(t, "GET /v1/"+first)
	for range maxOperations - 1 {
		c.startOperation("projects/100200300400/locations/global/workloadIdentityPools/other", nil)
	}
	c.must(t, "GET /v1/"+first)
	last, _ := c.send(t, change).at("name").(string)
	c.must(t, "GET /v1/"+last)
	if r := c.send(t, "GET /v1/"+first); r.status != http.StatusNotFound {
		t.Errorf("after %d more the first one answers %d, want 404", maxOperations, r.status)
	}
	if n, m := len(c.operations.byName), len(c.operations.names); n != maxOperations || m != maxOperations {
		t.Errorf("%d and %d are kept, want %d", n, m, maxOperations)
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
