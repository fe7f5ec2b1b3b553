package emulator

import (
	"net/http"
	"strconv"
	"testing"
	"time"
)

// dateOf is the Date header of an answer, against the machine's clock.
func (c *cloud) dateOf(t *testing.T, path string) time.Duration {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	header, _ := roundTrip(t, req)
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		t.Fatalf("Date: %v", err)
	}
	return time.Until(date)
}

func TestDateShowsTheSkewAndNothingElse(t *testing.T) {
	c := start(t, Options{Skew: 45 * time.Second, Buckets: []string{"acme-data"}})
	paths := []string{"/v1/projects/acme-prod", "/storage/v1/b/acme-data", "/acme-data/none", "/v1/nothing-here"}
	near := func(want time.Duration) {
		t.Helper()
		for _, path := range paths {
			if got := c.dateOf(t, path); got < want-10*time.Second || got > want+time.Second {
				t.Errorf("%s: Date is %s ahead, want %s", path, got, want)
			}
		}
	}
	near(45 * time.Second)
	c.Advance(2 * time.Hour)
	near(45 * time.Second)
	c.send(t, "POST /_emulator/clock?skew=-90s")
	near(-90 * time.Second)
	c.send(t, "POST /_emulator/clock?skew=0s")
	near(0)
}

// TestTokensAreJudgedByTheSkewedClock is the cluster whose clock is right while
// Google's is not, or the other way round.
func TestTokensAreJudgedByTheSkewedClock(t *testing.T) {
	for name, tt := range map[string]struct {
		skew    time.Duration
		stale   bool
		expires float64 // expires_in of the answer
	}{
		"5.2 59 s behind is borne":         {-59 * time.Second, false, 3598},
		"5.2 two minutes behind is not":    {-2 * time.Minute, true, 0},
		"5.3 a minute ahead costs a life":  {time.Minute, false, 3538},
		"5.2 expired on the skew":          {time.Hour + 59*time.Second, false, 0},
		"5.2 expired an hour ahead and so": {time.Hour + 61*time.Second, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.SetSkew(tt.skew)
			r := w.exchange(nil)
			stale := r.at("error_description") == "ID Token issued at "+strconv.FormatInt(noon.Unix(), 10)+" is stale to sign-in."
			if stale != tt.stale || (!stale && r.status != http.StatusOK) {
				t.Fatalf("got %d: %s", r.status, r.text)
			}
			if left, _ := r.at("expires_in").(float64); left != tt.expires {
				t.Errorf("expires_in %v, want %v", left, tt.expires)
			}
		})
	}
}

func TestSkewMakesNoTimePass(t *testing.T) {
	w := newWorld(t)
	federated, _ := w.exchange(nil).at("access_token").(string)
	w.SetSkew(3 * time.Hour)
	r := w.impersonate(federated, `{"scope":["`+cloudPlatform+`"]}`)
	if r.status != http.StatusOK {
		t.Fatalf("the token died of the skew: %s", r.text)
	}
	if want := noon.Add(4 * time.Hour).Format(time.RFC3339); r.at("expireTime") != want {
		t.Errorf("expireTime %v, want %s: by Google's clock", r.at("expireTime"), want)
	}
	w.Advance(time.Hour)
	if r := w.impersonate(federated, `{"scope":["`+cloudPlatform+`"]}`); r.status != http.StatusUnauthorized {
		t.Errorf("after an hour: got %d, want 401", r.status)
	}
}
