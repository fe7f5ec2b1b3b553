package emulator

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

const (
	deniesPath = "/v2/policies/cloudresourcemanager.googleapis.com%2Fprojects%2Facme-prod/denypolicies"
	denyPath   = deniesPath + "/no-tokens"
	denyGSA    = "principal://iam.googleapis.com/projects/-/serviceAccounts/" + readerEmail
)

// denyBody is a deny policy with one rule.
func denyBody(principal, permission, more string) string {
	return fmt.Sprintf(`{"displayName":"No tokens","rules":[{"denyRule":{"deniedPrincipals":[%q],"deniedPermissions":[%q]%s}}]}`, principal, permission, more)
}

func makeDeny(principal, permission, more string) string {
	return "POST " + deniesPath + "?policyId=no-tokens " + denyBody(principal, permission, more)
}

// denyAdmin is an operator who may write deny policies, which owners may not.
var denyAdmin = Options{OperatorRoles: []string{"roles/owner", "roles/iam.denyAdmin"}}

func TestDenyPoliciesAreCheckedAsTheyAreWritten(t *testing.T) {
	const (
		getObject = "storage.googleapis.com/objects.get"
		everybody = "principalSet://goog/public:all"
	)
	made := []string{makeDeny(everybody, getObject, "")}
	walk(t, denyAdmin, []step{
		{name: "made", request: made[0], status: 200},
		{name: "made twice", given: made, request: made[0], status: 409, message: "Requested entity already exists"},
		{name: "an id that begins with a digit", request: "POST " + deniesPath + "?policyId=1st " + denyBody(everybody, getObject, ""), status: 400, message: `Invalid policy ID: "1st"`},
		{name: "without rules", request: "POST " + deniesPath + `?policyId=no-tokens {}`, status: 400, message: "A deny policy must have at least one rule."},
		{name: "a rule that denies nothing", request: "POST " + deniesPath + `?policyId=no-tokens {"rules":[{"denyRule":{}}]}`, status: 400, message: "A deny rule must have deniedPrincipals and deniedPermissions."},
		{name: "the spelling of allow policies", request: makeDeny(everybody, "storage.objects.get", ""), status: 400, message: "Invalid permission: storage.objects.get. Permissions must have the form SERVICE_FQDN/RESOURCE.VERB."},
		{name: "a member of an allow policy", request: makeDeny("serviceAccount:"+readerEmail, getObject, ""), status: 400, message: "Invalid principal identifier: serviceAccount:" + readerEmail},
		{name: "everybody as an exception", request: makeDeny(everybody, getObject, `,"exceptionPrincipals":["`+everybody+`"]`), status: 400, message: "Invalid principal identifier: " + everybody},
		{name: "a field that Google has not", request: makeDeny(everybody, getObject, `,"denied":true`), status: 400, message: "Invalid JSON payload received. Unknown name..."},
		{name: "a permission that is not modelled", request: makeDeny(everybody, "compute.googleapis.com/instances.get", ""), status: 405, message: `permission "compute.googleapis.com/instances.get"...`},
		{name: "a group", request: makeDeny("principalSet://goog/group/all@acme.example", getObject, ""), status: 405, message: "principal..."},
		{name: "a condition", request: makeDeny(everybody, getObject, `,"denialCondition":{"expression":"resource.matchTag('1/env', 'prod')"}`), status: 405, message: "denialCondition..."},
		{name: "a policy that is not there", request: "GET " + denyPath, status: 404, message: "Requested entity was not found."},
		{name: "an update with an old etag", given: made, request: "PUT " + denyPath + " " + strings.Replace(denyBody(everybody, getObject, ""), "{", `{"etag":"ACAB",`, 1), status: 409, message: "There were concurrent policy changes..."},
		{name: "a deletion with an old etag", given: made, request: "DELETE " + denyPath + "?etag=ACAB", status: 409, message: "There were concurrent policy changes..."},
		{name: "a folder", request: "GET " + strings.Replace(deniesPath, "projects%2Facme-prod", "folders%2F12", 1), status: 405, message: "attachment point..."},
		{name: "no attachment point", request: "GET /v2/policies/acme-prod/denypolicies", status: 400, message: "Invalid attachment point: acme-prod"},
		{name: "a project that is not there", request: "GET " + strings.Replace(deniesPath, "acme-prod", "nobody", 1), status: 403, message: "Permission iam.googleapis.com/denypolicies.list denied on resource cloudresourcemanager.googleapis.com/projects/nobody"},
	})
	walk(t, Options{}, []step{
		{name: "owners may look", request: "GET " + deniesPath, status: 200},
		{name: "with gcloud, which escapes twice", request: "GET " + strings.ReplaceAll(deniesPath, "%2F", "%252F"), status: 200},
		{name: "and not write", request: made[0], status: 403, message: "Permission iam.googleapis.com/denypolicies.create denied on resource cloudresourcemanager.googleapis.com/projects/acme-prod"},
	})
}

