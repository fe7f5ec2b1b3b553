package federation

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/gcp/emulator/issuertest"
)

// refusal is what a test wants of an error: the OAuth code and description, or both empty.
func refusal(err error) [2]string {
	if err == nil {
		return [2]string{}
	}
	var o *Refusal
	if !errors.As(err, &o) {
		return [2]string{"not a refusal", err.Error()}
	}
	return [2]string{o.Code, o.Description}
}

func TestParseSubjectTokenRefuses(t *testing.T) {
	ok := map[string]any{"sub": "x"}
	for name, raw := range map[string]string{
		"nothing":                     "",
		"a word":                      "token",
		"five parts, as of a JWE":     "a.b.c.d.e",
		"alg none":                    issuertest.Unsigned(`{"alg":"none","kid":"rsa-1"}`, `{"sub":"x"}`, ""),
		"HS256":                       issuertest.Sign(t, ok, issuertest.Signing{Alg: jose.HS256, Raw: []byte(issuertest.JWKS(t, "rsa-1")), Kid: "rsa-1"}),
		"PS256":                       issuertest.Sign(t, ok, issuertest.Signing{Alg: jose.PS256}),
		"ES384":                       issuertest.Sign(t, ok, issuertest.Signing{Alg: jose.ES384, Key: "p384"}),
		"no kid":                      issuertest.Unsigned(`{"alg":"RS256"}`, `{"sub":"x"}`, "sig"),
		"claims that are a list":      issuertest.Unsigned(`{"alg":"RS256","kid":"k"}`, `["sub"]`, "sig"),
		"claims that are null":        issuertest.Unsigned(`{"alg":"RS256","kid":"k"}`, `null`, "sig"),
		"claims that are not JSON":    issuertest.Unsigned(`{"alg":"RS256","kid":"k"}`, `{"sub":`, "sig"),
		"claims nested too deep":      issuertest.Unsigned(`{"alg":"RS256","kid":"k"}`, strings.Repeat(`{"a":`, 40)+"1"+strings.Repeat("}", 40), "sig"),
		"a token of more than 16 KiB": issuertest.Sign(t, map[string]any{"sub": strings.Repeat("x", maxTokenBytes)}, issuertest.Signing{}),
		"a JWS in JSON form":          `{"payload":"e30","signatures":[{"protected":"eyJhbGciOiJSUzI1NiJ9","signature":"AA"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseSubjectToken(raw)
			want := [2]string{"invalid_grant", "Unable to parse the ID Token."}
			if diff := cmp.Diff(want, refusal(err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCheckTimes(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	at := func(d time.Duration) any { return now.Add(d).Unix() }
	for name, c := range map[string]struct {
		iat, exp any
		want     string // the SECONDS of the refusal; empty: accepted
	}{
		"5.2 an hour to live":                        {at(0), at(time.Hour), ""},
		"5.2 eleven years to live":                   {at(0), at(11 * 365 * 24 * time.Hour), ""},
		"5.2 two hours old":                          {at(-2 * time.Hour), at(time.Hour), ""},
		"5.2 expired 59 s ago":                       {at(-time.Hour), at(-59 * time.Second), ""},
		"5.2 expired 61 s ago":                       {at(-time.Hour), at(-61 * time.Second), "1799996400"},
		"5.2 issued in 60 s":                         {at(time.Minute), at(time.Hour), ""},
		"5.2 issued in 119 s":                        {at(119 * time.Second), at(time.Hour), "1800000119"},
		"5.4 no iat":                                 {nil, at(time.Hour), "null"},
		"5.4 no exp":                                 {at(0), nil, "1800000000"},
		"5.4 neither":                                {nil, nil, "null"},
		"5.4 iat as a string":                        {"1800000000", at(time.Hour), "null"},
		"5.4 exp as a string":                        {at(0), "1900000000", "1800000000"},
		"5.2 a fraction of a second is no objection": {1_799_999_999.5, at(time.Hour), ""},
	} {
		t.Run(name, func(t *testing.T) {
			claims := map[string]any{"sub": "x"}
			if c.iat != nil {
				claims["iat"] = c.iat
			}
			if c.exp != nil {
				claims["exp"] = c.exp
			}
			tok, err := parseSubjectToken(issuertest.Sign(t, claims, issuertest.Signing{}))
			if err != nil {
				t.Fatal(err)
			}
			var want [2]string
			if c.want != "" {
				want = [2]string{"invalid_grant", "ID Token issued at " + c.want + " is stale to sign-in."}
			}
			if diff := cmp.Diff(want, refusal(tok.checkTimes(now))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCheckAudience(t *testing.T) {
	const provider = "projects/1/locations/global/workloadIdentityPools/p/providers/q"
	const full = "//iam.googleapis.com/" + provider
	for name, c := range map[string]struct {
		aud     any
		allowed []string
		want    string
	}{
		"1.10 the default without https":               {full, nil, ""},
		"1.10 the default with https":                  {[]string{"https:" + full}, nil, ""},
		"1.10 one of several is enough":                {[]string{"other", "https:" + full}, nil, ""},
		"1.10 the default with a trailing slash":       {full + "/", nil, "[" + full + "/]"},
		"1.10 another provider's default":              {full + "2", nil, "[" + full + "2]"},
		"1.10 a listed one":                            {"sts", []string{"sts"}, ""},
		"1.10 the default is no longer accepted":       {"https:" + full, []string{"sts"}, "[https:" + full + "]"},
		"1.10 the default can be listed":               {"https:" + full, []string{"https:" + full}, ""},
		"1.10 other case":                              {"STS", []string{"sts"}, "[STS]"},
		"5.4 missing":                                  {nil, nil, "[]"},
		"5.4 two wrong ones":                           {[]string{"a", "b"}, nil, "[a, b]"},
		"5.4 a number is no audience":                  {7, []string{"7"}, "[]"},
		"5.4 an object is no audience":                 {map[string]any{"sts": 1}, []string{"sts"}, "[]"},
		"5.4 only the strings of a list are looked at": {[]any{1, "sts"}, []string{"sts"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			claims := map[string]any{}
			if c.aud != nil {
				claims["aud"] = c.aud
			}
			tok, err := parseSubjectToken(issuertest.Sign(t, claims, issuertest.Signing{}))
			if err != nil {
				t.Fatal(err)
			}
			var want [2]string
			if c.want != "" {
				want = [2]string{"invalid_grant", "The audience in ID Token " + c.want + " does not match the expected audience."}
			}
			if diff := cmp.Diff(want, refusal(tok.checkAudience(provider, c.allowed))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCheckIssuer(t *testing.T) {
	const want = "https://issuer.example"
	for name, c := range map[string]struct {
		iss  any
		said string
	}{
		"5.4 another":           {"https://evil.example", "https://evil.example"},
		"1.11 a trailing slash": {want + "/", want + "/"},
		"1.11 other case":       {"https://Issuer.example", "https://Issuer.example"},
		"5.4 missing":           {nil, "null"},
		"5.4 a list":            {[]string{want}, "null"},
	} {
		t.Run(name, func(t *testing.T) {
			tok := &subjectToken{claims: map[string]any{}}
			if c.iss != nil {
				tok.claims["iss"] = c.iss
			}
			refused := [2]string{"invalid_grant", "The issuer in ID Token " + c.said + " does not match the expected ones: " + want}
			if diff := cmp.Diff(refused, refusal(tok.checkIssuer(want))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestVerify(t *testing.T) {
	unknown := [2]string{"invalid_grant", "Error connecting to the given credential's issuer."}
	wrong := [2]string{"invalid_grant", "Unable to verify the ID Token signature."}
	for name, c := range map[string]struct {
		with issuertest.Signing
		keys string
		want [2]string
	}{
		"1.12 RSA":                                  {issuertest.Signing{}, issuertest.JWKS(t, "rsa-1"), [2]string{}},
		"1.12 P-256":                                {issuertest.Signing{Alg: jose.ES256, Key: "p256"}, issuertest.JWKS(t, "p256"), [2]string{}},
		"1.12 RSA and EC mixed":                     {issuertest.Signing{Alg: jose.ES256, Key: "p256"}, issuertest.JWKS(t, "rsa-1", "p256"), [2]string{}},
		"5.4 unknown kid":                           {issuertest.Signing{Kid: "other"}, issuertest.JWKS(t, "rsa-1"), unknown},
		"5.4 empty key set":                         {issuertest.Signing{}, `{"keys":[]}`, unknown},
		"5.4 right kid, another key":                {issuertest.Signing{Key: "rsa-2", Kid: "rsa-1"}, issuertest.JWKS(t, "rsa-1"), wrong},
		"5.4 right kid, key of the other kind":      {issuertest.Signing{Alg: jose.ES256, Key: "p256", Kid: "rsa-1"}, issuertest.JWKS(t, "rsa-1"), wrong},
		"1.12 only a P-384 key of that id":          {issuertest.Signing{Alg: jose.ES256, Key: "p256", Kid: "p384"}, issuertest.JWKS(t, "p384"), unknown},
		"1.12 an unusable key spoils no other":      {issuertest.Signing{}, issuertest.JWKS(t, "p384", "rsa-1"), [2]string{}},
		"1.12 a key for encryption is not for this": {issuertest.Signing{}, strings.ReplaceAll(issuertest.JWKS(t, "rsa-1"), `"sig"`, `"enc"`), unknown},
	} {
		t.Run(name, func(t *testing.T) {
			tok, err := parseSubjectToken(issuertest.Sign(t, map[string]any{"sub": "x"}, c.with))
			if err != nil {
				t.Fatal(err)
			}
			keys, err := parseKeySet([]byte(c.keys))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, refusal(tok.verify(keys))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzParseSubjectToken(f *testing.F) {
	f.Add(issuertest.Sign(f, map[string]any{"iss": "i", "aud": []string{"a"}, "iat": 1, "exp": 2}, issuertest.Signing{}))
	f.Add(issuertest.Unsigned(`{"alg":"none","kid":"k"}`, `{"sub":"x"}`, ""))
	keys, err := parseKeySet([]byte(issuertest.JWKS(f, "rsa-1", "p256")))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		tok, err := parseSubjectToken(raw)
		if err != nil {
			return
		}
		// Whatever it is: every question about it gets an answer.
		_ = tok.checkIssuer("i")
		_ = tok.checkAudience("p", nil)
		_ = tok.checkTimes(time.Unix(1, 0))
		if tok.verify(keys) == nil && tok.claims["iss"] != "i" {
			t.Errorf("accepted a token nobody signed: %q", raw)
		}
	})
}
