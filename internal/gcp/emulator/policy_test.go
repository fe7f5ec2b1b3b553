package emulator

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	getProjectPolicy = `POST /v1/projects/acme-prod:getIamPolicy {"options":{"requestedPolicyVersion":3}}`
	subjectBar       = "principal://iam.googleapis.com/" + poolName + "/subject/system:serviceaccount:foo:bar"
	setOfBar         = "principalSet://iam.googleapis.com/" + poolName + "/attribute.k8s_sa/bar"
)

// setting is a setIamPolicy with the bindings given as JSON and more fields of
// the policy, each beginning with a comma.
func setting(path, bindings, more string) string {
	return "POST " + path + `:setIamPolicy {"policy":{"bindings":[` + bindings + `]` + more + `}}`
}

func binding(role string, members ...string) string {
	return `{"role":"` + role + `","members":["` + strings.Join(members, `","`) + `"]}`
}

const condition2030 = `{"role":"roles/viewer","members":["user:ann@acme.example"],"condition":{"title":"t","expression":"request.time < timestamp('2030-01-01T00:00:00Z')"}}`

func TestPolicyRefusals(t *testing.T) {
	const project = "/v1/projects/acme-prod"
	account := []string{createPool, createReader}
	many := make([]string, 1501)
	for i := range many {
		many[i] = fmt.Sprintf("user:u%d@acme.example", i)
	}
	const exempted = `"auditConfigs":[{"service":"sts.googleapis.com","auditLogConfigs":[{"logType":"DATA_READ","exemptedMembers":["user:ann@acme.example"]}]}]`
	exempting := `POST /v1/projects/acme-prod:setIamPolicy {"policy":{` + exempted + `},"updateMask":"auditConfigs"}`
	unknown := func(m string) string {
		return "The member " + m + " is of an unknown type. Please set a valid type prefix for the member."
	}
	member := func(name, m, message string) step {
		status := http.StatusBadRequest
		if message == "" {
			status = http.StatusOK
		}
		return step{"2.1 " + name, account, setting(readerPath, binding("roles/iam.workloadIdentityUser", m), ""), status, message}
	}
	other := strings.Replace(subjectBar, "k8s-pool", "no-pool", 1)
	walk(t, Options{}, []step{
		member("a subject", subjectBar, ""),
		member("a set by attribute", setOfBar, ""),
		member("an attribute value may hold slashes", setOfBar+"/x/y", ""),
		member("the whole pool", "principalSet://iam.googleapis.com/"+poolName+"/*", ""),
		member("a group", "principalSet://iam.googleapis.com/"+poolName+"/group/g", ""),
		member("an attribute nobody maps", strings.Replace(setOfBar, "k8s_sa", "other", 1), ""),
		member("a project id in place of the number", strings.Replace(subjectBar, "100200300400", "acme-prod", 1), unknown(strings.Replace(subjectBar, "100200300400", "acme-prod", 1))),
		member("a short path", "principalSet://iam.googleapis.com/acme/attribute.x/y", unknown("principalSet://iam.googleapis.com/acme/attribute.x/y")),
		member("a set of one subject", strings.Replace(subjectBar, "principal:", "principalSet:", 1), "Invalid principalSet member ("+strings.Replace(subjectBar, "principal:", "principalSet:", 1)+")."),
		member("one principal by attribute", strings.Replace(setOfBar, "principalSet:", "principal:", 1), "Invalid principal member ("+strings.Replace(setOfBar, "principalSet:", "principal:", 1)+")."),
		member("attributes in the plural", strings.Replace(setOfBar, "attribute.", "attributes.", 1), "Invalid principalSet member ("+strings.Replace(setOfBar, "attribute.", "attributes.", 1)+")."),
		member("the provider in the path", strings.Replace(subjectBar, "/subject", "/providers/p/subject", 1), "Invalid principal member ("+strings.Replace(subjectBar, "/subject", "/providers/p/subject", 1)+")."),
		member("a pool that is not there", other, "Identity Pool does not exist (projects/100200300400/locations/global/workloadIdentityPools/no-pool). Please check..."),
		member("a prefix in capitals", "User:ann@acme.example", unknown("User:ann@acme.example")),
		member("no prefix", "ann@acme.example", unknown("ann@acme.example")),
		member("a service account that is not there", "serviceAccount:x@acme-prod.iam.gserviceaccount.com", "Service account x@acme-prod.iam.gserviceaccount.com does not exist."),
		member("a deleted member that was not there", "deleted:serviceAccount:x@acme-prod.iam.gserviceaccount.com?uid=1", "The member deleted:serviceAccount:x@acme-prod.iam.gserviceaccount.com?uid=1 is a deleted principal..."),

		{"4.1 13.6 conditions need version 3", nil, setting(project, condition2030, `,"version":1`), 400, "Specified policy version (1) must be at least 3 based on the policy's contents. For more information, please refer to https://cloud.google.com/iam/help/allow-policies/versions."},
		{"4.1 there is no version 2", nil, setting(project, "", `,"version":2`), 400, "Invalid policy version: 2."},
		{"4.1 an old etag is a conflict", []string{setting(project, binding("roles/owner", "user:operator@example.com"), "")}, setting(project, "", `,"etag":"BwYAAAAAAAE="`), 409, "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff."},
		{"4.1 an etag that is not base64", nil, setting(project, "", `,"etag":"*"`), 400, "Invalid value at 'policy.etag' (TYPE_BYTES), Base64 decoding failed..."},
		{"4.1 no etag overwrites", nil, setting(project, binding("roles/owner", "user:operator@example.com"), ""), 200, ""},
		{"4.1 the mask knows four fields", nil, `POST /v1/projects/acme-prod:setIamPolicy {"policy":{},"updateMask":"rules"}`, 400, `Invalid update_mask: the field "rules" can't be updated.`},
		{"4.1 the policy itself is required", nil, `POST /v1/projects/acme-prod:setIamPolicy {}`, 400, "The policy is required."},
		{"4.2 1501 principals are too many", nil, setting(project, binding("roles/viewer", many...), ""), 400, "The number of members in the policy (1501) is larger than the maximum allowed size 1500."},
		{"4.2 1500 are not", nil, setting(project, binding("roles/viewer", many[1:]...), ""), 200, ""},
		{"4.2 one who is exempt from an audit log counts", []string{exempting}, setting(project, binding("roles/viewer", many[1:]...), ""), 400, "The number of members in the policy (1501) is larger than the maximum allowed size 1500."},
		{"4.2 unless the mask leaves it out", nil, setting(project, binding("roles/viewer", many[1:]...), ","+exempted), 200, ""},
		{"4.1 everybody is no member of a project", nil, setting(project, binding("roles/viewer", "allUsers"), ""), 400, "Request contains an invalid argument."},
		{"4.1 a user must be invited to own a project", nil, setting(project, binding("roles/owner", "user:ann@acme.example"), ""), 400, "Request contains an invalid argument."},
		{"4.1 a service account need not be", account, setting(project, binding("roles/owner", "user:Operator@example.com", "serviceAccount:"+readerEmail), ""), 200, ""},
		{"4.6 audit configs of iamcredentials are refused", nil, `POST /v1/projects/acme-prod:setIamPolicy {"policy":{"auditConfigs":[{"service":"iamcredentials.googleapis.com"}]},"updateMask":"auditConfigs"}`, 400, "Audit config service iamcredentials.googleapis.com is not supported."},
		{"a role that is not there", nil, setting(project, binding("roles/nothing", "user:ann@acme.example"), ""), 405, "role roles/nothing: the emulator does not model this; see docs/emulator.md"},
		{"nor one that Google has, if the emulator has not", nil, setting(project, binding("roles/container.admin", "user:ann@acme.example"), ""), 405, "role roles/container.admin: the emulator does not model this; see docs/emulator.md"},
		{"at an account, too", []string{createReader}, setting(readerPath, binding("roles/iam.nothing", "user:ann@acme.example"), ""), 405, "role roles/iam.nothing: the emulator does not model this; see docs/emulator.md"},
		{"a role that can be none", nil, setting(project, binding("container.admin", "user:ann@acme.example"), ""), 400, "Role container.admin does not exist in the resource's hierarchy."},
		{"a custom role that nobody made", nil, setting(project, binding("projects/acme-prod/roles/mine", "user:ann@acme.example"), ""), 400, "Role projects/acme-prod/roles/mine does not exist in the resource's hierarchy."},
		{"a role that accounts don't take", account, setting(readerPath, binding("roles/storage.admin", "user:ann@acme.example"), ""), 400, "Role roles/storage.admin is not supported for this resource."},
		{"strict: a field of a binding", nil, setting(project, `{"role":"roles/viewer","Members":[]}`, ""), 400, `Invalid JSON payload received. Unknown name "Members" at 'policy.bindings[0]': Cannot find field.`},
		{"7.1 an unknown project is a 403", nil, "POST /v1/projects/acme-test:getIamPolicy {}", 403, "The caller does not have permission"},
	})
}

