package cks

import (
	"strings"
	"testing"
)

func FuzzClusters(f *testing.F) {
	for _, s := range []string{
		`{"items":[{"id":"a","status":2}]}`, `{"clusters":[{"id":"a","status":"STATUS_RUNNING"}],"nextPageToken":"x"}`,
		`{"cluster":{"id":"a"}}`, `{"id":"a","zone":null}`, `null`, `[]`, `{`, `{"items":{"id":1}}`, `{"items":[null]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if l, err := parseList(body); err == nil {
			for _, c := range l.Clusters {
				if c.ID == "" {
					t.Errorf("a cluster without an id came through: %+v", c)
				}
			}
		}
		if c, err := parseCluster(body); err == nil && c.ID == "" {
			t.Errorf("a cluster without an id came through: %+v", c)
		}
		code, message := parseErrorBody(body)
		if got := oneLine(code+" "+message, 300); len(got) > 303 || strings.ContainsAny(got, "\n\r\x1b") {
			t.Errorf("an error of %d bytes or several lines: %q", len(got), got)
		}
	})
}

func FuzzDiscovery(f *testing.F) {
	for _, s := range []string{
		`{"issuer":"` + coreweave + `","jwks_uri":"https://a/k"}`, `{"issuer":7}`, `null`, `{"a":[[[[`, `{"issuer":"a","issuer":"b"}`,
		`{"keys":[{"kty":"EC","crv":"P-256","kid":"k","x":"AA","y":"AA"}]}`, `{"keys":[{"kty":"RSA","kid":"k","n":"AA","e":"AQAB"}]}`,
		`{"keys":[null,1,"x",[],{}]}`, `{"keys":[{"kty":"RSA","n":"","e":""}]}`, `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p := page{body: body, from: coreweave + wellKnown}
		d, err := parseDocument(p, coreweave)
		if err == nil && (d.Issuer != coreweave || !strings.HasPrefix(strings.ToLower(d.JWKSURI), "https://")) {
			t.Errorf("accepted %+v", d)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\n\r\x1b") {
			t.Errorf("an error of several lines: %q", err)
		}
		keys, err := ParseKeys(body)
		if err != nil {
			return
		}
		for _, k := range keys {
			if k.Usable != (k.Why == "") || k.Usable && k.public == nil {
				t.Errorf("neither usable nor not: %+v", k)
			}
		}
	})
}

func FuzzVerifySignature(f *testing.F) {
	f.Add("eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIn0.e30.AA")
	f.Add("..")
	f.Add("e30.e30.e30")
	f.Fuzz(func(t *testing.T, token string) {
		if err := VerifySignature(token, Discovery{}); err == nil {
			t.Error("a token stood without any key")
		}
	})
}

func FuzzIssuer(f *testing.F) {
	f.Add(coreweave, "https://api.a.k8s.example:443")
	f.Add("https://a/[X]", "::1")
	f.Fuzz(func(t *testing.T, issuer, server string) {
		id := ClusterID(issuer)
		if len(id) != 12 && len(id) != 36 {
			t.Errorf("id %q", id)
		}
		if ValidateIssuer(issuer) == nil && !strings.HasPrefix(issuer, "https://") {
			t.Errorf("accepted %q", issuer)
		}
		if (Difference(issuer, server) == "") != (issuer == server) {
			t.Errorf("the difference of %q and %q is %q", issuer, server, Difference(issuer, server))
		}
		_ = Cluster{APIServerEndpoint: issuer}.Serves(server)
	})
}
