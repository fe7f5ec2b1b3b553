package emulator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// errorBodyOf compares the whole error of an answer.
func errorBodyOf(t *testing.T, section string, r reply, status int, want map[string]any) {
	t.Helper()
	want["code"] = float64(status)
	if diff := cmp.Diff(any(want), r.at("error")); diff != "" || r.status != status {
		t.Errorf("%s: got %d (-want +got):\n%s", section, r.status, diff)
	}
}

// TestWholeErrors is the bodies that clients read more of than the message.
func TestWholeErrors(t *testing.T) {
	type body = map[string]any
	info := func(metadata body) []any {
		return []any{body{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "IAM_PERMISSION_DENIED", "domain": "iam.googleapis.com", "metadata": metadata}}
	}
	violated := func(kind, subject, description string) []any {
		v := body{"type": kind, "subject": subject}
		if description != "" {
			v["description"] = description
		}
		return []any{body{"@type": "type.googleapis.com/google.rpc.PreconditionFailure", "violations": []any{v}}}
	}
	legacy := func(message, reason string) []any {
		return []any{body{"message": message, "domain": "global", "reason": reason}}
	}
	const (
		exists     = "Requested entity already exists"
		concurrent = "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff."
		taken      = "Service account gcs-reader already exists within project projects/acme-prod."
		nobody     = "Service account x@acme-prod.iam.gserviceaccount.com does not exist."
		denied     = "Permission 'iam.serviceAccounts.get' denied on resource (or it may not exist)."
		invalid    = "Request contains an invalid argument."
		noCreation = "Service account creation is not allowed on this project."
	)
	stale := `,"etag":"BwYAAAAAAAE="`
	reader := binding("roles/iam.workloadIdentityUser", "user:ann@acme.example")
	poolAdmin := binding("roles/iam.workloadIdentityPoolAdmin", "user:ann@acme.example")
	abroad := strings.NewReplacer("acme-prod", "acme-test").Replace(createPool)
	orgPolicies := map[string][]string{"constraints/iam.workloadIdentityPoolProviders": {}, noAccountCreation: nil}
	for _, s := range []struct {
		name     string
		policies map[string][]string
		given    []string
		request  string
		status   int
		want     body
	}{
		{"1.4 13.3 an active pool's id", nil, []string{createPool}, createPool, 409, body{"message": exists, "status": "ALREADY_EXISTS"}},
		{"1.4 13.3 a deleted pool's id", nil, []string{createPool, "DELETE " + poolPath}, createPool, 409, body{"message": exists, "status": "ALREADY_EXISTS"}},
		{"1.4 13.3 a deleted provider's id", nil, []string{createPool, createProvider, "DELETE " + providerPath}, createProvider, 409, body{"message": exists, "status": "ALREADY_EXISTS"}},
		{"1.4 13.3 a patch of a deleted pool", nil, []string{createPool, "DELETE " + poolPath}, "PATCH " + poolPath + `?updateMask=disabled {}`, 400, body{"message": "Workload identity pool " + poolName + " is deleted. Undelete it first.", "status": "FAILED_PRECONDITION"}},
		{"1.4 13.3 an undelete of an active pool", nil, []string{createPool}, "POST " + poolPath + ":undelete {}", 400, body{"message": "Workload identity pool " + poolName + " is not deleted.", "status": "FAILED_PRECONDITION"}},
		{"1.4 a pool that never was", nil, nil, "GET " + poolPath, 404, body{"message": "Requested entity was not found.", "status": "NOT_FOUND"}},
		{"1.4 a pool without a name", nil, nil, "GET " + poolsPath + "/", 400, body{"message": "Request contains an invalid argument.", "status": "INVALID_ARGUMENT"}},
		{"1.4 a provider without a name", nil, []string{createPool}, "GET " + providersPath + "/", 400, body{"message": "Request contains an invalid argument.", "status": "INVALID_ARGUMENT"}},
		{"4.1 13.5 a project's policy", nil, []string{setting("/v1/projects/acme-prod", binding("roles/owner", "user:operator@example.com"), "")}, setting("/v1/projects/acme-prod", "", stale), 409, body{"message": concurrent, "status": "ABORTED"}},
		{"4.1 13.5 an account's policy", nil, []string{createReader, setting(readerPath, reader, "")}, setting(readerPath, reader, stale), 409, body{"message": concurrent, "status": "ABORTED", "errors": legacy(concurrent, "aborted")}},
		{"4.1 13.5 a pool's policy", nil, []string{createPool, setting(poolPath, poolAdmin, "")}, setting(poolPath, poolAdmin, stale), 409, body{"message": concurrent, "status": "ABORTED"}},
		{"3 an account's name that is taken", nil, []string{createReader}, createReader, 409, body{"message": taken, "status": "ALREADY_EXISTS", "errors": legacy(taken, "alreadyExists"),
			"details": []any{body{"@type": "type.googleapis.com/google.rpc.ResourceInfo", "resourceName": "projects/acme-prod/serviceAccounts/" + readerEmail}}}},
		{"3 13.7 a member that does not exist", nil, []string{createReader}, setting(readerPath, binding("roles/iam.workloadIdentityUser", "serviceAccount:x@acme-prod.iam.gserviceaccount.com"), ""), 400, body{"message": nobody, "status": "INVALID_ARGUMENT", "errors": legacy(nobody, "badRequest")}},
		{"3 13.7 nor in a project's policy", nil, nil, setting("/v1/projects/acme-prod", binding("roles/viewer", "serviceAccount:x@acme-prod.iam.gserviceaccount.com"), ""), 400, body{"message": nobody, "status": "INVALID_ARGUMENT", "errors": legacy(nobody, "badRequest")}},
		{"4.1 a new owner of a project", nil, nil, setting("/v1/projects/acme-prod", binding("roles/owner", "user:ann@acme.example"), ""), 400, body{"message": invalid, "status": "INVALID_ARGUMENT", "errors": legacy(invalid, "badRequest"),
			"details": []any{body{"@type": "type.googleapis.com/google.cloudresourcemanager.v1.ProjectIamPolicyError", "type": "SOLO_MUST_INVITE_OWNERS", "member": "user:ann@acme.example", "role": "roles/owner"}}}},
		{"3 13.13 an unknown account anywhere", nil, nil, "GET /v1/projects/-/serviceAccounts/" + readerEmail, 403, body{"message": denied, "status": "PERMISSION_DENIED", "errors": legacy(denied, "forbidden"), "details": info(body{"permission": "iam.serviceAccounts.get"})}},
		{"7.1 13.13 an unknown project", nil, nil, "GET /v1/projects/acme-test", 403, body{"message": "The caller does not have permission", "status": "PERMISSION_DENIED"}},
		{"7.1 13.11 an unknown permission", nil, nil, `POST /v1/projects/acme-prod:testIamPermissions {"permissions":["iam.serviceAccounts.get","no.such"]}`, 400, body{"message": "Permission no.such is not valid for this resource.", "status": "INVALID_ARGUMENT"}},
		{"7.4 13.13 a pool in an unknown project", nil, nil, abroad, 403, body{"message": "Permission 'iam.workloadIdentityPools.create' denied on resource '//iam.googleapis.com/projects/acme-test/locations/global' (or it may not exist).", "status": "PERMISSION_DENIED",
			"details": info(body{"permission": "iam.workloadIdentityPools.create", "resource": "//iam.googleapis.com/projects/acme-test/locations/global"})}},
		{"9 13.12 an issuer that is not allowed", orgPolicies, []string{createPool}, createProvider, 400, body{"message": "Precondition check failed.", "status": "FAILED_PRECONDITION",
			"details": violated("constraints/iam.workloadIdentityPoolProviders", "orgpolicy:projects/acme-prod/locations/global/workloadIdentityPools/k8s-pool", "Org Policy violated for value: 'https://issuer.example/1'.")}},
		{"9 13.12 no new accounts", orgPolicies, nil, createReader, 400, body{"message": noCreation, "status": "FAILED_PRECONDITION", "errors": legacy(noCreation, "failedPrecondition"),
			"details": violated(noAccountCreation, "projects/acme-prod/serviceAccounts/?configvalue=", "")}},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			c := startEnabled(t, Options{OrgPolicies: s.policies})
			c.must(t, s.given...)
			errorBodyOf(t, s.name, c.send(t, s.request), s.status, s.want)
		})
	}
}