func TestPolicyConflictIsAborted(t *testing.T) {
	c := startEnabled(t, Options{})
	old, _ := c.send(t, getProjectPolicy).at("etag").(string)
	same := setting("/v1/projects/acme-prod", binding("roles/owner", "user:operator@example.com"), `,"etag":"`+old+`"`)
	c.must(t, same)
	r := c.send(t, same)
	if r.status != http.StatusConflict || r.at("error.status") != "ABORTED" {
		t.Errorf("4.1 a write that changes nothing moves the etag too: %d %s", r.status, r.text)
	}
}

func TestOfWritersWithOneEtagOneWins(t *testing.T) {
	c := startEnabled(t, Options{})
	etag, _ := c.send(t, getProjectPolicy).at("etag").(string)
	statuses := make([]int, 8)
	var all sync.WaitGroup
	for i := range statuses {
		all.Go(func() {
			member := fmt.Sprintf("user:u%d@acme.example", i)
			statuses[i] = c.send(t, setting("/v1/projects/acme-prod", binding("roles/owner", "user:operator@example.com")+","+binding("roles/viewer", member), `,"etag":"`+etag+`"`)).status
		})
	}
	all.Wait()
	slices.Sort(statuses)
	if diff := cmp.Diff([]int{200, 409, 409, 409, 409, 409, 409, 409}, statuses); diff != "" {
		t.Errorf("4.1 (-want +got):\n%s", diff)
	}
}

