package cks

import (
	"errors"
	"strings"
	"testing"
)

func TestClusterID(t *testing.T) {
	// The hashes are written out: a release that made others would no longer
	// find what an earlier one had set up.
	tests := map[string]struct{ issuer, want string }{
		"CoreWeave's form":          {"https://oidc.cks.coreweave.com/id/" + prodID, prodID},
		"with a trailing slash":     {"https://oidc.cks.coreweave.com/id/" + prodID + "/", "?"},
		"in capital letters":        {"https://oidc.cks.coreweave.com/id/" + strings.ToUpper(prodID), "?"},
		"over http":                 {"http://oidc.cks.coreweave.com/id/" + prodID, "?"},
		"with a port":               {"https://oidc.cks.coreweave.com:443/id/" + prodID, "?"},
		"not a UUID":                {"https://oidc.cks.coreweave.com/id/1234", "?"},
		"the same path elsewhere":   {"https://oidc.cks.coreweave.com.evil.example/id/" + prodID, "?"},
		"a dot that is another":     {"https://oidcxcks.coreweave.com/id/" + prodID, "?"},
		"with a line break":         {"https://oidc.cks.coreweave.com/id/" + prodID + "\n", "?"},
		"a local stand-in":          {"https://127.0.0.1:8443/id/" + prodID, "c564efeca767"},
		"a cluster of another kind": {"https://kubernetes.default.svc.cluster.local", "4f3059dd6868"},
	}
	seen := map[string]string{}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := ClusterID(tt.issuer)
			if tt.want != "?" && got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if tt.want == "?" && (len(got) != 12 || strings.Trim(got, "0123456789abcdef") != "") {
				t.Errorf("got %q, want 12 hex digits", got)
			}
			if other, ok := seen[got]; ok {
				t.Errorf("%q stands for %s too", got, other)
			}
			seen[got] = tt.issuer
		})
	}
}

func TestValidateIssuer(t *testing.T) {
	for issuer, ok := range map[string]bool{
		"https://oidc.cks.coreweave.com/id/" + prodID:       true,
		"https://oidc.example.com":                          true,
		"https://oidc.example.com/":                         true,
		"https://127.0.0.1:8443/id/x":                       true,
		"https://[::1]:8443":                                true,
		"":                                                  false,
		"http://oidc.example.com":                           false,
		"HTTPS://oidc.example.com":                          false, // Google compares byte for byte
		"oidc.example.com":                                  false,
		"https:///id/x":                                     false,
		"https:oidc.example.com":                            false,
		"https://u:hunter2@oidc.example.com":                false,
		"https://oidc.example.com?":                         false,
		"https://oidc.example.com?x=1":                      false,
		"https://oidc.example.com#":                         false,
		"https://oidc.example.com/#x":                       false,
		" https://oidc.example.com":                         false,
		"https://oidc.example.com\n":                        false,
		"https://oidc.exämple.com":                          false,
		"https://oidc.example.com/%zz":                      false,
		"https://oidc.cks.coreweave.com/id/[CLUSTER-ID]":    false,
		"https://oidc.cks.coreweave.com/id/<CLUSTER-ID>":    false,
		"https://a/" + strings.Repeat("x", MaxIssuerLength): false,
	} {
		err := ValidateIssuer(issuer)
		if (err == nil) != ok {
			t.Errorf("%q: got %v, want it accepted: %v", issuer, err, ok)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestAgree(t *testing.T) {
	const issuer = "https://oidc.cks.coreweave.com/id/" + prodID
	tests := map[string]struct {
		sources []Source
		want    string // issuer, or a part of the error
		ok      bool
	}{
		"one source":               {[]Source{{"the cluster", issuer}}, issuer, true},
		"three of the same":        {[]Source{{"the cluster", issuer}, {"the API", issuer}, {"--issuer", issuer}}, issuer, true},
		"one has nothing to say":   {[]Source{{"the cluster", ""}, {"the API", issuer}}, issuer, true},
		"a trailing slash":         {[]Source{{"the cluster", issuer}, {"--issuer", issuer + "/"}}, "--issuer says \"" + issuer + "/\" (has a trailing slash", false},
		"a trailing slash missing": {[]Source{{"the cluster", issuer + "/"}, {"--issuer", issuer}}, "(lacks the trailing slash", false},
		"another cluster's":        {[]Source{{"the cluster", issuer}, {"the API", IssuerBase + "/id/" + otherID}}, "(differs at character 35: '1' and '2')", false},
		"the third differs":        {[]Source{{"a", issuer}, {"b", issuer}, {"c", "http" + issuer[5:]}}, `c says "http`, false},
		"capital letters count":    {[]Source{{"a", "https://a.example"}, {"b", "https://A.example"}}, "character 9: 'a' and 'A'", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Agree(tt.sources)
			if tt.ok {
				if err != nil || got != tt.want {
					t.Errorf("got %q, %v, want %q", got, err, tt.want)
				}
				return
			}
			var de *DisagreementError
			if !errors.As(err, &de) || got != "" || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %q, %v, want a disagreement with %s", got, err, tt.want)
			}
			for _, s := range tt.sources {
				if !strings.Contains(err.Error(), s.Name) || !strings.Contains(err.Error(), s.Issuer) {
					t.Errorf("%v: lacks what %s says", err, s.Name)
				}
			}
		})
	}
	for _, none := range [][]Source{nil, {{"the cluster", ""}}} {
		if _, err := Agree(none); !errors.Is(err, ErrNoSource) {
			t.Errorf("%v: got %v, want ErrNoSource", none, err)
		}
	}
}

func TestDifference(t *testing.T) {
	for _, tt := range []struct{ a, b, want string }{
		{"x", "x", ""},
		{"", "", ""},
		{"ab", "abcd", `goes on after the end of the other, at character 3, with "cd"`},
		{"abcd", "ab", `ends before character 3, where the other goes on with "cd"`},
		{"äx", "äy", "differs at character 2: 'x' and 'y'"},
		{"\xff", "\xfe", "differs at character 1: '�' and '�'"},
		{"a//", "a", `ends before character 2, where the other goes on with "//"`},
	} {
		if got := Difference(tt.a, tt.b); got != tt.want {
			t.Errorf("%q and %q: got %q, want %q", tt.a, tt.b, got, tt.want)
		}
	}
}
