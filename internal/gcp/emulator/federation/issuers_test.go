package federation

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wifctl/wifctl/internal/gcp/emulator/issuertest"
)

func TestFetchKeysRefuses(t *testing.T) {
	endless := func(w http.ResponseWriter, _ *http.Request) {
		chunk := []byte(strings.Repeat(" ", 64<<10))
		for range 16 << 10 { // 1 GiB, if anybody listened
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	for name, spoil := range map[string]func(*issuertest.Issuer){
		"1.11 no discovery document": func(i *issuertest.Issuer) { i.Discovery = http.NotFound },
		"1.11 a discovery document that is not JSON": func(i *issuertest.Issuer) {
			i.Discovery = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }
		},
		"1.11 a discovery document of another issuer": func(i *issuertest.Issuer) {
			i.Discovery = func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"issuer":"https://other.example","jwks_uri":%q}`, i.URL+"/keys")
			}
		},
		"1.11 an issuer that differs by a slash": func(i *issuertest.Issuer) {
			i.Discovery = func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, i.URL+"/", i.URL+"/keys")
			}
		},
		"1.11 a discovery document that redirects": func(i *issuertest.Issuer) {
			honest := i.Discovery
			i.Discovery = func(w http.ResponseWriter, r *http.Request) {
				if r.URL.RawQuery == "" {
					http.Redirect(w, r, r.URL.Path+"?again", http.StatusFound)
					return
				}
				honest(w, r)
			}
		},
		"1.11 a discovery document of 1 GiB": func(i *issuertest.Issuer) { i.Discovery = endless },
		"1.11 keys over http": func(i *issuertest.Issuer) {
			i.Discovery = func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, i.URL, strings.Replace(i.URL, "https", "http", 1)+"/keys")
			}
		},
		"1.11 no keys address": func(i *issuertest.Issuer) {
			i.Discovery = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `{"issuer":%q}`, i.URL) }
		},
		"1.11 keys that answer 500": func(i *issuertest.Issuer) {
			i.Keys = func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusInternalServerError) }
		},
		"1.11 keys that are not JSON": func(i *issuertest.Issuer) {
			i.Keys = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "keys") }
		},
		"1.11 keys of 1 GiB": func(i *issuertest.Issuer) { i.Keys = endless },
	} {
		t.Run(name, func(t *testing.T) {
			i := issuertest.New(t, issuertest.JWKS(t, "rsa-1"))
			if _, err := fetchKeys(t.Context(), i.Client(), Provider{Issuer: i.URL}.source()); err != nil {
				t.Fatalf("before it was spoilt: %v", err)
			}
			spoil(i)
			if _, err := fetchKeys(t.Context(), i.Client(), Provider{Issuer: i.URL}.source()); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestAProviderMaySayWhereTheDocumentIs(t *testing.T) {
	i := issuertest.New(t, issuertest.JWKS(t, "rsa-1"))
	honest := i.Discovery
	i.Discovery = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/other" {
			http.NotFound(w, r)
			return
		}
		honest(w, r)
	}
	for document, found := range map[string]bool{"": false, i.URL + "/.well-known/other": true, i.URL + "/.well-known/none": false} {
		p := Provider{Issuer: i.URL, DiscoveryURI: document}
		if _, err := fetchKeys(t.Context(), i.Client(), p.source()); (err == nil) != found {
			t.Errorf("1.11 discoveryUri %q: %v, want keys: %v", document, err, found)
		}
	}
}

func TestFetchKeysWantsATrustedCertificate(t *testing.T) {
	i := issuertest.New(t, issuertest.JWKS(t, "rsa-1"))
	i.Config.ErrorLog = nil
	if _, err := fetchKeys(t.Context(), &http.Client{}, Provider{Issuer: i.URL}.source()); err == nil {
		t.Error("accepted a certificate that nobody signed")
	}
}

func TestFetchKeysGivesUpOnAnIssuerThatHangs(t *testing.T) {
	i := issuertest.New(t, "")
	i.Discovery = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := fetchKeys(ctx, i.Client(), Provider{Issuer: i.URL}.source()); err == nil {
		t.Error("got keys")
	}
}

func TestIssuerKeysAreRememberedForAWhile(t *testing.T) {
	i := issuertest.New(t, issuertest.JWKS(t, "rsa-1"))
	keys := &Issuers{Client: i.Client()}
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
		if _, err := keys.find(t.Context(), Provider{Issuer: i.URL}.source(), step.kid, start.Add(step.at)); err != nil {
			t.Fatalf("%s: %v", step.what, err)
		}
		if got := i.Fetches.Load(); got != step.fetches {
			t.Errorf("%s: %d fetches so far, want %d", step.what, got, step.fetches)
		}
	}
}

// hangs answers nothing until the asker gives up.
type hangs struct{}

func (hangs) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

func TestAnIssuerThatHangsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := fetchKeys(t.Context(), &http.Client{Transport: hangs{}}, Provider{Issuer: "https://issuer.example"}.source())
		if took := time.Since(began); err == nil || took != fetchTimeout {
			t.Errorf("1.11 after %s: %v; want an error after %s", took, err, fetchTimeout)
		}
	})
}
