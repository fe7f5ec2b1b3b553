package federation

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
)

// uploadedKey are the fields Google takes in an uploaded key (REST reference,
// Oidc.jwksJson). x5c and the like must be removed first.
type uploadedKey struct {
	Kty string `json:"kty"`
	Alg string `json:"alg,omitempty"`
	Use string `json:"use,omitempty"`
	Kid string `json:"kid,omitempty"`
	N   string `json:"n,omitempty"`
	E   string `json:"e,omitempty"`
	X   string `json:"x,omitempty"`
	Y   string `json:"y,omitempty"`
	Crv string `json:"crv,omitempty"`
}

// checkJWKS checks an uploaded key set and returns it in the server's own
// format, so that a client has to compare meanings and not bytes. The keys
// themselves are hardly looked at: a useless one shows up at the exchange
// (https://docs.cloud.google.com/iam/docs/workload-identity-federation-with-other-providers).
func checkJWKS(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	var set struct {
		Keys []uploadedKey `json:"keys"`
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&set); err != nil || decoder.More() || set.Keys == nil {
		return "", invalid("Input JWK is not in a valid json format.")
	}
	if len(set.Keys) > 8 {
		return "", invalid("Invalid JWKs: the number of keys (%d) exceeds the limit of 8.", len(set.Keys))
	}
	for _, k := range set.Keys {
		if err := k.check(); err != nil {
			return "", err
		}
	}
	b, err := json.MarshalIndent(set, "", "  ")
	return string(b), err
}

// check words its refusals as measured on the real service.
func (k *uploadedKey) check() error {
	var numbers []string
	switch {
	case k.Kty == "RSA":
		numbers = []string{k.N, k.E}
	case k.Kty == "EC" && k.Crv == "P-256":
		numbers = []string{k.X, k.Y}
	case k.Kty == "EC":
		return invalid("Invalid JWKs: key %q has curve %q. Only RSA, EC key types are supported.", k.Kid, k.Crv)
	}
	for _, n := range numbers {
		if b, err := base64.RawURLEncoding.DecodeString(n); err != nil || len(b) == 0 {
			return invalid("Input jwks contains corrupted key material.")
		}
	}
	if numbers == nil {
		return invalid("Input jwks contains corrupted key material.")
	}
	return nil
}
