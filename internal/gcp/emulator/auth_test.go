package emulator

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// issue puts a token into the store, as the token service would.
func (c *cloud) issue(t token) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.issueToken(t)
}

func TestTokensThatAreNotAccepted(t *testing.T) {
	c := startEnabled(t, Options{})
	expired := c.issue(token{caller: caller{kind: tokenFederated}, expires: c.clock.Now()})
	tests := []struct {
		name, token, reason string
	}{
		{"no token", "", "CREDENTIALS_MISSING"},
		{"a token nobody issued", "ya29.other", "ACCESS_TOKEN_TYPE_UNSUPPORTED"},
		{"a token that expired", expired, "ACCESS_TOKEN_EXPIRED"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := c.as(t, tt.token, "GET "+poolPath, "")
			if r.status != http.StatusUnauthorized {
				t.Fatalf("got %d, want 401: %s", r.status, r.text)
			}
			want := []any{map[string]any{
				"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": tt.reason, "domain": "googleapis.com",
				"metadata": map[string]any{"method": "iam.projects.locations.workloadIdentityPools.get", "service": "iam.googleapis.com"},
			}}
			if diff := cmp.Diff(any(want), r.at("error.details")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatEndsAToken(t *testing.T) {
	pool := []string{createPool, createProvider}
	tests := []struct {
		name   string
		events []string
		live   bool
	}{
		{"nothing", nil, true},
		{"a disabled pool", []string{"PATCH " + poolPath + `?updateMask=disabled {"disabled":true}`}, false},
		{"not one enabled again", []string{"PATCH " + poolPath + `?updateMask=disabled {"disabled":true}`, "PATCH " + poolPath + `?updateMask=disabled {}`}, true},
		{"a deleted pool", []string{"DELETE " + poolPath}, false},
		{"not one undeleted", []string{"DELETE " + poolPath, "POST " + poolPath + ":undelete {}"}, true},
		{"not a disabled provider", []string{"PATCH " + providerPath + `?updateMask=disabled {"disabled":true}`}, true},
		{"not a deleted provider", []string{"DELETE " + providerPath}, true},
	}
	for _, tt := range tests {
		t.Run("1.3 federated: "+tt.name, func(t *testing.T) {
			c := startEnabled(t, Options{})
			c.must(t, pool...)
			p, _ := c.project("acme-prod")
			text := c.issue(token{caller: caller{kind: tokenFederated, member: subjectBar}, pool: p.pools["k8s-pool"], expires: c.clock.Now().Add(time.Hour)})
			c.must(t, tt.events...)
			if got := c.as(t, text, "GET "+poolPath, "").status != http.StatusUnauthorized; got != tt.live {
				t.Errorf("accepted: %v, want %v", got, tt.live)
			}
		})
	}
	for name, events := range map[string][]string{"disabled": {"POST " + readerPath + ":disable {}"}, "deleted": {"DELETE " + readerPath}} {
		t.Run("3 service account: "+name, func(t *testing.T) {
			c := startEnabled(t, Options{})
			c.must(t, createReader)
			a, _ := c.account(readerEmail)
			text := c.issue(token{caller: a.caller(nil), account: a})
			if r := c.as(t, text, "GET "+poolPath, ""); r.status != http.StatusForbidden {
				t.Fatalf("a living account is known and may do nothing, got %d", r.status)
			}
			c.must(t, events...)
			if r := c.as(t, text, "GET "+poolPath, ""); r.status != http.StatusUnauthorized {
				t.Errorf("got %d, want 401", r.status)
			}
		})
	}
}

func TestANewAccountDoesNotInheritBindings(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, createReader, setting("/v1/projects/acme-prod", binding("roles/owner", "user:operator@example.com")+","+binding("roles/viewer", "serviceAccount:"+readerEmail), ""))
	status := func() int {
		a, _ := c.account(readerEmail)
		return c.as(t, c.issue(token{caller: a.caller(nil), account: a}), "GET "+poolsPath, "").status
	}
	if got := status(); got != http.StatusOK {
		t.Fatalf("the first account may read: %d", got)
	}
	c.must(t, "DELETE "+readerPath, createReader)
	if got := status(); got != http.StatusForbidden {
		t.Errorf("3 its namesake may not: got %d, want 403", got)
	}
}

func TestPrincipalsMatchTheirMembers(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, createPool)
	p, _ := c.project("acme-prod")
	text := c.issue(token{
		caller: caller{kind: tokenFederated, member: subjectBar, principals: []string{subjectBar, setOfBar}, scopes: []string{cloudPlatform}},
		pool:   p.pools["k8s-pool"],
	})
	for member, want := range map[string]int{
		subjectBar:                 http.StatusOK,
		setOfBar:                   http.StatusOK,
		subjectBar + "2":           http.StatusForbidden,
		setOfBar[:len(setOfBar)-1]: http.StatusForbidden,
		"principalSet://iam.googleapis.com/" + poolName + "/attribute.k8s_ns/bar": http.StatusForbidden,
		"allAuthenticatedUsers": http.StatusForbidden,
		"allUsers":              http.StatusOK,
	} {
		c.must(t, setting(poolPath, binding("roles/iam.workloadIdentityPoolViewer", member), ""))
		if r := c.as(t, text, "GET "+poolPath, ""); r.status != want {
			t.Errorf("2.1 %s: got %d, want %d", member, r.status, want)
		}
	}
}

func TestANarrowTokenIsRefused(t *testing.T) {
	c := startEnabled(t, Options{})
	text := c.issue(token{caller: caller{kind: tokenFederated, scopes: []string{"https://www.googleapis.com/auth/devstorage.read_only"}}})
	r := c.as(t, text, "GET "+poolsPath, "")
	if r.status != http.StatusForbidden || r.at("error.details.0.reason") != "ACCESS_TOKEN_SCOPE_INSUFFICIENT" {
		t.Errorf("6 got %d %s", r.status, r.text)
	}
}

func TestQuotaProjectNeedsServiceUse(t *testing.T) {
	for role, want := range map[string]int{"roles/browser": http.StatusForbidden, "roles/editor": http.StatusOK} {
		c := start(t, Options{OperatorRoles: []string{role}})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url+"/v1/projects/acme-prod", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+operatorToken)
		req.Header.Set("X-Goog-User-Project", "acme-prod")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("7.3 %s: got %d, want %d", role, resp.StatusCode, want)
		}
	}
}
