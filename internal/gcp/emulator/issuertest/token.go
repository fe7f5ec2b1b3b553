// Package issuertest stands in for an issuer in the tests of the emulator: its keys,
// tokens signed with them in good and bad ways, and the server that publishes it.
package issuertest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// The keys, made once: RSA keys take a while.
var keys = sync.OnceValue(func() map[string]crypto.Signer {
	made := map[string]crypto.Signer{}
	for _, id := range []string{"rsa-1", "rsa-2"} {
		made[id] = must(rsa.GenerateKey(rand.Reader, 2048))
	}
	made["p256"] = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	made["p384"] = must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	return made
})

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Key is one of the keys: rsa-1, rsa-2, p256 or p384. They are the same for the whole
// test binary.
func Key(id string) crypto.Signer { return keys()[id] }

// JWKS is the public half of keys as an issuer publishes it.
func JWKS(t testing.TB, ids ...string) string {
	t.Helper()
	var set jose.JSONWebKeySet
	for _, id := range ids {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: Key(id).Public(), KeyID: id, Use: "sig"})
	}
	b, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A Signing is how a token is signed. The zero value is RS256 with key rsa-1.
type Signing struct {
	Alg jose.SignatureAlgorithm
	Key string // whose private half signs
	Kid string // what the header says; default Key
	Raw any    // a key that is none of the above
}

// Sign makes a token of claims.
func Sign(t testing.TB, claims map[string]any, with Signing) string {
	t.Helper()
	if with.Alg == "" {
		with.Alg = jose.RS256
	}
	if with.Key == "" {
		with.Key = "rsa-1"
	}
	if with.Kid == "" {
		with.Kid = with.Key
	}
	var key any = Key(with.Key)
	if with.Raw != nil {
		key = with.Raw
	}
	opts := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", with.Kid)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: with.Alg, Key: key}, opts)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Unsigned is a token with that header and an empty or made-up signature.
func Unsigned(header, payload, signature string) string {
	e := base64.RawURLEncoding.EncodeToString
	return e([]byte(header)) + "." + e([]byte(payload)) + "." + e([]byte(signature))
}
