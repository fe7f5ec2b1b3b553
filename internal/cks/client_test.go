package cks

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/cks/ckstest"
)

const (
	prodID  = "1063bce6-6e5b-4b0a-b73a-7e6106b2a77c"
	otherID = "2063bce6-6e5b-4b0a-b73a-7e6106b2a77c"
)

// newClient returns a client that reaches h without a network, and a function
// that returns the attempts so far.
func newClient(t *testing.T, h http.Handler) (*Client, func() []Call) {
	t.Helper()
	var mu sync.Mutex
	var calls []Call
	c, err := New(Options{
		Token: ckstest.DefaultToken,
		HTTP:  &http.Client{Transport: ckstest.Transport(h)},
		Observe: func(c Call) {
			mu.Lock()
			defer mu.Unlock()
			calls = append(calls, c)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, func() []Call {
		mu.Lock()
		defer mu.Unlock()
		return calls
	}
}

func TestNewAcceptsEndpointsThatATokenMayBeSentTo(t *testing.T) {
	tests := map[string]struct {
		endpoint string
		want     string // base URL; empty: refused
	}{
		"nothing means CoreWeave's":             {"", "https://api.coreweave.com/"},
		"a trailing slash is tolerated":         {"https://api.coreweave.com/", "https://api.coreweave.com/"},
		"a path in front is kept":               {"https://proxy.example.com/cw//", "https://proxy.example.com/cw/"},
		"http on a loopback address":            {"http://127.0.0.1:8080", "http://127.0.0.1:8080/"},
		"http on the IPv6 loopback address":     {"http://[::1]:8080", "http://[::1]:8080/"},
		"http on localhost":                     {"http://localhost:8080/", "http://localhost:8080/"},
		"http elsewhere is refused":             {"http://api.coreweave.com", ""},
		"http on a name like localhost's":       {"http://localhost.example.com", ""},
		"a host without a scheme is refused":    {"api.coreweave.com", ""},
		"another scheme is refused":             {"ftp://api.coreweave.com", ""},
		"a scheme without a host is refused":    {"https://", ""},
		"what is no URL is refused":             {"https://api.core weave.com", ""},
		"a query is refused":                    {"https://api.coreweave.com?x=1", ""},
		"a fragment is refused":                 {"https://api.coreweave.com#x", ""},
		"a password is refused and not shown":   {"https://u:hunter2@api.coreweave.com", ""},
		"a password in a broken URL is unshown": {"https://u:hunter2@api.core weave.com", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := New(Options{Endpoint: tt.endpoint, Token: "t"})
			if err != nil {
				if tt.want != "" {
					t.Fatalf("New: %v", err)
				}
				if strings.Contains(err.Error(), "hunter2") {
					t.Errorf("the error shows the password: %v", err)
				}
				return
			}
			if got := c.base.String(); got != tt.want {
				t.Errorf("base URL: got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNewTakesATokenThatFitsAHeader(t *testing.T) {
	for name, tt := range map[string]struct {
		token string
		ok    bool
	}{
		"plain":                      {"CW-SECRET-abc", true},
		"with a newline at its end":  {"CW-SECRET-abc\n", true},
		"none":                       {"", false},
		"only white space":           {" \n", false},
		"with a line break inside":   {"CW-SECRET-\nabc", false},
		"with a character not ASCII": {"CW-SECRET-äbc", false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(Options{Token: tt.token})
			if ok := err == nil; ok != tt.ok {
				t.Errorf("accepted: got %v, want %v (%v)", ok, tt.ok, err)
			}
			if err != nil && strings.Contains(err.Error(), "SECRET") {
				t.Errorf("the error shows the token: %v", err)
			}
		})
	}
}

func TestClientSendsWhatTheAPIWants(t *testing.T) {
	var got *http.Request
	c, err := New(Options{
		Endpoint: "https://cks.example.com/base/", Token: "CW-SECRET-1\n", UserAgent: "wifctl/1.2",
		HTTP: &http.Client{Transport: ckstest.Transport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = r
			_, _ = w.Write([]byte(`{}`))
		}))},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"url": "https://cks.example.com/base/v1beta1/cks/clusters", "auth": "Bearer CW-SECRET-1", "agent": "wifctl/1.2", "accept": "application/json",
	}
	h := got.Header
	have := map[string]string{"url": got.URL.String(), "auth": h.Get("Authorization"), "agent": h.Get("User-Agent"), "accept": h.Get("Accept")}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

func TestRetries(t *testing.T) {
	tests := map[string]struct {
		fault    ckstest.Fault
		attempts int
		kind     Kind // of the error; -1: it succeeds
		atLeast  time.Duration
		atMost   time.Duration
	}{
		"two 503 and then an answer":                {ckstest.Fault{Status: 503, Times: 2}, 3, -1, 0, 600 * time.Millisecond},
		"503 for ever ends after four retries":      {ckstest.Fault{Status: 503}, 5, KindUnavailable, 0, 3 * time.Second},
		"501 is final":                              {ckstest.Fault{Status: 501}, 1, KindUnavailable, 0, 0},
		"400 is final":                              {ckstest.Fault{Status: 400}, 1, KindOther, 0, 0},
		"401 is final":                              {ckstest.Fault{Status: 401}, 1, KindUnauthenticated, 0, 0},
		"429 waits as long as it is told to":        {ckstest.Fault{Status: 429, Times: 1, RetryAfter: "7"}, 2, -1, 7 * time.Second, 7 * time.Second},
		"429 for longer than we wait is final":      {ckstest.Fault{Status: 429, RetryAfter: "120"}, 1, KindRateLimited, 0, 0},
		"429 without a time for ever":               {ckstest.Fault{Status: 429}, 5, KindRateLimited, 0, 3 * time.Second},
		"a Retry-After that is no time is no time":  {ckstest.Fault{Status: 429, Times: 1, RetryAfter: "soon"}, 2, -1, 0, 200 * time.Millisecond},
		"a dropped connection is tried again":       {ckstest.Fault{Reset: true, Times: 1}, 2, -1, 0, 200 * time.Millisecond},
		"a body cut off is tried again":             {ckstest.Fault{Truncate: true, Times: 1}, 2, -1, 0, 200 * time.Millisecond},
		"an attempt that hangs is ended after 10 s": {ckstest.Fault{Hang: true, Times: 1}, 2, -1, 10 * time.Second, 10200 * time.Millisecond},
		"a server that always hangs":                {ckstest.Fault{Hang: true}, 5, KindUnavailable, 50 * time.Second, 53 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &ckstest.Server{}
				s.Inject(tt.fault)
				c, calls := newClient(t, s)
				start := time.Now()
				_, err := c.List(t.Context())
				took := time.Since(start)

				kind := Kind(-1)
				var ae *APIError
				if errors.As(err, &ae) {
					kind = ae.Kind
				}
				if kind != tt.kind {
					t.Errorf("kind: got %d, want %d (%v)", kind, tt.kind, err)
				}
				if got := len(calls()); got != tt.attempts {
					t.Errorf("attempts: got %d, want %d", got, tt.attempts)
				}
				if took < tt.atLeast || took > tt.atMost {
					t.Errorf("took %v, want %v to %v", took, tt.atLeast, tt.atMost)
				}
			})
		})
	}
}

func TestCancelEndsAPauseAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &ckstest.Server{}
		s.Inject(ckstest.Fault{Status: 429, RetryAfter: "20"})
		c, calls := newClient(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		start := time.Now()
		_, err := c.List(ctx)
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("took %v, want 3s", took)
		}
		var ae *APIError
		if !errors.As(err, &ae) || ae.Kind != KindRateLimited || len(calls()) != 1 {
			t.Errorf("got %v after %d attempts, want the 429 after one", err, len(calls()))
		}
	})
}

func TestCancelEndsARequestAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &ckstest.Server{}
		s.Inject(ckstest.Fault{Hang: true})
		c, calls := newClient(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := c.List(ctx)
		if !errors.Is(err, context.Canceled) || len(calls()) != 1 {
			t.Errorf("got %v after %d attempts, want context canceled after one", err, len(calls()))
		}
	})
}

func TestADeadlineTooNearForAPauseIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &ckstest.Server{}
		s.Inject(ckstest.Fault{Status: 503, RetryAfter: "20"})
		c, _ := newClient(t, s)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.List(ctx)
		if err == nil || time.Since(start) != 0 {
			t.Errorf("got %v after %v, want the 503 at once", err, time.Since(start))
		}
	})
}

func TestACertificateNobodyKnowsIsFinal(t *testing.T) {
	server := httptest.NewUnstartedServer(&ckstest.Server{})
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	attempts := 0
	c, err := New(Options{Endpoint: server.URL, Token: ckstest.DefaultToken, Observe: func(Call) { attempts++ }})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.List(t.Context())
	if !isTLS(err) || attempts != 1 {
		t.Errorf("got %v after %d attempts, want a TLS error after one", err, attempts)
	}
}

func TestObserverSeesEveryAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &ckstest.Server{}
		s.Inject(ckstest.Fault{Status: 502, Times: 1})
		s.Inject(ckstest.Fault{Reset: true, Times: 1})
		c, calls := newClient(t, s)
		if _, err := c.List(t.Context()); err != nil {
			t.Fatal(err)
		}
		call := Call{Verb: "GET", Host: "api.coreweave.com", Path: "/v1beta1/cks/clusters"}
		want := []Call{call, call, call}
		want[0].Status, want[2].Status = 502, 200
		if diff := cmp.Diff(want, calls()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}