// A list has no rules, and all names have the project's number.
func TestDenyPoliciesAreRead(t *testing.T) {
	c := startEnabled(t, denyAdmin)
	c.must(t, makeDeny(denyGSA, "storage.googleapis.com/objects.*", ""))
	name := "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F100200300400/denypolicies/no-tokens"
	if r := c.do(t, "GET "+deniesPath, ""); r.at("policies.0.name") != name || r.at("policies.0.rules") != nil {
		t.Errorf("listed: %s", r.text)
	}
	r := c.do(t, "GET "+denyPath, "")
	if r.at("name") != name || r.at("kind") != "DenyPolicy" || r.at("rules.0.denyRule.deniedPrincipals.0") != denyGSA {
		t.Errorf("read: %s", r.text)
	}
	gone := c.send(t, "DELETE "+denyPath+"?etag="+fmt.Sprint(r.at("etag")))
	operation, _ := gone.at("name").(string)
	if !strings.HasPrefix(operation, name+"/operations/") {
		t.Fatalf("deleted: %s", gone.text)
	}
	if r := c.do(t, "GET /v2/"+operation, ""); r.at("done") != true {
		t.Errorf("its operation: %d %s", r.status, r.text)
	}
	if r := c.do(t, "GET "+deniesPath, ""); r.status != 200 || r.at("policies") != nil {
		t.Errorf("nothing listed: %d %s", r.status, r.text)
	}
}

// What a deny policy takes, no allow policy gives.
func TestDenyPoliciesComeFirst(t *testing.T) {
	const tokens, objects = "iam.googleapis.com/serviceAccounts.getAccessToken", "storage.googleapis.com/objects.get"
	workloadOne := workload + "c-1/foo/bar"
	atTokens := outcome{"iamcredentials", 403, "IAM_PERMISSION_DENIED", "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."}
	atObject := outcome{At: "storage", Status: 403, Text: readerEmail + " does not have storage.objects.get access to the Google Cloud Storage object. Permission 'storage.objects.get' denied on resource (or it may not exist)."}
	for _, tt := range []struct {
		name, principal, permission, more string
		want                              outcome
	}{
		{"the workload", workloadOne, tokens, "", atTokens},
		{"everybody of the pool", "principalSet://iam.googleapis.com/" + poolName + "/*", tokens, "", atTokens},
		{"everybody", "principalSet://goog/public:all", tokens, "", atTokens},
		{"another workload", workload + "c-1/foo/other", tokens, "", outcome{}},
		{"everybody but the workload", "principalSet://goog/public:all", tokens, `,"exceptionPrincipals":["` + workloadOne + `"]`, outcome{}},
		{"the account's reading", denyGSA, objects, "", atObject},
		{"all that it does with objects", denyGSA, "storage.googleapis.com/objects.*", "", atObject},
		{"all that it does with storage", denyGSA, "storage.googleapis.com/*.*", "", atObject},
		{"all but reading", denyGSA, "storage.googleapis.com/*.*", `,"exceptionPermissions":["` + objects + `"]`, outcome{}},
		{"the workload's own reading", workloadOne, objects, "", outcome{}},
		{"a user's", "principal://goog/subject/ann@acme.example", objects, "", outcome{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.operatorIs(t, "roles/owner", "roles/iam.denyAdmin")
			w.must(t, makeDeny(tt.principal, tt.permission, tt.more))
			w.cloud = w.reopened(filepath.Join(t.TempDir(), "state")).cloud
			got := w.walkIn()
			if tt.want == (outcome{}) {
				tt.want = outcome{At: "storage", Status: 200, Text: got.Text}
			}
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			w.must(t, "DELETE "+denyPath)
			if got := w.walkIn(); got.Status != 200 {
				t.Errorf("and without it: %+v", got)
			}
		})
	}
}

// operatorIs gives the operator these roles on the project, and no others.
func (w *world) operatorIs(t *testing.T, roles ...string) {
	t.Helper()
	var bindings []string
	for _, role := range roles {
		bindings = append(bindings, binding(role, "user:operator@example.com"))
	}
	w.must(t, setting("/v1/projects/acme-prod", strings.Join(bindings, ","), ""))
}
