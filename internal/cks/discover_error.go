package cks

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// A Stage is which of the two documents was being read.
type Stage string

// The stages of a [DiscoveryError].
const (
	StageDiscovery Stage = "discovery" // <issuer>/.well-known/openid-configuration
	StageJWKS      Stage = "jwks"      // what its jwks_uri names
)

// A Fault says what is wrong with a published document.
type Fault string

// The faults of a [DiscoveryError].
const (
	FaultBadIssuer      Fault = "bad issuer"      // ValidateIssuer refuses it; nothing was fetched
	FaultUnreachable    Fault = "unreachable"     // no such host, refused, reset
	FaultTimeout        Fault = "timeout"         // reached, or not, but no answer in time
	FaultTLS            Fault = "tls"             // the certificate or the handshake
	FaultStatus         Fault = "status"          // an answer other than 200
	FaultRedirect       Fault = "redirect"        // to another host, or to http, or too often
	FaultTooLarge       Fault = "too large"       // more than 1 MB
	FaultNotJSON        Fault = "not json"        // not the JSON it should be
	FaultIssuerMismatch Fault = "issuer mismatch" // the document names another issuer, or none
	FaultBadJWKSURI     Fault = "bad jwks_uri"    // none, or not https
	FaultNoUsableKey    Fault = "no usable key"   // no key that Google can verify tokens with
	FaultInterrupted    Fault = "interrupted"     // the caller's context ended
)

// A DiscoveryError says why the issuer cannot be verified by a stranger.
type DiscoveryError struct {
	Stage  Stage
	Fault  Fault
	URL    string // what was fetched
	Status int    // of FaultStatus
	Detail string // one line, no trailing stop; may be empty
	Err    error  // of the transport or the parser; may be nil

	after time.Duration // Retry-After
}

// Error reads "fetch discovery document <URL>: status: 404 Not Found".
func (e *DiscoveryError) Error() string {
	what := "discovery document"
	if e.Stage == StageJWKS {
		what = "key set"
	}
	parts := []string{fmt.Sprintf("fetch %s %s: %s", what, e.URL, e.Fault)}
	if e.URL == "" {
		parts = []string{string(e.Fault)} // nothing was fetched
	}
	if e.Detail != "" {
		parts = append(parts, e.Detail)
	}
	if e.Err != nil {
		parts = append(parts, oneLine(e.Err.Error(), 300))
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns the transport's or parser's error.
func (e *DiscoveryError) Unwrap() error { return e.Err }

// temporary reports whether the same fetch may go well a moment later. A host
// that does not exist, a certificate and a wrong document stay what they are.
func (e *DiscoveryError) temporary() bool {
	var dns *net.DNSError
	switch e.Fault {
	case FaultUnreachable:
		return !errors.As(e.Err, &dns) || !dns.IsNotFound
	case FaultStatus:
		return kindOf(e.Status) == KindRateLimited || kindOf(e.Status) == KindUnavailable && e.Status != http.StatusNotImplemented
	}
	return false
}

func (e *DiscoveryError) retryAfter() time.Duration { return e.after }
