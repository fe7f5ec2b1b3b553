package cks

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	stdjson "encoding/json"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json" // case-sensitive, refuses a member that stands twice
)

const (
	minRSABits = 2048
	maxRSABits = 16384 // beyond, checking one signature takes seconds
)

// A Key is one entry of an issuer's key set, judged by what Google verifies
// tokens with: RS256 and ES256, that is RSA of 2048 bits or more and P-256
// (subjectToken in https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token).
type Key struct {
	KID    string
	Alg    string // as published; often absent
	Kty    string
	Crv    string // of an EC or OKP key
	Bits   int    // of an RSA key
	Usable bool
	Why    string // why it is not usable

	public any // *rsa.PublicKey or *ecdsa.PublicKey of a usable key
}

// ParseKeys reads an RFC 7517 key set: the published one, or what a cluster
// answers on /openid/v1/jwks. A key that is damaged or of no use is returned
// with its reason; an error means that the set itself cannot be read.
func ParseKeys(body []byte) ([]Key, error) {
	var set struct {
		Keys []stdjson.RawMessage `json:"keys"`
	}
	if err := unmarshalObject(body, &set); err != nil {
		return nil, err
	}
	if set.Keys == nil {
		return nil, errors.New(`there is no "keys" in it`)
	}
	keys := make([]Key, 0, len(set.Keys))
	for _, raw := range set.Keys {
		keys = append(keys, parseKey(raw))
	}
	return keys, nil
}

// unmarshalObject reads a JSON object from a stranger. The standard library's
// scanner bounds the nesting; go-jose's decoder takes no "Issuer" for "issuer"
// and no object with two of them.
func unmarshalObject(body []byte, into any) error {
	var object map[string]stdjson.RawMessage
	if err := stdjson.Unmarshal(body, &object); err != nil {
		return fmt.Errorf("not a JSON object: %w", err)
	}
	if object == nil {
		return errors.New("not a JSON object: null")
	}
	return json.Unmarshal(body, into)
}

func parseKey(raw []byte) Key {
	var f struct {
		KID string             `json:"kid"`
		Alg string             `json:"alg"`
		Kty string             `json:"kty"`
		Crv string             `json:"crv"`
		Use string             `json:"use"`
		D   stdjson.RawMessage `json:"d"`
		// Certificates are of no interest to Google, and a broken one must
		// not hide a good key, so they are not handed to the parser below.
		N stdjson.RawMessage `json:"n,omitempty"`
		E stdjson.RawMessage `json:"e,omitempty"`
		X stdjson.RawMessage `json:"x,omitempty"`
		Y stdjson.RawMessage `json:"y,omitempty"`
	}
	if err := unmarshalObject(raw, &f); err != nil {
		return Key{Why: oneLine(err.Error(), 120)}
	}
	k := Key{KID: f.KID, Alg: f.Alg, Kty: f.Kty, Crv: f.Crv}
	switch {
	case f.D != nil:
		k.Why = "it publishes the private key: it must be replaced"
		return k
	case f.Kty != "RSA" && f.Kty != "EC":
		k.Why = fmt.Sprintf("type %q: Google takes RSA and EC", oneLine(f.Kty, 20))
		return k
	}
	public, err := publicKey(map[string]any{"kty": f.Kty, "crv": f.Crv, "n": f.N, "e": f.E, "x": f.X, "y": f.Y})
	if err != nil {
		k.Why = "damaged: " + oneLine(err.Error(), 120)
		return k
	}
	k.judge(public, f.Use)
	return k
}

// publicKey hands just the key's numbers to go-jose.
func publicKey(members map[string]any) (any, error) {
	for name, v := range members {
		if raw, ok := v.(stdjson.RawMessage); ok && raw == nil {
			delete(members, name)
		}
	}
	clean, err := stdjson.Marshal(members)
	if err != nil {
		return nil, err
	}
	var jwk jose.JSONWebKey
	if err := jwk.UnmarshalJSON(clean); err != nil {
		return nil, err
	}
	return jwk.Key, nil
}

// judge sets Usable, or Why not.
func (k *Key) judge(public any, use string) {
	want := "RS256"
	switch p := public.(type) {
	case *rsa.PublicKey:
		k.Bits = p.N.BitLen()
		if k.Bits < minRSABits || k.Bits > maxRSABits {
			k.Why = fmt.Sprintf("RSA of %d bits: it must have %d to %d", k.Bits, minRSABits, maxRSABits)
		}
	case *ecdsa.PublicKey:
		want = "ES256"
		if p.Curve != elliptic.P256() {
			k.Why = fmt.Sprintf("curve %s: Google takes P-256", oneLine(k.Crv, 20))
		}
	default:
		k.Why = "neither an RSA nor an EC public key"
	}
	switch {
	case k.Why != "":
	case k.KID == "":
		k.Why = "no kid: a token cannot name it"
	case use != "" && use != "sig":
		k.Why = fmt.Sprintf("use %q: not for signatures", oneLine(use, 20))
	case k.Alg != "" && k.Alg != want:
		k.Why = fmt.Sprintf("algorithm %q: Google takes %s with this type of key", oneLine(k.Alg, 20), want)
	default:
		k.Usable, k.public = true, public
	}
}
