package cks

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/wifctl/wifctl/internal/cks/ckstest"
)

func ecKey(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func members(t *testing.T, key jose.JSONWebKey, change func(map[string]any)) map[string]any {
	t.Helper()
	raw, err := json.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	change(m)
	return m
}

func TestKeysAreJudgedAsGoogleDoes(t *testing.T) {
	rsa2048 := ckstest.RSAKey()
	small := &rsa.PublicKey{N: new(big.Int).Rsh(rsa2048.N, 1024), E: 65537}
	huge := &rsa.PublicKey{N: new(big.Int).Lsh(rsa2048.N, 16384), E: 65537}
	p256 := ecKey(t, elliptic.P256())
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := jose.JSONWebKey{Key: p256.Public(), KeyID: "k"}
	with := func(member string, value any) map[string]any {
		return members(t, good, func(m map[string]any) { m[member] = value })
	}
	tests := map[string]struct {
		key any
		why string // a part of it; empty: usable
	}{
		"RSA of 2048 bits":              {jose.JSONWebKey{Key: rsa2048.Public(), KeyID: "k", Algorithm: "RS256", Use: "sig"}, ""},
		"P-256":                         {good, ""},
		"P-256 with its algorithm":      {with("alg", "ES256"), ""},
		"a broken certificate":          {with("x5c", []any{"garbage"}), ""},
		"a member nobody knows":         {with("custom", map[string]any{}), ""},
		"RSA of 1024 bits":              {jose.JSONWebKey{Key: small, KeyID: "k"}, "1024 bits"},
		"RSA of too many bits":          {jose.JSONWebKey{Key: huge, KeyID: "k"}, "18432 bits"},
		"RSA for PS256":                 {jose.JSONWebKey{Key: rsa2048.Public(), KeyID: "k", Algorithm: "PS256"}, `"PS256"`},
		"RSA for ES256":                 {jose.JSONWebKey{Key: rsa2048.Public(), KeyID: "k", Algorithm: "ES256"}, `"ES256"`},
		"P-384":                         {jose.JSONWebKey{Key: ecKey(t, elliptic.P384()).Public(), KeyID: "k"}, "P-384"},
		"P-521":                         {jose.JSONWebKey{Key: ecKey(t, elliptic.P521()).Public(), KeyID: "k"}, "P-521"},
		"Ed25519":                       {jose.JSONWebKey{Key: ed.Public(), KeyID: "k"}, `type "OKP"`},
		"a shared secret":               {jose.JSONWebKey{Key: []byte("secret"), KeyID: "k"}, `type "oct"`},
		"a private EC key":              {jose.JSONWebKey{Key: p256, KeyID: "k"}, "private key"},
		"a private RSA key":             {jose.JSONWebKey{Key: rsa2048, KeyID: "k"}, "private key"},
		"no kid":                        {jose.JSONWebKey{Key: p256.Public()}, "no kid"},
		"for encryption":                {with("use", "enc"), `"enc"`},
		"no type":                       {with("kty", ""), `type ""`},
		"a point that is not on it":     {with("y", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "damaged"},
		"a number that is not base64":   {with("x", "!"), "damaged"},
		"a number that is missing":      {members(t, good, func(m map[string]any) { delete(m, "x") }), "damaged"},
		"a number that is null":         {with("x", nil), "damaged"},
		"a kid that is no string":       {with("kid", 7), "cannot unmarshal number"},
		"no object":                     {"key", "not a JSON object"},
		"null":                          {nil, "null"},
		"the type in the wrong letters": {members(t, good, func(m map[string]any) { m["KTY"] = m["kty"]; delete(m, "kty") }), `type ""`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			body, err := json.Marshal(map[string]any{"keys": []any{tt.key}})
			if err != nil {
				t.Fatal(err)
			}
			keys, err := ParseKeys(body)
			if err != nil || len(keys) != 1 {
				t.Fatalf("got %v, %v, want one key", keys, err)
			}
			k := keys[0]
			if k.Usable != (tt.why == "") || !strings.Contains(k.Why, tt.why) || k.Usable != (k.Why == "") {
				t.Errorf("usable: got %v because %q, want because %q", k.Usable, k.Why, tt.why)
			}
		})
	}
}

func TestABadKeyDoesNotHideAGoodOne(t *testing.T) {
	i := newIssuer(t, coreweave)
	i.SetKeys(nil, map[string]any{"kty": "oct", "kid": "s"}, jose.JSONWebKey{Key: ecKey(t, elliptic.P256()).Public(), KeyID: "good"})
	d, err := discover(t, i)
	if err != nil {
		t.Fatal(err)
	}
	if usable := d.Usable(); len(d.Keys) != 3 || len(usable) != 1 || usable[0].KID != "good" {
		t.Errorf("got %+v, want the third key to be usable", d.Keys)
	}
}
