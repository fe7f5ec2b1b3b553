package federation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// minRSABits is the shortest RSA key a token may be signed with (RFC 7518, section 3.3).
const minRSABits = 2048

// A keySet is the usable public keys of an issuer.
type keySet []jose.JSONWebKey

// parseKeySet reads an RFC 7517 key set and keeps what can verify an RS256 or
// ES256 token: RSA and P-256 public keys. One unusable key does not spoil the
// others; a set that is not JSON is an error.
func parseKeySet(text []byte) (keySet, error) {
	var raw struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf("read key set: %w", err)
	}
	var keys keySet
	for _, r := range raw.Keys {
		var k jose.JSONWebKey
		if k.UnmarshalJSON(r) == nil && usable(k) {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

func usable(k jose.JSONWebKey) bool {
	if k.Use != "" && k.Use != "sig" {
		return false
	}
	switch pub := k.Key.(type) {
	case *rsa.PublicKey:
		return pub.N.BitLen() >= minRSABits
	case *ecdsa.PublicKey:
		return pub.Curve == elliptic.P256()
	}
	return false
}

// isFor reports whether a key may verify an algorithm: any that its kind can, unless
// the key names its one (RFC 7517, section 4.4).
func isFor(k jose.JSONWebKey, alg string) bool {
	return k.Algorithm == "" || k.Algorithm == alg
}

// withID returns the keys of that id; a set may repeat one.
func (s keySet) withID(id string) []jose.JSONWebKey {
	var found []jose.JSONWebKey
	for _, k := range s {
		if k.KeyID == id {
			found = append(found, k)
		}
	}
	return found
}
