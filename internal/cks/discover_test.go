package cks

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wifctl/wifctl/internal/cks/ckstest"
)

const coreweave = "https://oidc.cks.coreweave.com/id/" + prodID

func newIssuer(t *testing.T, url string) *ckstest.Issuer {
	t.Helper()
	i, err := ckstest.NewIssuer(url)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func discover(t *testing.T, i *ckstest.Issuer) (Discovery, error) {
	t.Helper()
	return Discover(t.Context(), DiscoverOptions{Transport: ckstest.Transport(i)}, i.URL)
}

// endless writes until the client goes away.
type endless struct {
	first   string
	written atomic.Int64
}

const chunk = 64 << 10

func (e *endless) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	_, err := io.WriteString(w, e.first)
	filler := bytes.Repeat([]byte(" "), chunk)
	for err == nil && e.written.Load() < 1<<30 {
		var n int
		n, err = w.Write(filler)
		e.written.Add(int64(n))
	}
}

func text(status int, header map[string]string, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func TestDiscoverReadsWhatEverybodyMay(t *testing.T) {
	for _, url := range []string{coreweave, coreweave + "/", "https://oidc.example.com", "https://oidc.example.com:8443/a/b"} {
		t.Run(url, func(t *testing.T) {
			i := newIssuer(t, url)
			got, err := discover(t, i)
			if err != nil {
				t.Fatal(err)
			}
			base := strings.TrimSuffix(url, "/")
			want := Discovery{
				Issuer: url, JWKSURI: base + "/keys", Algorithms: []string{"ES256"}, FetchedFrom: base + ckstest.WellKnown,
				Keys: []Key{{KID: "k1", Alg: "ES256", Kty: "EC", Crv: "P-256", Usable: true}},
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Key{}), cmpopts.IgnoreFields(Discovery{}, "Date", "Skew")); diff != "" {
				t.Errorf("discovery (-want +got):\n%s", diff)
			}
			if n := len(i.Requests()); n != 2 {
				t.Errorf("requests: got %d, want 2", n)
			}
		})
	}
}

