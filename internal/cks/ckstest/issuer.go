package ckstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

// WellKnown is where a discovery document lives, after the issuer
// (https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig).
const WellKnown = "/.well-known/openid-configuration"

// An Issuer publishes a discovery document and a key set, and signs tokens. As
// an http.Handler it answers only anonymous GETs of those two documents: a
// request with credentials is refused, so that a test fails which sends any.
type Issuer struct {
	URL string // exactly as the document says it

	mu       sync.Mutex
	document map[string]any
	keys     []any // jose.JSONWebKey, or anything else that marshals
	replaced map[string]http.Handler
	requests []Request
	key      *ecdsa.PrivateKey
	server   *httptest.Server
}

// NewIssuer returns an issuer with this URL and one P-256 key, "k1". It does not
// listen: use it with Transport.
func NewIssuer(issuer string) (*Issuer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	i := &Issuer{URL: issuer, key: key, replaced: map[string]http.Handler{}}
	i.keys = []any{jose.JSONWebKey{Key: key.Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}}
	// Not /openid/v1/jwks: whoever guesses the path in place of reading it fails.
	i.document = map[string]any{
		"issuer": issuer, "jwks_uri": strings.TrimSuffix(issuer, "/") + "/keys",
		"response_types_supported": []string{"id_token"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"ES256"},
	}
	return i, nil
}

// StartIssuer listens on a loopback address over https, with the issuer at this
// path ("/id/1063bce6-…"). Trust RootCAs to reach it, and Close it.
func StartIssuer(path string) (*Issuer, error) {
	var i *Issuer
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { i.ServeHTTP(w, r) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that don't trust it are part of the tests
	server.StartTLS()
	i, err := NewIssuer(server.URL + path)
	if err != nil {
		server.Close()
		return nil, err
	}
	i.server = server
	return i, nil
}

// Close stops a started issuer, and with it every request in flight.
func (i *Issuer) Close() {
	i.server.CloseClientConnections()
	i.server.Close()
}

// RootCAs returns a pool that trusts a started issuer and nothing else.
func (i *Issuer) RootCAs() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(i.server.Certificate())
	return pool
}

// Set changes one member of the discovery document; nil removes it.
func (i *Issuer) Set(member string, value any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.document[member] = value
	maps.DeleteFunc(i.document, func(_ string, v any) bool { return v == nil })
}

// SetKeys replaces the published keys: jose.JSONWebKey, or any JSON value.
func (i *Issuer) SetKeys(keys ...any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = keys
}

// ServeDiscovery answers the discovery document's path with h from now on.
func (i *Issuer) ServeDiscovery(h http.Handler) { i.Serve(i.path()+WellKnown, h) }

// ServeKeys answers the key set's path with h from now on.
func (i *Issuer) ServeKeys(h http.Handler) { i.Serve(i.path()+"/keys", h) }

// Serve answers any path with h from now on.
func (i *Issuer) Serve(path string, h http.Handler) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.replaced[path] = h
}

// Requests returns what was asked so far, oldest first. A Status of 0 means that
// a replaced handler answered.
func (i *Issuer) Requests() []Request {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.requests)
}

func (i *Issuer) path() string {
	u, err := url.Parse(i.URL)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(u.Path, "/")
}

// ServeHTTP answers anonymous GETs of the two documents.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := i.log(r); h != nil {
		h.ServeHTTP(w, r)
		return
	}
	for _, name := range []string{"Authorization", "Proxy-Authorization", "Cookie"} {
		if r.Header.Get(name) != "" {
			http.Error(w, "not anonymous: "+name, http.StatusBadRequest)
			return
		}
	}
	switch {
	case r.Method != http.MethodGet || r.URL.RawQuery != "":
		http.Error(w, "only a plain GET is modelled", http.StatusMethodNotAllowed)
	case r.URL.Path == i.path()+WellKnown:
		i.write(w, "application/json", func() any { return i.document })
	case r.URL.Path == i.path()+"/keys":
		i.write(w, "application/jwk-set+json", func() any { return map[string]any{"keys": i.keys} })
	default:
		http.NotFound(w, r)
	}
}

func (i *Issuer) log(r *http.Request) http.Handler {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.requests = append(i.requests, Request{Verb: r.Method, Path: r.URL.Path})
	return i.replaced[r.URL.Path]
}

func (i *Issuer) write(w http.ResponseWriter, contentType string, value func() any) {
	i.mu.Lock()
	body, err := json.Marshal(value())
	i.mu.Unlock()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write(body) // a client that has gone away is its own affair
}

// Sign returns a JWT of these claims, signed with the issuer's own key, whose
// kid is "k1" unless given.
func (i *Issuer) Sign(claims map[string]any, kid string) (string, error) {
	if kid == "" {
		kid = "k1"
	}
	return SignWith(jose.ES256, jose.JSONWebKey{Key: i.key, KeyID: kid}, claims)
}

// SignWith returns a JWT of these claims, signed with any key.
func SignWith(alg jose.SignatureAlgorithm, key jose.JSONWebKey, claims map[string]any) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, nil)
	if err != nil {
		return "", fmt.Errorf("make signer: %w", err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("marshal claims: %w", err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return jws.CompactSerialize()
}

// RSAKey returns an RSA key of 2048 bits, the same one every time: making one
// takes a while.
var RSAKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err) // only when the system has no randomness left
	}
	return key
})
