package kube

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func jwt(header, claims string) Token {
	e := base64.RawURLEncoding.EncodeToString
	return Token{raw: e([]byte(header)) + "." + e([]byte(claims)) + ".c2ln"}
}

func TestClaimsReadWhatIsThere(t *testing.T) {
	for name, tc := range map[string]struct {
		claims string
		want   Claims
	}{
		"one audience as a string": {`{"aud":"a"}`, Claims{Audience: []string{"a"}}},
		"audiences as a list":      {`{"aud":["a","b"]}`, Claims{Audience: []string{"a", "b"}}},
		"no audience":              {`{}`, Claims{}},
		"an instant with fraction": {`{"iat":1700000000.5}`, Claims{IssuedAt: time.Unix(1700000000, 0).UTC()}},
	} {
		t.Run(name, func(t *testing.T) {
			tc.want.Algorithm, tc.want.KeyID = "ES256", "k1"
			got, err := jwt(`{"alg":"ES256","kid":"k1"}`, tc.claims).Claims()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestClaimsErrorsDoNotQuoteTheToken(t *testing.T) {
	const secret = "hunter2hunter2"
	for name, token := range map[string]Token{
		"empty":                  {},
		"not three parts":        {raw: secret},
		"not base64url":          {raw: "%" + secret + "." + secret + "." + secret},
		"header not JSON":        jwt(secret, `{}`),
		"claims not JSON":        jwt(`{}`, secret),
		"claims of another kind": jwt(`{}`, `{"iss":{"`+secret+`":1}}`),
		"audience of numbers":    jwt(`{}`, `{"aud":[1,"`+secret+`"]}`),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := token.Claims()
			if err == nil {
				t.Fatalf("got %+v and no error", got)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error quotes the token: %v", err)
			}
		})
	}
}

func FuzzClaims(f *testing.F) {
	f.Add(jwt(`{"alg":"RS256","kid":"k"}`, `{"aud":["a"],"exp":1e300,"kubernetes.io":{"namespace":"foo"}}`).raw)
	f.Add("..")
	f.Fuzz(func(t *testing.T, raw string) {
		c, err := Token{raw: raw}.Claims()
		if err != nil && !cmp.Equal(c, Claims{}) {
			t.Errorf("claims of a token that can't be read: %+v", c)
		}
	})
}