// A fault may be in either document; the table says which.
func TestDiscoverNamesTheFault(t *testing.T) {
	hang := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	reset := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	to := func(where string) http.Handler { return text(302, map[string]string{"Location": where}, "") }
	document := func(member string, value any) func(*ckstest.Issuer) {
		return func(i *ckstest.Issuer) { i.Set(member, value) }
	}
	at := func(h http.Handler) func(*ckstest.Issuer) { return func(i *ckstest.Issuer) { i.ServeDiscovery(h) } }
	keys := func(h http.Handler) func(*ckstest.Issuer) { return func(i *ckstest.Issuer) { i.ServeKeys(h) } }

	tests := map[string]struct {
		damage   func(*ckstest.Issuer)
		stage    Stage
		fault    Fault
		requests int
		says     string
	}{
		"no document":                     {at(text(404, nil, "not found")), StageDiscovery, FaultStatus, 1, "404 Not Found not found"},
		"a document for the privileged":   {at(text(401, nil, "")), StageDiscovery, FaultStatus, 1, "401 Unauthorized"},
		"another success":                 {at(text(204, nil, "")), StageDiscovery, FaultStatus, 1, "204"},
		"out of order for good":           {at(text(503, nil, "")), StageDiscovery, FaultStatus, 3, "503"},
		"501 for good":                    {at(text(501, nil, "")), StageDiscovery, FaultStatus, 1, "501"},
		"a dropped connection":            {at(reset), StageDiscovery, FaultUnreachable, 3, "reset"},
		"a server that hangs":             {at(hang), StageDiscovery, FaultTimeout, 1, "deadline"},
		"a body that never ends":          {at(&endless{first: "{"}), StageDiscovery, FaultTooLarge, 1, "1048576"},
		"a web page":                      {at(text(200, map[string]string{"Content-Type": "text/html"}, "<html>")), StageDiscovery, FaultNotJSON, 1, `"text/html", begins "<html>"`},
		"nothing":                         {at(text(200, nil, "")), StageDiscovery, FaultNotJSON, 1, "end of JSON"},
		"null":                            {at(text(200, nil, "null")), StageDiscovery, FaultNotJSON, 1, "null"},
		"a list":                          {at(text(200, nil, "[]")), StageDiscovery, FaultNotJSON, 1, "array"},
		"two documents":                   {at(text(200, nil, `{"issuer":"`+coreweave+`"}{}`)), StageDiscovery, FaultNotJSON, 1, "after top-level"},
		"two issuers":                     {at(text(200, nil, `{"issuer":"`+coreweave+`","issuer":"https://evil.example"}`)), StageDiscovery, FaultNotJSON, 1, "duplicate"},
		"nested without end":              {at(text(200, nil, `{"a":`+strings.Repeat("[", 1<<19))), StageDiscovery, FaultNotJSON, 1, "max depth"},
		"redirect to another host":        {at(to("https://evil.example/x")), StageDiscovery, FaultRedirect, 1, "https://evil.example/x"},
		"redirect to another port":        {at(to("https://oidc.cks.coreweave.com:8443/x")), StageDiscovery, FaultRedirect, 1, ":8443"},
		"redirect to http":                {at(to("http://oidc.cks.coreweave.com/x")), StageDiscovery, FaultRedirect, 1, "http://oidc"},
		"redirect with credentials":       {at(to("https://u:hunter2@oidc.cks.coreweave.com/x")), StageDiscovery, FaultRedirect, 1, "credentials"},
		"redirect in a circle":            {at(to(coreweave + ckstest.WellKnown)), StageDiscovery, FaultRedirect, 4, "more than 3"},
		"another issuer":                  {document("issuer", IssuerBase+"/id/"+otherID), StageDiscovery, FaultIssuerMismatch, 1, "differs at character 35"},
		"a trailing slash":                {document("issuer", coreweave+"/"), StageDiscovery, FaultIssuerMismatch, 1, "trailing slash"},
		"no issuer":                       {document("issuer", nil), StageDiscovery, FaultIssuerMismatch, 1, "names no issuer"},
		"an issuer in a wrong name":       {at(text(200, nil, `{"Issuer":"`+coreweave+`"}`)), StageDiscovery, FaultIssuerMismatch, 1, "names no issuer"},
		"an issuer that is no string":     {document("issuer", 7), StageDiscovery, FaultNotJSON, 1, "issuer"},
		"no jwks_uri":                     {document("jwks_uri", nil), StageDiscovery, FaultBadJWKSURI, 1, "no jwks_uri"},
		"jwks_uri over http":              {document("jwks_uri", "http://oidc.cks.coreweave.com/keys"), StageDiscovery, FaultBadJWKSURI, 1, "http://"},
		"jwks_uri without a host":         {document("jwks_uri", "/keys"), StageDiscovery, FaultBadJWKSURI, 1, "/keys"},
		"jwks_uri of a file":              {document("jwks_uri", "file:///etc/passwd"), StageDiscovery, FaultBadJWKSURI, 1, "file:"},
		"jwks_uri with credentials":       {document("jwks_uri", "https://u@h.example/"), StageDiscovery, FaultBadJWKSURI, 1, "credentials"},
		"no key set":                      {document("jwks_uri", coreweave+"/nothing"), StageJWKS, FaultStatus, 2, "404"},
		"a key set that hangs":            {keys(hang), StageJWKS, FaultTimeout, 2, "deadline"},
		"a key set that never ends":       {keys(&endless{first: `{"keys":[`}), StageJWKS, FaultTooLarge, 2, "1048576"},
		"a key set that is a page":        {keys(text(200, nil, "<html>")), StageJWKS, FaultNotJSON, 2, "<html>"},
		"a key set without keys":          {keys(text(200, nil, "{}")), StageJWKS, FaultNotJSON, 2, `no "keys"`},
		"keys of null":                    {keys(text(200, nil, `{"keys":null}`)), StageJWKS, FaultNotJSON, 2, `no "keys"`},
		"an empty key set":                {keys(text(200, nil, `{"keys":[]}`)), StageJWKS, FaultNoUsableKey, 2, "empty"},
		"a key set elsewhere by redirect": {keys(to("https://evil.example/keys")), StageJWKS, FaultRedirect, 2, "evil.example"},
		"only keys of no use":             {func(i *ckstest.Issuer) { i.SetKeys(map[string]any{"kty": "oct", "kid": "s"}) }, StageJWKS, FaultNoUsableKey, 2, `key "s": type "oct"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newIssuer(t, coreweave)
				tt.damage(i)
				start := time.Now()
				_, err := discover(t, i)
				var de *DiscoveryError
				if !errors.As(err, &de) || de.Stage != tt.stage || de.Fault != tt.fault {
					t.Fatalf("got %v, want %s: %s", err, tt.stage, tt.fault)
				}
				if !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
					t.Errorf("%q: want it on one line, with %q and without a password", err, tt.says)
				}
				if n := len(i.Requests()); n != tt.requests {
					t.Errorf("requests: got %d, want %d", n, tt.requests)
				}
				if took := time.Since(start); took > discoverTimeout {
					t.Errorf("took %v, want at most %v", took, discoverTimeout)
				}
			})
		})
	}
}

func TestDiscoverReadsAGigabyteOnlyToItsLimit(t *testing.T) {
	i := newIssuer(t, coreweave)
	e := &endless{first: "{"}
	i.ServeDiscovery(e)
	_, err := discover(t, i)
	if err == nil {
		t.Fatal("no error")
	}
	if got := e.written.Load(); got > maxDiscoveryBody+2*chunk {
		t.Errorf("%d bytes were taken, want hardly more than %d", got, maxDiscoveryBody)
	}
}

func TestDiscoverFollowsAServerWithinItself(t *testing.T) {
	i := newIssuer(t, coreweave)
	doc, err := json.Marshal(map[string]any{"issuer": coreweave, "jwks_uri": coreweave + "/keys"})
	if err != nil {
		t.Fatal(err)
	}
	i.ServeDiscovery(text(307, map[string]string{"Location": "/moved"}, ""))
	i.Serve("/moved", text(200, nil, string(doc)))
	d, err := discover(t, i)
	if err != nil || d.FetchedFrom != "https://oidc.cks.coreweave.com/moved" {
		t.Errorf("got %q, %v, want the place it moved to", d.FetchedFrom, err)
	}
}

func TestDiscoverReadsKeysOfAnotherHost(t *testing.T) {
	i := newIssuer(t, coreweave)
	i.Set("jwks_uri", "https://keys.example.com/id/"+prodID+"/keys")
	if _, err := discover(t, i); err != nil {
		t.Errorf("got %v: jwks_uri may be on another host", err)
	}
}

func TestDiscoverSurvivesOneBadMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(t, coreweave)
		var n atomic.Int32
		i.ServeKeys(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) == 1 {
				panic(http.ErrAbortHandler)
			}
			i.Serve(r.URL.Path, nil)
			i.ServeHTTP(w, r)
		}))
		if _, err := discover(t, i); err != nil {
			t.Errorf("got %v, want the second attempt to do", err)
		}
	})
}

func TestDiscoverFetchesNothingFromABadIssuer(t *testing.T) {
	for _, issuer := range []string{"", "http://oidc.example.com", "https://u:hunter2@h.example"} {
		_, err := Discover(t.Context(), DiscoverOptions{Transport: failing{errors.New("fetched")}}, issuer)
		var de *DiscoveryError
		if !errors.As(err, &de) || de.Fault != FaultBadIssuer || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: got %v, want a bad issuer", issuer, err)
		}
	}
}

func TestDiscoverIsInterruptedByItsCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(t, coreweave)
		i.ServeDiscovery(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		_, err := Discover(ctx, DiscoverOptions{Transport: ckstest.Transport(i)}, i.URL)
		var de *DiscoveryError
		if !errors.As(err, &de) || de.Fault != FaultInterrupted || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want it interrupted", err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %v, want 1s", took)
		}
	})
}

func TestDiscoverMeasuresTheClock(t *testing.T) {
	for name, tt := range map[string]struct {
		ahead time.Duration // of the server's clock
		age   string
		want  time.Duration
	}{
		"the same time":            {0, "", 0},
		"we are behind":            {90 * time.Second, "", -90 * time.Second},
		"we are ahead":             {-time.Hour, "", time.Hour},
		"a cached answer is older": {-30 * time.Second, "30", 0},
		"an age that is no age":    {0, "-5", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newIssuer(t, coreweave)
				server := time.Now().Add(tt.ahead)
				h := ckstest.Transport(i)
				d, err := Discover(t.Context(), DiscoverOptions{Transport: dated{h, server, tt.age}}, i.URL)
				if err != nil {
					t.Fatal(err)
				}
				// The header has whole seconds: half a one of doubt remains.
				if off := (d.Skew - tt.want).Abs(); off > time.Second || d.Date.IsZero() {
					t.Errorf("skew: got %v, want %v", d.Skew, tt.want)
				}
			})
		})
	}
}

// dated gives every answer a date.
type dated struct {
	http.RoundTripper
	date time.Time
	age  string
}

func (d dated) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := d.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Header.Set("Date", d.date.UTC().Format(http.TimeFormat))
		resp.Header.Set("Age", d.age)
	}
	return resp, err
}

func TestDiscoverWithoutADateKnowsNoSkew(t *testing.T) {
	i := newIssuer(t, coreweave)
	d, err := Discover(t.Context(), DiscoverOptions{Transport: undated{ckstest.Transport(i)}}, i.URL)
	if err != nil || !d.Date.IsZero() || d.Skew != 0 {
		t.Errorf("got %v, %v, %v, want no date and no skew", d.Date, d.Skew, err)
	}
}

type undated struct{ http.RoundTripper }

func (u undated) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := u.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Header.Del("Date")
	}
	return resp, err
}

// The rest goes over real connections.

func TestDiscoverOverTLS(t *testing.T) {
	i, err := ckstest.StartIssuer("/id/" + prodID)
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	var calls []Call
	d, err := Discover(t.Context(), DiscoverOptions{RootCAs: i.RootCAs(), Observe: func(c Call) { calls = append(calls, c) }}, i.URL)
	if err != nil || len(d.Usable()) != 1 {
		t.Fatalf("got %+v, %v, want one usable key", d, err)
	}
	if len(calls) != 2 || calls[0].Path != "/id/"+prodID+ckstest.WellKnown || calls[0].Status != 200 {
		t.Errorf("calls: got %+v, want the document and the keys", calls)
	}
	if d.Skew.Abs() > time.Second {
		t.Errorf("skew of one and the same clock: got %v", d.Skew)
	}

	_, err = Discover(t.Context(), DiscoverOptions{}, i.URL)
	var de *DiscoveryError
	if !errors.As(err, &de) || de.Fault != FaultTLS {
		t.Errorf("without its CA: got %v, want a TLS fault", err)
	}
}

func TestDiscoverOverNoTLSAtAll(t *testing.T) {
	plain := httptest.NewUnstartedServer(http.NotFoundHandler())
	plain.Config.ErrorLog = log.New(io.Discard, "", 0)
	plain.Start()
	defer plain.Close()
	_, err := Discover(t.Context(), DiscoverOptions{}, strings.Replace(plain.URL, "http:", "https:", 1))
	var de *DiscoveryError
	if !errors.As(err, &de) || de.Fault != FaultTLS {
		t.Errorf("got %v, want a TLS fault", err)
	}
}

func TestDiscoverAtAClosedPort(t *testing.T) {
	gone := httptest.NewTLSServer(nil)
	gone.Close()
	attempts := 0
	_, err := Discover(t.Context(), DiscoverOptions{Observe: func(Call) { attempts++ }}, gone.URL)
	var de *DiscoveryError
	if !errors.As(err, &de) || de.Fault != FaultUnreachable || attempts != 3 {
		t.Errorf("got %v after %d attempts, want unreachable after three", err, attempts)
	}
}

func TestDiscoverHasNoClientCertificateToShow(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.StartTLS()
	defer server.Close()
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	_, err := Discover(t.Context(), DiscoverOptions{RootCAs: pool}, server.URL)
	var de *DiscoveryError
	if !errors.As(err, &de) || de.Fault != FaultTLS {
		t.Errorf("got %v, want a TLS fault", err)
	}
}
