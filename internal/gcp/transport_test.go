package gcp

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	getAccount = "iam.projects.serviceAccounts.get"
	someone    = "gcs-reader@acme.iam.gserviceaccount.com"
)

func TestReadsAreRepeatedWhenGoogleIsBusy(t *testing.T) {
	busy := answerTo{method: getAccount, status: 503, body: refusal(503, "UNAVAILABLE", "later")}
	fine := answerTo{method: getAccount, body: `{"email":"` + someone + `"}`}
	for _, tc := range []struct {
		name    string
		answers []answerTo
		want    Reason
	}{
		{"twice busy, then fine", []answerTo{busy, busy, fine}, Unknown},
		{"busy for good ends after four attempts", []answerTo{busy, busy, busy, busy}, Unavailable},
		{"a refusal is final", []answerTo{{method: getAccount, status: 403, body: refusal(403, "PERMISSION_DENIED", "no")}}, PermissionDenied},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _, seen := follow(t, tc.answers...)
				_, _, err := c.ServiceAccount(t.Context(), "acme", someone)
				if got := ReasonOf(err); got != tc.want {
					t.Errorf("got %v, want reason %q", err, tc.want)
				}
				if got := len(seen.all); got != len(tc.answers) {
					t.Errorf("observed %d attempts, want %d", got, len(tc.answers))
				}
			})
		})
	}
}

func TestPostReadsAreRepeatedWithTheirBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ask = "cloudresourcemanager.projects.testIamPermissions"
		c, s, _ := follow(t, answerTo{method: ask, status: 500, body: "{}"}, answerTo{method: ask, body: `{"permissions":["storage.objects.get"]}`})
		held, err := c.Permissions(t.Context(), "acme", []string{"storage.objects.get"})
		if err != nil || len(held.Held) != 1 {
			t.Errorf("got %v, %v", held, err)
		}
		if s.bodies[0] == "" || s.bodies[0] != s.bodies[1] {
			t.Errorf("bodies differ: %q and %q", s.bodies[0], s.bodies[1])
		}
	})
}

func TestWritesAreSentOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, seen := follow(t, answerTo{method: "iam.projects.serviceAccounts.create", status: 503, body: refusal(503, "UNAVAILABLE", "later")})
		_, err := c.CreateServiceAccount(t.Context(), "acme", "gcs-reader", "", "")
		if ReasonOf(err) != Unavailable || ClassOf(err) != Contention {
			t.Errorf("got %v", err)
		}
		if !seen.all[0].Write {
			t.Error("a create was not observed as a write")
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	for _, tc := range []struct {
		name, after string
		atLeast     time.Duration
		attempts    int
	}{
		{"a wish in seconds", "20", 20 * time.Second, 2},
		{"a wish beyond patience ends the call", "3600", 0, 1},
		{"a wish that is no number is none", "soon", 0, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				answers := []answerTo{
					{method: getAccount, status: 429, body: refusal(429, "RESOURCE_EXHAUSTED", "slowly"), header: http.Header{"Retry-After": {tc.after}}},
					{method: getAccount, body: "{}"},
				}
				c, _, seen := follow(t, answers[:tc.attempts]...)
				began := time.Now()
				_, _, _ = c.ServiceAccount(t.Context(), "acme", someone)
				if got := time.Since(began); got < tc.atLeast || got > tc.atLeast+time.Second {
					t.Errorf("took %s, want about %s", got, tc.atLeast)
				}
				if len(seen.all) != tc.attempts {
					t.Errorf("%d attempts, want %d", len(seen.all), tc.attempts)
				}
			})
		})
	}
}

// fails is a transport that answers nothing.
type fails struct{ err error }

func (f fails) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// silence is like the error of http.Transport's ResponseHeaderTimeout.
type silence struct{}

func (silence) Error() string        { return "timeout awaiting response headers" }
func (silence) Timeout() bool        { return true }
func (silence) Temporary() bool      { return true }
func (silence) Is(target error) bool { return target == context.DeadlineExceeded }

func TestNoAnswerIsTold(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	for _, tc := range []struct {
		name     string
		err      error
		want     Reason
		attempts int
	}{
		{"a connection that broke is tried again", io.ErrUnexpectedEOF, Unavailable, 4},
		{"a connection that was reset is tried again", &net.OpError{Op: "read", Err: syscall.ECONNRESET}, Unavailable, 4},
		{"a silence that net/http ends is Google's, not the caller's", silence{}, Unavailable, 4},
		{"a port where nobody listens is not", refused, Unreachable, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, seen := clientOf(t, fails{tc.err})
				_, _, err := c.ServiceAccount(t.Context(), "acme", someone)
				if ReasonOf(err) != tc.want || !errors.Is(err, tc.err) {
					t.Errorf("got %v, want reason %q", err, tc.want)
				}
				if len(seen.all) != tc.attempts {
					t.Errorf("%d attempts, want %d", len(seen.all), tc.attempts)
				}
			})
		})
	}
}

