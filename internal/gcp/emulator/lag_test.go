package emulator

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDividedLagsKeepTheirOrder(t *testing.T) {
	want := lags{
		polls: 2, newPool: 100 * time.Millisecond, poolMember: 1500 * time.Millisecond, newAccount: 250 * time.Millisecond, accountUse: 750 * time.Millisecond,
		grant: 3500 * time.Millisecond, revoke: 4500 * time.Millisecond, enable: 1500 * time.Millisecond, jwksRefresh: 250 * time.Millisecond,
	}
	if diff := cmp.Diff(want, LagTypical.delays(20), cmp.AllowUnexported(lags{})); diff != "" {
		t.Errorf("a twentieth (-want +got):\n%s", diff)
	}
}

// TestSettledIsInEffect is a revoke, which takes the longest.
func TestSettledIsInEffect(t *testing.T) {
	w := newWorld(t)
	w.lag = LagTypical.delays(1)
	w.bind()
	if at := w.walkIn().At; at != "storage" {
		t.Fatalf("just after the revoke it ends at %s", at)
	}
	w.Settle()
	if at := w.walkIn().At; at != "iamcredentials" {
		t.Errorf("settled, it ends at %s", at)
	}
}
