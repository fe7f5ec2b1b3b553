package emulator

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestPoliciesTakeEffectLate(t *testing.T) {
	const grantsAnn, revokesAnn = true, false
	type write struct {
		at      time.Duration
		granted bool
	}
	tests := []struct {
		name   string
		writes []write
		at     time.Duration
		want   bool
	}{
		{"a grant is not there after 69 s", []write{{0, grantsAnn}}, 69 * time.Second, false},
		{"a grant is there after 70 s", []write{{0, grantsAnn}}, 70 * time.Second, true},
		{"a revoke still lets in after 89 s", []write{{0, grantsAnn}, {100 * time.Second, revokesAnn}}, 189 * time.Second, true},
		{"a revoke keeps out after 90 s", []write{{0, grantsAnn}, {100 * time.Second, revokesAnn}}, 190 * time.Second, false},
		{"a grant taken back at once still shows", []write{{0, grantsAnn}, {10 * time.Second, revokesAnn}}, 80 * time.Second, true},
		{"and ends with the revoke", []write{{0, grantsAnn}, {10 * time.Second, revokesAnn}}, 100 * time.Second, false},
		{"a revoke overtaken by a new grant is forgotten", []write{{0, grantsAnn}, {100 * time.Second, revokesAnn}, {110 * time.Second, grantsAnn}}, 195 * time.Second, true},
	}
	owner := binding("roles/owner", "user:operator@example.com")
	for _, tt := range tests {
		t.Run("4.3 "+tt.name, func(t *testing.T) {
			c := start(t, Options{Lag: LagTypical, Clock: &stoppedClock{time.Unix(1_800_000_000, 0)}})
			var now time.Duration
			for _, w := range tt.writes {
				c.Advance(w.at - now)
				now = w.at
				bindings := owner
				if w.granted {
					bindings += "," + binding("roles/browser", "user:ann@acme.example")
				}
				c.must(t, setting("/v1/projects/acme-prod", bindings, ""))
			}
			c.Advance(tt.at - now)
			r := c.as(t, c.tokenOf("user:ann@acme.example"), "GET /v1/projects/acme-prod", "")
			if got := r.status == 200; got != tt.want {
				t.Errorf("let in: %v, want %v (%d)", got, tt.want, r.status)
			}
		})
	}
}

// stoppedClock moves only when the server's own offset does.
type stoppedClock struct{ now time.Time }

func (c *stoppedClock) Now() time.Time { return c.now }

func TestANewPoolIsNoMemberYet(t *testing.T) {
	c := startEnabled(t, Options{Lag: LagTypical})
	c.must(t, createPool)
	c.Advance(c.lag.newPool)
	set := setting("/v1/projects/acme-prod", binding("roles/owner", "user:operator@example.com")+","+binding("roles/viewer", setOfBar), "")
	if r := c.send(t, set); r.status != 400 || !strings.HasPrefix(fmt.Sprint(r.at("error.message")), "Identity Pool does not exist ("+poolName+")") {
		t.Errorf("2.3 13.7 the pool can be read and is no member yet, got %d", r.status)
	}
	c.Advance(c.lag.poolMember)
	c.must(t, set)
}
