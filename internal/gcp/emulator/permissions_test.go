package emulator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTestIamPermissions(t *testing.T) {
	hundred := make([]string, 101)
	for i := range hundred {
		hundred[i] = "iam.serviceAccounts.get"
	}
	tests := []struct {
		name   string
		role   string
		asked  []string
		status int
		want   []any
	}{
		{"only what is held comes back", "roles/iam.serviceAccountCreator", []string{"iam.serviceAccounts.create", "iam.serviceAccounts.setIamPolicy"}, 200, []any{"iam.serviceAccounts.create"}},
		{"the field is absent when nothing is held", "roles/browser", []string{"iam.serviceAccounts.create"}, 200, nil},
		{"the long spelling is the same permission", "roles/iam.workloadIdentityPoolAdmin", []string{"iam.googleapis.com/workloadIdentityPools.create"}, 200, []any{"iam.googleapis.com/workloadIdentityPools.create"}},
		{"the short spelling too", "roles/iam.workloadIdentityPoolAdmin", []string{"iam.workloadIdentityPoolProviders.create"}, 200, []any{"iam.workloadIdentityPoolProviders.create"}},
		{"one unknown permission fails the whole call", "roles/owner", []string{"iam.serviceAccounts.get", "iam.serviceAccounts.gte"}, 400, nil},
		{"wildcards are refused", "roles/owner", []string{"iam.serviceAccounts.*"}, 400, nil},
		{"101 permissions are too many", "roles/owner", hundred, 400, nil},
		{"100 are not", "roles/browser", hundred[1:], 200, nil},
	}
	for _, tt := range tests {
		t.Run("7.1 "+tt.name, func(t *testing.T) {
			c := start(t, Options{OperatorRoles: []string{tt.role}})
			r := c.do(t, "POST /v1/projects/acme-prod:testIamPermissions", `{"permissions":["`+strings.Join(tt.asked, `","`)+`"]}`)
			if r.status != tt.status {
				t.Fatalf("got %d, want %d: %s", r.status, tt.status, r.text)
			}
			got, _ := r.json["permissions"].([]any)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRolesOpenWhatGoogleSaysTheyOpen(t *testing.T) {
	setOwn := setting("/v1/projects/acme-prod", "", "")
	const yes, no = http.StatusOK, http.StatusForbidden
	tests := []struct {
		role, request string
		status        int
	}{
		{"roles/editor", createReader, yes},
		{"roles/editor", setOwn, no},
		{"roles/editor", createPool, no},
		{"roles/viewer", "GET " + poolsPath, yes},
		{"roles/viewer", createPool, no},
		{"roles/browser", "GET /v1/projects/acme-prod", yes},
		{"roles/browser", "GET " + accountsPath, no},
		{"roles/iam.workloadIdentityPoolAdmin", createPool, yes},
		{"roles/iam.workloadIdentityPoolViewer", createPool, no},
		{"roles/iam.serviceAccountAdmin", createReader, yes},
		{"roles/iam.serviceAccountCreator", createReader, yes},
		{"roles/iam.serviceAccountCreator", "DELETE " + readerPath, no},
		{"roles/iam.securityAdmin", setOwn, yes},
		{"roles/iam.securityAdmin", createReader, no},
		{"roles/resourcemanager.projectIamAdmin", setOwn, yes},
		{"roles/resourcemanager.projectIamAdmin", "POST /v1/projects/acme-prod/services/sts.googleapis.com:enable {}", no},
		{"roles/serviceusage.serviceUsageAdmin", "POST /v1/projects/acme-prod/services/sts.googleapis.com:enable {}", yes},
		{"roles/serviceusage.serviceUsageConsumer", "GET /v1/projects/acme-prod/services", yes},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("7.3 %s: %.40s", tt.role, tt.request), func(t *testing.T) {
			c := start(t, Options{OperatorRoles: []string{tt.role}})
			p, _ := c.project("acme-prod")
			p.services["iam.googleapis.com"] = &service{enabled: true}
			if r := c.send(t, tt.request); r.status != tt.status {
				t.Errorf("got %d, want %d: %s", r.status, tt.status, r.text)
			}
		})
	}
}

func TestPermissionsAddUpAlongTheResource(t *testing.T) {
	c := startEnabled(t, Options{})
	ann := c.tokenOf("user:ann@acme.example")
	c.must(t, createPool, createReader,
		setting(readerPath, binding("roles/iam.workloadIdentityUser", "user:ann@acme.example"), ""),
		setting(poolPath, binding("roles/iam.workloadIdentityPoolViewer", "user:ann@acme.example"), ""),
		setting("/v1/projects/acme-prod", binding("roles/owner", "user:operator@example.com")+","+binding("roles/iam.serviceAccountCreator", "user:ann@acme.example"), ""))

	const asked = `{"permissions":["iam.serviceAccounts.create","iam.serviceAccounts.getAccessToken","iam.workloadIdentityPools.get","iam.serviceAccounts.delete"]}`
	for path, want := range map[string][]any{
		"/v1/projects/acme-prod": {"iam.serviceAccounts.create"},
		readerPath:               {"iam.serviceAccounts.create", "iam.serviceAccounts.getAccessToken"},
		"/v1/projects/-/serviceAccounts/" + readerEmail: {"iam.serviceAccounts.create", "iam.serviceAccounts.getAccessToken"},
		poolPath: {"iam.serviceAccounts.create", "iam.workloadIdentityPools.get"},
	} {
		r := c.as(t, ann, "POST "+path+":testIamPermissions", asked)
		if diff := cmp.Diff(any(want), r.at("permissions")); diff != "" {
			t.Errorf("%s: %d (-want +got):\n%s", path, r.status, diff)
		}
	}
	for _, path := range []string{"/v1/projects/acme-test", accountsPath + "/no-reader@acme-prod.iam.gserviceaccount.com", poolsPath + "/no-pool"} {
		if r := c.as(t, ann, "POST "+path+":testIamPermissions", asked); r.status != http.StatusForbidden {
			t.Errorf("%s: got %d, want 403", path, r.status)
		}
	}
}

func TestBasicRolesMakeNoTokens(t *testing.T) {
	for _, role := range []string{"roles/owner", "roles/editor", "roles/iam.serviceAccountAdmin", "roles/iam.serviceAccountUser"} {
		if roleHas(role, "iam.serviceAccounts.getAccessToken") {
			t.Errorf("2.4 %s would impersonate", role)
		}
	}
	if roleHas("roles/iam.workloadIdentityUser", "iam.serviceAccounts.signBlob") {
		t.Error("2.4 roles/iam.workloadIdentityUser would sign URLs")
	}
	if roleHas("roles/storage.objectViewer", "storage.buckets.get") {
		t.Error("4.5 roles/storage.objectViewer would read buckets")
	}
}

func TestABindingWithAConditionGrantsNothing(t *testing.T) {
	c := start(t, Options{})
	c.must(t, setting("/v1/projects/acme-prod", binding("roles/owner", "user:operator@example.com")+","+condition2030, `,"version":3`))
	if r := c.as(t, c.tokenOf("user:ann@acme.example"), "GET /v1/projects/acme-prod", ""); r.status != http.StatusForbidden {
		t.Errorf("not modelled, so it must not open anything: got %d", r.status)
	}
}

// What an operator was given by name, it has on every resource, and nothing else: this is
// how a custom role is tried out.
func TestAnOperatorWithPermissionsAndNoRole(t *testing.T) {
	c := start(t, Options{OperatorPermissions: []string{"iam.googleapis.com/workloadIdentityPools.list", "iam.serviceAccounts.create"}})
	p, _ := c.project("acme-prod")
	p.services["iam.googleapis.com"] = &service{enabled: true}
	for request, status := range map[string]int{
		"GET " + poolsPath:           http.StatusOK,
		createReader:                 http.StatusOK,
		createPool:                   http.StatusForbidden,
		"GET /v1/projects/acme-prod": http.StatusForbidden,
	} {
		if r := c.send(t, request); r.status != status {
			t.Errorf("%s: got %d, want %d: %s", request, r.status, status, r.text)
		}
	}
}