func TestEtagsAreComparedAsBytes(t *testing.T) {
	tests := []struct {
		name, a, b string
		want       bool
	}{
		{"the two alphabets are one", "QndY2CKwU/s=", "QndY2CKwU_s=", true},
		{"padding may be missing", "QndY2CKwU/s=", "QndY2CKwU/s", true},
		{"other bytes are other etags", "QndY2CKwU/s=", "QndY2CKwU/w=", false},
		{"what is not base64 equals nothing", "*", "*", false},
	}
	for _, tt := range tests {
		t.Run("trap 1: "+tt.name, func(t *testing.T) {
			if got := sameEtag(tt.a, tt.b); got != tt.want {
				t.Errorf("sameEtag(%q, %q) = %v, want %v", tt.a, tt.b, got, tt.want)
			}
		})
	}
	s := &Server{}
	for range 500 {
		if etag := encodeEtag(s.nextRevision()); strings.ContainsAny(etag, "+/") {
			t.Fatalf("trap 1: %q holds a character that has two spellings", etag)
		}
	}
}

func TestPoliciesAreNormalised(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, createPool, createReader)
	r := c.send(t, setting(readerPath, strings.Join([]string{
		binding("roles/iam.workloadIdentityUser", subjectBar, subjectBar),
		`{"role":"roles/iam.serviceAccountUser","members":[]}`,
		binding("roles/iam.workloadIdentityUser", "user:Ann@Acme.Example", setOfBar),
		strings.Replace(strings.Replace(condition2030, "roles/viewer", "roles/iam.workloadIdentityUser", 1), "ann@", "bob@", 1),
	}, ","), `,"version":3`))
	want := []any{
		map[string]any{"role": "roles/iam.workloadIdentityUser", "members": []any{subjectBar, "user:ann@acme.example", setOfBar}},
		map[string]any{
			"role": "roles/iam.workloadIdentityUser", "members": []any{"user:bob@acme.example"},
			"condition": map[string]any{"title": "t", "expression": "request.time < timestamp('2030-01-01T00:00:00Z')"},
		},
	}
	if diff := cmp.Diff(want, r.json["bindings"]); diff != "" {
		t.Errorf("4.1 13.4 empty dropped, doubles once, roles merged, addresses lower (-want +got):\n%s", diff)
	}
}

func TestReadingAnOldVersionHidesConditions(t *testing.T) {
	c := startEnabled(t, Options{})
	owner := binding("roles/owner", "user:operator@example.com")
	c.must(t, setting("/v1/projects/acme-prod", owner+","+condition2030, `,"version":3`))
	roleAt := func(request string) (role string, version any) {
		r := c.send(t, request)
		role, _ = r.at("bindings.1.role").(string)
		return role, r.at("version")
	}
	if role, version := roleAt(getProjectPolicy); role != "roles/viewer" || version != 3.0 {
		t.Errorf("4.1 version 3 shows it as it is: %s, %v", role, version)
	}
	role, version := roleAt("POST /v1/projects/acme-prod:getIamPolicy {}")
	if !strings.HasPrefix(role, "roles/viewer_withcond_") || version != 1.0 {
		t.Errorf("4.1 13.6 an older version hides it: %s, %v", role, version)
	}
	c.must(t, setting("/v1/projects/acme-prod", owner+","+binding(role, "user:ann@acme.example"), ""))
	r := c.send(t, getProjectPolicy)
	if r.at("bindings.1.role") != "roles/viewer" || r.at("bindings.1.condition") != nil {
		t.Errorf("4.1 writing that back loses the condition: %s", r.text)
	}
}

