package cks

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	discoverTimeout  = 10 * time.Second
	discoverRetries  = 2 // a lost packet must not stop a setup; a wrong answer is final
	maxDiscoveryBody = 1 << 20
	wellKnown        = "/.well-known/openid-configuration"
)

// DiscoverOptions say how [Discover] reaches the issuer. The zero value is
// right for everything but tests.
type DiscoverOptions struct {
	RootCAs   *x509.CertPool    // nil: the system's. Google itself trusts public ones only.
	Transport http.RoundTripper // nil: one of our own, made for this call; wins over RootCAs
	UserAgent string            // empty: "wifctl"
	Timeout   time.Duration     // of the whole; zero: 10 s
	Observe   func(Call)        // told of every attempt
}

// A Discovery is what an issuer tells everybody.
type Discovery struct {
	Issuer      string
	JWKSURI     string
	Algorithms  []string // id_token_signing_alg_values_supported
	Keys        []Key    // all that are published, in their order
	FetchedFrom string   // where the document came from, after redirects
	// Date is the server's clock as of its answer (Date plus Age); zero if it
	// did not say.
	Date time.Time
	// Skew is how far the local clock is ahead of the server's, in whole
	// seconds, negative when behind. Google allows about 60 s either way.
	Skew time.Duration
}

// Usable returns the keys that Google can verify tokens with.
func (d Discovery) Usable() []Key {
	var out []Key
	for _, k := range d.Keys {
		if k.Usable {
			out = append(out, k)
		}
	}
	return out
}

// Discover fetches the issuer's discovery document and keys as a stranger does:
// without credentials and cookies, over https, at most 1 MB each, all within
// 10 s. It follows up to three redirects on the same scheme, host and port and
// says so in FetchedFrom; any other redirect is a fault, since no page says that
// Google would follow it. An HTTPS_PROXY of the environment is used, as most
// offices need it; what that proxy asks for goes to the proxy alone.
//
// All errors are a [*DiscoveryError].
// https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
func Discover(ctx context.Context, o DiscoverOptions, issuer string) (Discovery, error) {
	if err := ValidateIssuer(issuer); err != nil {
		return Discovery{}, &DiscoveryError{Stage: StageDiscovery, Fault: FaultBadIssuer, Err: err}
	}
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = discoverTimeout
	}
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	f := newFetcher(o)
	defer f.close()

	d, err := f.discover(bounded, issuer)
	var de *DiscoveryError
	if ctx.Err() != nil && errors.As(err, &de) {
		de.Fault = FaultInterrupted // the caller's end, not our own deadline
	}
	return d, err
}

func (f *fetcher) discover(ctx context.Context, issuer string) (Discovery, error) {
	// Section 4: a terminating slash goes before the suffix is appended.
	at := strings.TrimSuffix(issuer, "/") + wellKnown
	doc, err := f.fetch(ctx, StageDiscovery, at)
	if err != nil {
		return Discovery{}, err
	}
	d, err := parseDocument(doc, issuer)
	if err != nil {
		return Discovery{}, err
	}
	set, err := f.fetch(ctx, StageJWKS, d.JWKSURI)
	if err != nil {
		return Discovery{}, err
	}
	d.Keys, err = parsePublished(set)
	if err != nil {
		return Discovery{}, err
	}
	return d, nil
}

// A Document is the part of a discovery document that matters here.
type Document struct {
	Issuer     string   `json:"issuer"`
	JWKSURI    string   `json:"jwks_uri"`
	Algorithms []string `json:"id_token_signing_alg_values_supported"`
}

func parseDocument(p page, issuer string) (Discovery, error) {
	fault := func(f Fault, detail string, err error) (Discovery, error) {
		return Discovery{}, &DiscoveryError{Stage: StageDiscovery, Fault: f, URL: p.from, Detail: detail, Err: err}
	}
	var doc Document
	if err := unmarshalObject(p.body, &doc); err != nil {
		return fault(FaultNotJSON, p.look(), err)
	}
	if doc.Issuer == "" {
		return fault(FaultIssuerMismatch, "it names no issuer", nil)
	}
	if d := Difference(issuer, doc.Issuer); d != "" {
		return fault(FaultIssuerMismatch, fmt.Sprintf("want %q, it says %q, which %s", issuer, oneLine(doc.Issuer, 200), d), nil)
	}
	if doc.JWKSURI == "" {
		return fault(FaultBadJWKSURI, "it has no jwks_uri", nil)
	}
	if u, err := url.Parse(doc.JWKSURI); err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return fault(FaultBadJWKSURI, fmt.Sprintf("jwks_uri %q is not an https URL without credentials", oneLine(doc.JWKSURI, 200)), nil)
	}
	return Discovery{
		Issuer: doc.Issuer, JWKSURI: doc.JWKSURI, Algorithms: doc.Algorithms,
		FetchedFrom: p.from, Date: p.date, Skew: p.skew,
	}, nil
}

func parsePublished(p page) ([]Key, error) {
	keys, err := ParseKeys(p.body)
	if err != nil {
		return nil, &DiscoveryError{Stage: StageJWKS, Fault: FaultNotJSON, URL: p.from, Detail: p.look(), Err: err}
	}
	var why []string
	for _, k := range keys {
		if k.Usable {
			return keys, nil
		}
		why = append(why, fmt.Sprintf("key %q: %s", oneLine(k.KID, 60), k.Why))
	}
	detail := "the set is empty"
	if len(why) > 0 {
		detail = oneLine(strings.Join(why, "; "), 400)
	}
	return nil, &DiscoveryError{Stage: StageJWKS, Fault: FaultNoUsableKey, URL: p.from, Detail: detail}
}