// TestImpersonationIsRefusedInFull is the body of section 6 that clients tell apart.
func TestImpersonationIsRefusedInFull(t *testing.T) {
	w := newWorld(t)
	w.bind()
	federated, _ := w.exchange(nil).at("access_token").(string)
	errorBodyOf(t, "6 13.10", w.impersonate(federated, `{"scope":[""]}`), http.StatusForbidden, map[string]any{
		"message": mayNot.Text, "status": "PERMISSION_DENIED",
		"details": []any{map[string]any{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "IAM_PERMISSION_DENIED", "domain": "iam.googleapis.com",
			"metadata": map[string]any{"permission": "iam.serviceAccounts.getAccessToken"}}},
	})
}

// TestThreeRefusalsOfABucketAreOneStatus: only by their text can a client tell the one
// to repeat from the two that stay.
func TestThreeRefusalsOfABucketAreOneStatus(t *testing.T) {
	prevent := "PATCH " + madePath + ` {"iamConfiguration":{"publicAccessPrevention":"enforced"}}`
	seen := map[any]bool{}
	for _, body := range []string{`{"etag":"CAE=","bindings":[]}`, `{"version":3,"bindings":[` + conditional + `]}`, `{"bindings":[` + publicMember + `]}`} {
		c := start(t, Options{})
		c.must(t, makeFine, prevent)
		r := c.send(t, "PUT "+madePath+"/iam "+body)
		if r.status != http.StatusPreconditionFailed || r.at("error.errors.0.reason") != "conditionNotMet" {
			t.Errorf("4.5 13.5 %s: got %d %s", body, r.status, r.text)
		}
		seen[r.at("error.message")] = true
	}
	if len(seen) != 3 {
		t.Errorf("4.5 13.5 got %d texts, want three", len(seen))
	}
}