func TestAuditConfigsStayUnlessNamed(t *testing.T) {
	c := startEnabled(t, Options{})
	const audit = `"auditConfigs":[{"service":"sts.googleapis.com","auditLogConfigs":[{"logType":"DATA_READ"}]}]`
	c.must(t, `POST /v1/projects/acme-prod:setIamPolicy {"policy":{`+audit+`},"updateMask":"auditConfigs"}`)
	want := []any{map[string]any{"service": "sts.googleapis.com", "auditLogConfigs": []any{map[string]any{"logType": "DATA_READ"}}}}

	c.must(t, setting("/v1/projects/acme-prod", binding("roles/owner", "user:operator@example.com"), ""))
	if diff := cmp.Diff(want, c.send(t, getProjectPolicy).json["auditConfigs"]); diff != "" {
		t.Errorf("4.1 13.6 the default mask keeps them (-want +got):\n%s", diff)
	}
	c.must(t, `POST /v1/projects/acme-prod:setIamPolicy {"policy":{"auditConfigs":[]},"updateMask":"auditConfigs"}`)
	r := c.send(t, getProjectPolicy)
	if r.json["auditConfigs"] != nil || r.json["bindings"] == nil {
		t.Errorf("4.1 an empty list removes them, and them only: %s", r.text)
	}
}

func TestAnAccountHasOnePolicyUnderTwoNames(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, createPool, createReader)
	anywhere := "/v1/projects/-/serviceAccounts/" + readerEmail
	empty := c.send(t, "POST "+anywhere+":getIamPolicy?options.requestedPolicyVersion=3")
	if diff := cmp.Diff(map[string]any{"version": 1.0, "etag": "ACAB"}, empty.json); diff != "" {
		t.Errorf("trap 6: an empty body is fine, and so is the policy (-want +got):\n%s", diff)
	}
	c.must(t, setting(readerPath, binding("roles/iam.workloadIdentityUser", setOfBar), `,"etag":"ACAB","version":3`))
	for _, path := range []string{anywhere, readerPath} {
		r := c.send(t, "POST "+path+":getIamPolicy?options.requestedPolicyVersion=3")
		if !strings.Contains(r.text, setOfBar) || r.at("version") != 1.0 {
			t.Errorf("trap 3: %s: %s", path, r.text)
		}
	}
}

func TestPoliciesOfPoolsNameTheirManagers(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, createPool, setting(poolPath, binding("roles/iam.workloadIdentityPoolAdmin", "user:ann@acme.example"), ""))
	token := c.tokenOf("user:ann@acme.example")
	if r := c.as(t, token, "GET "+poolPath, ""); r.status != http.StatusOK {
		t.Errorf("the pool's own policy lets ann in, got %d", r.status)
	}
	if r := c.as(t, token, "GET "+poolsPath, ""); r.status != http.StatusForbidden {
		t.Errorf("to that pool only, got %d", r.status)
	}
}

// tokenOf is a token for one who is nothing but a policy member.
func (c *cloud) tokenOf(member string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.issueToken(token{caller: caller{kind: tokenOperator, member: member, principals: []string{member}}})
}

// A team's own policies name roles that have nothing to do with federation.
func TestOtherRolesMayStandInAPolicyAndGrantNothing(t *testing.T) {
	const admin = "roles/container.admin"
	file := filepath.Join(t.TempDir(), "google.json")
	c := startEnabled(t, Options{OtherRoles: []string{admin}, StateFile: file})
	c.must(t, setting("/v1/projects/acme-prod", binding("roles/owner", "user:operator@example.com")+","+binding(admin, "user:ann@acme.example"), ""))
	c.must(t, createReader)
	if r := c.send(t, setting(readerPath, binding(admin, "user:ann@acme.example"), "")); r.status != 400 || r.at("error.message") != "Role roles/container.admin is not supported for this resource." {
		t.Errorf("an account takes it: %d %s", r.status, r.text)
	}
	if r := c.send(t, "POST /v1/projects/acme-prod:getIamPolicy {}"); !strings.Contains(r.text, admin) {
		t.Errorf("not kept: %s", r.text)
	}
	if err := c.Save(); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{StateFile: file}); err == nil {
		t.Error("loaded by an emulator that was not told of the role")
	}
	if _, err := New(Options{StateFile: file, OtherRoles: []string{admin}}); err != nil {
		t.Error(err)
	}
}
