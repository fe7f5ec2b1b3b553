package emulator

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A testIssuer publishes a discovery document and a key set over TLS. Its fields
// may be changed between requests.
type testIssuer struct {
	*httptest.Server
	discovery func(w http.ResponseWriter, r *http.Request)
	keys      func(w http.ResponseWriter, r *http.Request)
	fetches   atomic.Int64 // of the key set
}

func newTestIssuer(t testing.TB, keys string) *testIssuer {
	t.Helper()
	i := &testIssuer{}
	i.discovery = func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, i.URL, i.URL+"/keys")
	}
	i.keys = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, keys) }
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) { i.discovery(w, r) })
	mux.HandleFunc("/keys", func(w http.ResponseWriter, r *http.Request) {
		i.fetches.Add(1)
		i.keys(w, r)
	})
	i.Server = httptest.NewTLSServer(mux)
	t.Cleanup(i.Close)
	return i
}

func TestFetchKeysRefuses(t *testing.T) {
	endless := func(w http.ResponseWriter, _ *http.Request) {
		chunk := []byte(strings.Repeat(" ", 64<<10))
		for range 16 << 10 { // 1 GiB, if anybody listened
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	for name, spoil := range map[string]func(*testIssuer){
		"1.11 no discovery document": func(i *testIssuer) { i.discovery = http.NotFound },
		"1.11 a discovery document that is not JSON": func(i *testIssuer) {
			i.discovery = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }
		},
		"1.11 a discovery document of another issuer": func(i *testIssuer) {
			i.discovery = func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"issuer":"https://other.example","jwks_uri":%q}`, i.URL+"/keys")
			}
		},
		"1.11 an issuer that differs by a slash": func(i *testIssuer) {
			i.discovery = func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, i.URL+"/", i.URL+"/keys")
			}
		},
		"1.11 a discovery document that redirects": func(i *testIssuer) {
			honest := i.discovery
			i.discovery = func(w http.ResponseWriter, r *http.Request) {
				if r.URL.RawQuery == "" {
					http.Redirect(w, r, r.URL.Path+"?again", http.StatusFound)
					return
				}
				honest(w, r)
			}
		},
		"1.11 a discovery document of 1 GiB": func(i *testIssuer) { i.discovery = endless },
		"1.11 keys over http": func(i *testIssuer) {
			i.discovery = func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, i.URL, strings.Replace(i.URL, "https", "http", 1)+"/keys")
			}
		},
		"1.11 no keys address": func(i *testIssuer) {
			i.discovery = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `{"issuer":%q}`, i.URL) }
		},
		"1.11 keys that answer 500": func(i *testIssuer) {
			i.keys = func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusInternalServerError) }
		},
		"1.11 keys that are not JSON": func(i *testIssuer) {
			i.keys = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "keys") }
		},
		"1.11 keys of 1 GiB": func(i *testIssuer) { i.keys = endless },
	} {
		t.Run(name, func(t *testing.T) {
			i := newTestIssuer(t, jwks(t, "rsa-1"))
			if _, err := fetchKeys(t.Context(), i.Client(), i.URL); err != nil {
				t.Fatalf("before it was spoilt: %v", err)
			}
			spoil(i)
			if _, err := fetchKeys(t.Context(), i.Client(), i.URL); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestFetchKeysWantsATrustedCertificate(t *testing.T) {
	i := newTestIssuer(t, jwks(t, "rsa-1"))
	i.Config.ErrorLog = nil
	if _, err := fetchKeys(t.Context(), &http.Client{}, i.URL); err == nil {
		t.Error("accepted a certificate that nobody signed")
	}
}

func TestFetchKeysGivesUpOnAnIssuerThatHangs(t *testing.T) {
	i := newTestIssuer(t, "")
	i.discovery = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := fetchKeys(ctx, i.Client(), i.URL); err == nil {
		t.Error("got keys")
	}
}

func TestIssuerKeysAreRememberedForAWhile(t *testing.T) {
	i := newTestIssuer(t, jwks(t, "rsa-1"))
	keys := &issuerKeys{client: i.Client()}
	start := time.Unix(1_800_000_000, 0)
	for _, step := range []struct {
		what    string
		at      time.Duration
		kid     string
		fetches int64 // so far
	}{
		{"the first look fetches", 0, "rsa-1", 1},
		{"the second does not", time.Second, "rsa-1", 1},
		{"an unknown kid waits for a few seconds", 4 * time.Second, "rsa-2", 1},
		{"then it fetches", 6 * time.Second, "rsa-2", 2},
		{"and not again at once", 7 * time.Second, "rsa-3", 2},
		{"known keys last for minutes", 5 * time.Minute, "rsa-1", 2},
		{"and then are fetched again", 6 * time.Minute, "rsa-1", 3},
	} {
		if _, err := keys.find(t.Context(), i.URL, step.kid, start.Add(step.at)); err != nil {
			t.Fatalf("%s: %v", step.what, err)
		}
		if got := i.fetches.Load(); got != step.fetches {
			t.Errorf("%s: %d fetches so far, want %d", step.what, got, step.fetches)
		}
	}
}