// TestBucketsAnswerAsMeasured is what 4.5 says beside the refusals.
func TestBucketsAnswerAsMeasured(t *testing.T) {
	c := start(t, Options{})
	c.must(t, makeFine)
	for _, permission := range []string{"storage.buckets.list", "storage.buckets.create"} {
		if r := c.send(t, "GET "+madePath+"/iam/testPermissions?permissions="+permission); r.status != http.StatusBadRequest || r.at("error.message") != "Invalid argument." {
			t.Errorf("4.5 13.11 %s: got %d %s", permission, r.status, r.text)
		}
	}
	none := c.send(t, "GET "+madePath+"/iam/testPermissions")
	if none.at("error.errors.0.reason") != "required" {
		t.Errorf("4.5 13.11 no permission: got %s", none.text)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, c.url+madePath+"/iam", strings.NewReader(`{"bindings":[`+legacyOwner+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+operatorToken)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("If-Match", `"CAk="`)
	if _, r := roundTrip(t, req); r.status != http.StatusOK {
		t.Errorf("4.5 If-Match is ignored: got %d %s", r.status, r.text)
	}
}

func TestABatchIsGotByThirty(t *testing.T) {
	c := start(t, Options{})
	names := func(n int) string {
		return "GET " + servicesPath + ":batchGet?" + strings.TrimPrefix(strings.Repeat("&names=projects/acme-prod/services/sts.googleapis.com", n), "&")
	}
	c.must(t, names(30))
	for _, n := range []int{0, 31} {
		want := fmt.Sprintf("The number of services to get must be between 1 and 30, got %d.", n)
		if r := c.send(t, strings.TrimSuffix(names(n), "?")); r.status != http.StatusBadRequest || r.at("error.message") != want {
			t.Errorf("11 %d names: got %d %v", n, r.status, r.at("error.message"))
		}
	}
	c.send(t, "POST "+servicesPath+`:batchEnable {"serviceIds":["sts.googleapis.com","no.googleapis.com"]}`)
	if got := c.send(t, "GET "+servicesPath+"/sts.googleapis.com").at("state"); got != "DISABLED" {
		t.Errorf("11 a batch that fails enables nothing: %v", got)
	}
}
