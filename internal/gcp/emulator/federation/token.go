package federation

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json" // refuses an object that names a member twice
)

const (
	// maxTokenBytes bounds a subject token. Google documents no figure for
	// workload pools; for workforce pools it is this one.
	maxTokenBytes = 16 << 10

	// maxClaimDepth bounds nested objects and lists in the claims. Kubernetes
	// nests three deep.
	maxClaimDepth = 32

	// clockSkew is how far the clocks of issuer and Google may differ, as
	// measured: 59 s past the expiry is accepted, 61 s is not.
	clockSkew = 60 * time.Second
)

// A subjectToken is a JWT that was parsed and not yet believed: verify and the
// check methods decide that, in the order in which STS reports.
type subjectToken struct {
	claims map[string]any
	jws    *jose.JSONWebSignature
}

// parseSubjectToken reads a compact JWS with the headers and algorithms that
// https://docs.cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
// lists under subjectToken: kid, and alg RS256 or ES256.
func parseSubjectToken(raw string) (*subjectToken, error) {
	raw = strings.TrimRight(raw, "\r\n") // gcloud sends the whole file, and echo ends it with one
	if len(raw) > maxTokenBytes || !compact(raw) {
		return nil, badToken()
	}
	jws, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.RS256, jose.ES256})
	if err != nil || jws.Signatures[0].Protected.KeyID == "" {
		return nil, badToken()
	}
	payload := jws.UnsafePayloadWithoutVerification()
	var claims map[string]any
	if !utf8.Valid(payload) || !shallow(payload) || json.Unmarshal(payload, &claims) != nil || claims == nil {
		return nil, badToken()
	}
	return &subjectToken{claims: claims, jws: jws}, nil
}

// compact reports whether a text is three parts in base64url, each in the one spelling
// its bytes have (RFC 7515, section 2). Go's decoder passes over line ends, and takes
// any bits behind the last byte, so that one token would have many texts.
func compact(raw string) bool {
	if strings.ContainsAny(raw, "\r\n") || strings.Count(raw, ".") != 2 {
		return false
	}
	for part := range strings.SplitSeq(raw, ".") {
		if _, err := base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return false
		}
	}
	return true
}

// shallow reports whether a JSON text nests no deeper than maxClaimDepth, without
// building it. Text that is not JSON is left to the parser to refuse.
func shallow(text []byte) bool {
	depth, quoted, escaped := 0, false, false
	for _, c := range text {
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = c == '\\', c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
		if depth > maxClaimDepth {
			return false
		}
	}
	return true
}

// keyID returns the id of the key the token says it is signed with.
func (t *subjectToken) keyID() string { return t.jws.Signatures[0].Protected.KeyID }

// checkIssuer compares byte for byte: a trailing slash makes another issuer.
func (t *subjectToken) checkIssuer(want string) error {
	got, ok := t.claims["iss"].(string)
	if !ok {
		return wrongIssuer("null", want)
	}
	if got != want {
		return wrongIssuer(got, want)
	}
	return nil
}

// checkAudience accepts a token of which one audience is expected. provider is the
// provider's name, "projects/N/…/providers/Q"; its default audience counts only
// while allowed is empty.
func (t *subjectToken) checkAudience(provider string, allowed []string) error {
	if len(allowed) == 0 {
		full := "//iam.googleapis.com/" + provider
		allowed = []string{full, "https:" + full}
	}
	got := t.audiences()
	if !slices.ContainsFunc(got, func(a string) bool { return slices.Contains(allowed, a) }) {
		return wrongAudience(strings.Join(got, ", "))
	}
	return nil
}

// audiences returns the aud claim, which is one string or a list of them
// (RFC 7519, section 4.1.3).
func (t *subjectToken) audiences() []string {
	if one, ok := t.claims["aud"].(string); ok {
		return []string{one}
	}
	var auds []string
	list, _ := t.claims["aud"].([]any)
	for _, v := range list {
		if s, ok := v.(string); ok {
			auds = append(auds, s)
		}
	}
	return auds
}

// checkTimes refuses a token that has expired, is of the future, or does not say.
// Google documents maxima of 24 h for age and life; measured, it holds tokens to
// neither, and so neither do we. What it does about nbf is written nowhere: here a
// token is held to it (RFC 7519, section 4.1.5).
func (t *subjectToken) checkTimes(now time.Time) error {
	iat, hasIat := t.seconds("iat")
	exp, hasExp := t.seconds("exp")
	if !hasIat {
		return staleToken("null")
	}
	at := float64(now.UnixNano()) / 1e9
	skew := clockSkew.Seconds()
	if !hasExp || at > exp+skew || iat > at+skew || !t.begun(at+skew) {
		return staleToken(strconv.FormatFloat(iat, 'f', -1, 64))
	}
	return nil
}

// begun reports whether the token's nbf, if it has one, is a time no later than at.
func (t *subjectToken) begun(at float64) bool {
	nbf, ok := t.seconds("nbf")
	if _, said := t.claims["nbf"]; !said {
		return true
	}
	return ok && nbf <= at
}

// expires is when the token does, in Unix seconds.
func (t *subjectToken) expires() int64 {
	exp, _ := t.seconds("exp")
	const farAway = 1 << 40 // a float beyond int64 has no defined conversion
	return int64(min(exp, farAway))
}

func (t *subjectToken) seconds(claim string) (float64, bool) {
	v, ok := t.claims[claim].(float64)
	return v, ok
}

// verify checks the signature against the keys that carry the token's key id.
func (t *subjectToken) verify(keys keySet) error {
	found := keys.withID(t.keyID())
	if len(found) == 0 {
		return noKey()
	}
	for _, k := range found {
		if !isFor(k, t.jws.Signatures[0].Protected.Algorithm) {
			continue
		}
		if _, err := t.jws.Verify(k); err == nil {
			return nil
		}
	}
	return badSignature()
}
