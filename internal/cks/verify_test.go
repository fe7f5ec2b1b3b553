package cks

import (
	"crypto/elliptic"
	"errors"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/wifctl/wifctl/internal/cks/ckstest"
)

func TestVerifySignature(t *testing.T) {
	i := newIssuer(t, coreweave)
	rsaKey, p384 := ckstest.RSAKey(), ecKey(t, elliptic.P384())
	stranger := ecKey(t, elliptic.P256())
	published, err := ckstest.NewIssuer(coreweave)
	if err != nil {
		t.Fatal(err)
	}
	d, err := discover(t, i)
	if err != nil {
		t.Fatal(err)
	}
	i.SetKeys(
		jose.JSONWebKey{Key: rsaKey.Public(), KeyID: "r1"},
		jose.JSONWebKey{Key: stranger.Public(), KeyID: "twice"}, jose.JSONWebKey{Key: rsaKey.Public(), KeyID: "twice"},
		jose.JSONWebKey{Key: ecKey(t, elliptic.P256()).Public(), KeyID: "enc", Use: "enc"},
	)
	more, err := discover(t, i)
	if err != nil {
		t.Fatal(err)
	}
	d.Keys = append(d.Keys, more.Keys...)

	sign := func(alg jose.SignatureAlgorithm, key any, kid string) string {
		token, err := ckstest.SignWith(alg, jose.JSONWebKey{Key: key, KeyID: kid}, map[string]any{"iss": coreweave, "sub": "s"})
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	own := func(i *ckstest.Issuer, kid string) string {
		token, err := i.Sign(map[string]any{"iss": coreweave, "sub": "s"}, kid)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	good := own(i, "")
	head, rest, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(rest, ".")

	tests := map[string]struct {
		token string
		want  SignatureFault // empty: it stands
	}{
		"the issuer's own":               {good, ""},
		"RS256":                          {sign(jose.RS256, rsaKey, "r1"), ""},
		"two keys of one kid":            {sign(jose.RS256, rsaKey, "twice"), ""},
		"another issuer's, the same kid": {own(published, "k1"), SignatureWrong},
		"a kid of nobody":                {own(i, "k2"), SignatureUnknown},
		"a kid of another type":          {own(i, "r1"), SignatureWrong},
		"a kid that is not for this":     {own(i, "enc"), SignatureUnusable},
		"no kid":                         {sign(jose.ES256, stranger, ""), SignatureNoKID},
		"RS512":                          {sign(jose.RS512, rsaKey, "r1"), SignatureAlgorithm},
		"PS256":                          {sign(jose.PS256, rsaKey, "r1"), SignatureAlgorithm},
		"ES384":                          {sign(jose.ES384, p384, "k1"), SignatureAlgorithm},
		"HS256 with the public key":      {sign(jose.HS256, rsaKey.N.Bytes(), "r1"), SignatureAlgorithm},
		"alg none":                       {"eyJhbGciOiJub25lIiwia2lkIjoiazEifQ." + payload + ".", SignatureAlgorithm},
		"another payload":                {head + ".e30." + signature, SignatureWrong},
		"no signature":                   {head + "." + payload + ".", SignatureWrong},
		"two parts":                      {head + "." + payload, SignatureMalformed},
		"four parts":                     {good + ".x", SignatureMalformed},
		"not a token":                    {"hello", SignatureMalformed},
		"nothing":                        {"", SignatureMalformed},
		"a header of null":               {"bnVsbA." + payload + "." + signature, SignatureMalformed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			err := VerifySignature(tt.token, d)
			var got SignatureFault
			var se *SignatureError
			if errors.As(err, &se) {
				got = se.Fault
			}
			if got != tt.want || (err == nil) != (tt.want == "") {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), payload) {
				t.Errorf("the error shows the token: %v", err)
			}
		})
	}
}

func TestAnUnknownKidIsShownBesideThePublishedOnes(t *testing.T) {
	i := newIssuer(t, coreweave)
	d, err := discover(t, i)
	if err != nil {
		t.Fatal(err)
	}
	token, err := i.Sign(nil, "k2")
	if err != nil {
		t.Fatal(err)
	}
	err = VerifySignature(token, d)
	if err == nil || !strings.Contains(err.Error(), `"k2"`) || !strings.Contains(err.Error(), `["k1"]`) {
		t.Errorf("got %v, want both kids in it", err)
	}
}
