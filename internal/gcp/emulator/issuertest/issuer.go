package issuertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// An Issuer publishes a discovery document and a key set over TLS. What it answers may
// be changed between requests.
type Issuer struct {
	*httptest.Server
	Discovery http.HandlerFunc
	Keys      http.HandlerFunc
	Fetches   atomic.Int64 // of the key set
}

// New starts an issuer of that key set, until the test ends.
func New(t testing.TB, keys string) *Issuer {
	t.Helper()
	i := &Issuer{}
	i.Discovery = func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, i.URL, i.URL+"/keys")
	}
	i.Keys = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, keys) }
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/{name}", func(w http.ResponseWriter, r *http.Request) { i.Discovery(w, r) })
	mux.HandleFunc("/keys", func(w http.ResponseWriter, r *http.Request) {
		i.Fetches.Add(1)
		i.Keys(w, r)
	})
	i.Server = httptest.NewTLSServer(mux)
	t.Cleanup(i.Close)
	return i
}