// A page in place of an answer is nobody's word on what was asked, and comes again.
func TestAPageIsNoAnswer(t *testing.T) {
	for _, status := range []int{200, 302, 403, 404} {
		synctest.Test(t, func(t *testing.T) {
			c, _, seen := follow(t, answerTo{method: getAccount, status: status, body: "<html>Log in to the network</html>"})
			_, _, err := c.ServiceAccount(t.Context(), "acme", someone)
			if ReasonOf(err) != NotGoogle || !Unanswered(err) || len(seen.all) != 1 {
				t.Errorf("%d: got %v after %d attempts", status, err, len(seen.all))
			}
			if e, ok := errors.AsType[*Error](err); !ok || e.Method != getAccount || e.Base == "" {
				t.Errorf("%d: it does not say what was asked of whom: %#v", status, err)
			}
		})
	}
}

func TestServersThatCannotBeReached(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	defer untrusted.Close()
	untrusted.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	for name, url := range map[string]string{"nobody listens": closed.URL, "the certificate is not trusted": untrusted.URL} {
		t.Run(name, func(t *testing.T) {
			seen := &calls{}
			c, err := New(t.Context(), Options{Endpoint: url, AccessTokenFile: tokenFile(t), Observe: seen.add})
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := c.Pool(t.Context(), poolName); ReasonOf(err) != Unreachable {
				t.Errorf("got %v", err)
			}
			if len(seen.all) != 1 {
				t.Errorf("%d attempts, want 1", len(seen.all))
			}
		})
	}
}

func TestTheContextEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, seen := clientOf(t, memory{http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "10")
			w.WriteHeader(http.StatusServiceUnavailable)
		})})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, _, err := c.ServiceAccount(ctx, "acme", someone)
		if ReasonOf(err) != Unavailable {
			t.Errorf("got %v, want the answer that there was", err)
		}
		if len(seen.all) != 1 {
			t.Errorf("%d attempts, want 1: the deadline comes before the second", len(seen.all))
		}
	})
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	c, _, _ := follow(t, answerTo{method: getAccount, status: 302, header: http.Header{"Location": {"https://elsewhere.example/"}}})
	if _, _, err := c.ServiceAccount(t.Context(), "acme", someone); err == nil {
		t.Error("a redirect was taken for an answer")
	}
}

func TestRequestsAreSigned(t *testing.T) {
	c, s, _ := follow(t, answerTo{method: getAccount, body: "{}"}, answerTo{method: "sts.token", body: `{"access_token":"ya29.x","expires_in":60}`})
	if _, _, err := c.ServiceAccount(t.Context(), "acme", someone); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exchange(t.Context(), "//iam.googleapis.com/x", "a.b.c"); err != nil {
		t.Fatal(err)
	}
	type signs struct{ Auth, Quota string }
	var got []signs
	for _, r := range s.seen {
		got = append(got, signs{r.Header.Get("Authorization"), r.Header.Get(quotaHeader)})
	}
	want := []signs{{"Bearer " + userToken, "billed"}, {}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the exchange must be asked as nobody; -want +got:\n%s", diff)
	}
}

func TestMethodsAreNamed(t *testing.T) {
	for _, tc := range []struct {
		verb, url, want string
		writes          bool
	}{
		{"GET", "https://iam.googleapis.com/v1/projects/1/locations/global/workloadIdentityPools/p?alt=json", iamPools + "get", false},
		{"POST", "http://127.0.0.1:1/base/v1/projects/1/locations/global/workloadIdentityPools?workloadIdentityPoolId=p", iamPools + "create", true},
		{"POST", "http://h/v1/projects/1/locations/global/workloadIdentityPools/p/providers/q:undelete", iamProviders + "undelete", true},
		{"GET", "http://h/v1/projects/1/locations/global/workloadIdentityPools/p/providers/q/operations/o", iamProviders + "operations.get", false},
		{"POST", "http://h/v1/projects/a.example:b/serviceAccounts/e@a:getIamPolicy", iamAccounts + "getIamPolicy", false},
		{"POST", "http://h/v1/projects/a.example:b:setIamPolicy", "cloudresourcemanager.projects.setIamPolicy", true},
		{"GET", "http://h/v1/projects/a.example:b", "cloudresourcemanager.projects.get", false},
		{"POST", "http://h/v1/projects/-/serviceAccounts/e@a:generateAccessToken", "iamcredentials.projects.serviceAccounts.generateAccessToken", false},
		{"PUT", "http://h/storage/v1/b/my-bucket/iam", "storage.buckets.setIamPolicy", true},
		{"GET", "http://h/storage/v1/b/my-bucket/o/a%2Fb.txt?alt=media", "storage.objects.get", false},
		{"DELETE", "http://h/storage/v1/b/my-bucket", "", true},
	} {
		req, err := http.NewRequest(tc.verb, tc.url, strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		if got := methodOf(req); got != (method{tc.want, tc.writes}) {
			t.Errorf("%s %s: got %+v, want %s, writes %v", tc.verb, tc.url, got, tc.want, tc.writes)
		}
	}
}
