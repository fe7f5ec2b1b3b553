package federation

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUploadedKeys(t *testing.T) {
	set := func(keys ...string) string { return `{"keys":[` + strings.Join(keys, ",") + `]}` }
	const rsa = `{"kty":"RSA","kid":"r","n":"0vx7ag","e":"AQAB"}`
	const p256 = `{"kty":"EC","crv":"P-256","kid":"e","x":"AQAB","y":"AQAB"}`
	tests := []struct{ name, jwks, message string }{
		{"RSA and P-256 together are fine", set(rsa, p256), ""},
		{"eight keys are fine", set(rsa, rsa, rsa, rsa, rsa, rsa, rsa, rsa), ""},
		{"nine keys are too many", set(rsa, rsa, rsa, rsa, rsa, rsa, rsa, rsa, rsa), "Invalid JWKs: the number of keys (9) exceeds the limit of 8."},
		{"not JSON", "keys", "Input JWK is not in a valid json format."},
		{"a field that has to be removed", set(`{"kty":"RSA","n":"0vx7ag","e":"AQAB","x5c":["AA"]}`), "Input JWK is not in a valid json format."},
		{"P-384", set(`{"kty":"EC","crv":"P-384","kid":"k","x":"AQAB","y":"AQAB"}`), `Invalid JWKs: key "k" has curve "P-384". Only RSA, EC key types are supported.`},
		{"P-521", set(`{"kty":"EC","crv":"P-521","kid":"k","x":"AQAB","y":"AQAB"}`), `Invalid JWKs: key "k" has curve "P-521". Only RSA, EC key types are supported.`},
		{"Ed25519", set(`{"kty":"OKP","crv":"Ed25519","x":"AQAB"}`), "Input jwks contains corrupted key material."},
		{"an RSA key without a modulus", set(`{"kty":"RSA","e":"AQAB"}`), "Input jwks contains corrupted key material."},
	}
	for _, tt := range tests {
		t.Run("1.12 "+tt.name, func(t *testing.T) {
			stored, err := checkJWKS(tt.jwks)
			got := ""
			if refusal := (*Invalid)(nil); errors.As(err, &refusal) {
				got = refusal.Text
			}
			if diff := cmp.Diff(tt.message, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err == nil && stored == tt.jwks {
				t.Error("the server reformats what is uploaded")
			}
		})
	}
}
