package cks

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// A SignatureFault says why a token's signature does not stand.
type SignatureFault string

// The faults of a [SignatureError].
const (
	SignatureMalformed SignatureFault = "not a signed JWT"
	SignatureAlgorithm SignatureFault = "algorithm not accepted"    // Google takes RS256 and ES256
	SignatureNoKID     SignatureFault = "no kid in the token"       // Google requires it
	SignatureUnknown   SignatureFault = "kid not among the keys"    // not published yet, or another cluster's
	SignatureUnusable  SignatureFault = "kid names an unusable key" // see Key.Why
	SignatureWrong     SignatureFault = "signature does not match"  // same kid, another key
)

// A SignatureError says why a token would not be believed. It holds nothing of
// the token but its kid and algorithm.
type SignatureError struct {
	Fault     SignatureFault
	KID, Alg  string
	Published []string // the kids that the issuer publishes
	Detail    string
}

// Error reads `verify token: kid not among the keys: token has "k2", published: "k1"`.
func (e *SignatureError) Error() string {
	s := "verify token: " + string(e.Fault)
	switch e.Fault {
	case SignatureUnknown:
		s += fmt.Sprintf(": token has %q, published: %q", e.KID, e.Published)
	case SignatureAlgorithm:
		s += fmt.Sprintf(": %q", e.Alg)
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// VerifySignature reports whether the token is signed by one of the issuer's
// usable keys, the one its kid names. Claims are not looked at. All errors are a
// [*SignatureError], and none holds the token.
func VerifySignature(token string, d Discovery) error {
	var header struct {
		Alg string `json:"alg"`
		KID string `json:"kid"`
	}
	first, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil || unmarshalObject(raw, &header) != nil {
		return &SignatureError{Fault: SignatureMalformed}
	}
	e := &SignatureError{KID: oneLine(header.KID, 100), Alg: oneLine(header.Alg, 20)}
	accepted := []jose.SignatureAlgorithm{jose.RS256, jose.ES256}
	if !slices.Contains(accepted, jose.SignatureAlgorithm(header.Alg)) {
		e.Fault = SignatureAlgorithm
		return e
	}
	if header.KID == "" {
		e.Fault = SignatureNoKID
		return e
	}
	jws, err := jose.ParseSignedCompact(token, accepted)
	if err != nil {
		e.Fault = SignatureMalformed
		return e
	}
	return e.verify(jws, header.KID, d.Keys)
}

// verify tries every key of that kid: nothing forbids two.
func (e *SignatureError) verify(jws *jose.JSONWebSignature, kid string, keys []Key) error {
	e.Fault = SignatureUnknown
	for _, k := range keys {
		e.Published = append(e.Published, oneLine(k.KID, 100))
		if k.KID != kid {
			continue
		}
		if !k.Usable {
			if e.Fault == SignatureUnknown {
				e.Fault, e.Detail = SignatureUnusable, k.Why
			}
			continue
		}
		if _, err := jws.Verify(k.public); err == nil {
			return nil
		}
		e.Fault, e.Detail = SignatureWrong, ""
	}
	return e
}
