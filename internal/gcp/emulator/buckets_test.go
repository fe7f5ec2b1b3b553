package emulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	bucketsPath  = "/storage/v1/b"
	makeUniform  = "POST " + bucketsPath + `?project=acme-prod {"name":"made-data","location":"us-central1","iamConfiguration":{"uniformBucketLevelAccess":{"enabled":true}}}`
	makeFine     = "POST " + bucketsPath + `?project=acme-prod {"name":"made-data"}`
	madePath     = bucketsPath + "/made-data"
	legacyOwner  = `{"role":"roles/storage.legacyBucketOwner","members":["projectEditor:acme-prod","projectOwner:acme-prod"]}`
	conditional  = `{"role":"roles/storage.objectViewer","members":["user:a@example.com"],"condition":{"title":"t","expression":"true"}}`
	publicMember = `{"role":"roles/storage.objectViewer","members":["allUsers"]}`
)

func TestBucketRefusals(t *testing.T) {
	named := func(name string) step {
		return step{name: "4.5 a name: " + name, request: "POST " + bucketsPath + `?project=acme-prod {"name":"` + name + `"}`, status: 400, message: "Invalid bucket name: '" + name + "'"}
	}
	noIf := "At least one of the pre-conditions you specified did not hold."
	walk(t, Options{}, []step{
		named("Data"), named("ab"), named("-data"), named("data-"), named("goog-data"), named("my-g00gle-data"), named("192.0.2.1"), named("a..b"),
		named(strings.Repeat("a", 64)), named("b." + strings.Repeat("a", 64)), named(strings.Repeat("a.", 111) + "a"),
		{name: "4.5 a name of 222 characters", request: "POST " + bucketsPath + `?project=acme-prod {"name":"` + strings.Repeat("a.", 110) + `aa"}`, status: 200},
		{name: "4.5 no project", request: "POST " + bucketsPath + ` {"name":"made-data"}`, status: 400, message: "Required parameter: project"},
		{name: "7.1 another's project", request: "POST " + bucketsPath + `?project=nobody {"name":"made-data"}`, status: 403, message: "operator@example.com does not have storage.buckets.create access to the Google Cloud project. Permission 'storage.buckets.create' denied on resource (or it may not exist)."},
		{name: "4.5 a name that is one's own", given: []string{makeFine}, request: makeFine, status: 409, message: "Your previous request to create the named bucket succeeded and you already own it."},
		{name: "8 a bucket that is not there", request: "GET " + madePath, status: 404, message: "The specified bucket does not exist."},
		{name: "4.5 a field that is none", request: "POST " + bucketsPath + `?project=acme-prod {"name":"made-data","acces":1}`, status: 400, message: `Invalid JSON payload received. Unknown name "acces": Cannot find field.`},
		{name: "4.5 a class that is none", request: "POST " + bucketsPath + `?project=acme-prod {"name":"made-data","storageClass":"HOT"}`, status: 400, message: `Invalid argument: storageClass "HOT"`},
		{name: "wire 5 Go's empty lifecycle", request: "POST " + bucketsPath + `?project=acme-prod {"name":"made-data","lifecycle":{}}`, status: 200},
		{name: "4.5 rules of a lifecycle", request: "POST " + bucketsPath + `?project=acme-prod {"name":"made-data","lifecycle":{"rule":[{"action":{"type":"Delete"}}]}}`, status: 405, message: "lifecycle rules of a bucket: the emulator does not model this; see docs/emulator.md"},
		{name: "wire 3 a bucket that is not empty", given: []string{makeFine, "POST /upload" + madePath + "/o?uploadType=media&name=x x"}, request: "DELETE " + madePath, status: 409, message: "The bucket you tried to delete is not empty."},
		{name: "4.5 an older metageneration", given: []string{makeFine}, request: "PATCH " + madePath + `?ifMetagenerationMatch=7 {"labels":{"a":"b"}}`, status: 412, message: noIf},
		{name: "4.5 another location", given: []string{makeFine}, request: "PATCH " + madePath + ` {"location":"EU"}`, status: 400, message: "The location of a bucket cannot be changed."},
		{name: "4.5 somebody else's quota project", given: []string{makeFine}, request: "GET " + madePath + "?userProject=nobody", status: 403, message: "operator@example.com does not have serviceusage.services.use access to the Google Cloud project. Permission 'serviceusage.services.use' denied on resource (or it may not exist)."},

		{name: "4.5 an etag that is not base64", given: []string{makeFine}, request: "PUT " + madePath + `/iam {"etag":"!","bindings":[]}`, status: 400, message: "Invalid value for ByteString: !"},
		{name: "4.5 an etag of another service", given: []string{makeFine}, request: "PUT " + madePath + `/iam {"etag":"ACAB","bindings":[]}`, status: 400, message: "Invalid etag - must use etag from GetPolicy response."},
		{name: "4.5 an etag of the future", given: []string{makeFine}, request: "PUT " + madePath + `/iam {"etag":"CAI=","bindings":[]}`, status: 400, message: "Invalid etag - must use etag from GetPolicy response."},
		{name: "4.5 an etag from before a label", given: []string{makeFine, "PATCH " + madePath + ` {"labels":{"a":"b"}}`}, request: "PUT " + madePath + `/iam {"etag":"CAE=","bindings":[]}`, status: 412, message: noIf},
		{name: "4.5 a condition without uniform access", given: []string{makeFine}, request: "PUT " + madePath + `/iam {"version":3,"bindings":[` + conditional + `]}`, status: 412, message: "To set IAM conditions in this bucket, enable uniform bucket-level access. This ensures that all object access is controlled uniformly at the bucket-level without individual, object-level permissions. Learn more at https://cloud.google.com/storage/docs/uniform-bucket-level-access"},
		{name: "4.5 everybody where that is prevented", given: []string{makeFine, "PATCH " + madePath + ` {"iamConfiguration":{"publicAccessPrevention":"enforced"}}`}, request: "PUT " + madePath + `/iam {"bindings":[` + publicMember + `]}`, status: 412, message: "The member bindings allUsers and allAuthenticatedUsers are not allowed since public access prevention is enforced."},
		{name: "4.1 a condition in an old version", given: []string{makeUniform}, request: "PUT " + madePath + `/iam {"version":1,"bindings":[` + conditional + `]}`, status: 400, message: "Specified policy version (1) must be at least 3 based on the policy's contents..."},
		{name: "4.5 a role of another service", given: []string{makeFine}, request: "PUT " + madePath + `/iam {"bindings":[{"role":"roles/viewer","members":["user:a@example.com"]}]}`, status: 400, message: "Role roles/viewer is not supported for this resource."},
		{name: "4.5 a role without its prefix", given: []string{makeFine}, request: "PUT " + madePath + `/iam {"bindings":[{"role":"storage.admin","members":["user:a@example.com"]}]}`, status: 400, message: `The role name must be in the form "roles/{role}", "organizations/{organization_id}/roles/{role}", or "projects/{project_id}/roles/{role}".`},
		{name: "3 a member that does not exist", given: []string{makeFine}, request: "PUT " + madePath + `/iam {"bindings":[{"role":"roles/storage.objectViewer","members":["serviceAccount:x@acme-prod.iam.gserviceaccount.com"]}]}`, status: 400, message: "Service account x@acme-prod.iam.gserviceaccount.com does not exist."},
		{name: "2.1 a member of a pool that does not exist", given: []string{makeFine}, request: "PUT " + madePath + `/iam {"bindings":[{"role":"roles/storage.objectViewer","members":["principalSet://iam.googleapis.com/` + poolName + `/*"]}]}`, status: 400, message: "Identity Pool does not exist (" + poolName + ")..."},
		{name: "4.5 a policy in a wrapper", given: []string{makeFine}, request: "PUT " + madePath + `/iam {"policy":{"bindings":[]}}`, status: 400, message: `Invalid JSON payload received. Unknown name "policy": Cannot find field.`},
		{name: "4.5 without bindings even the owner is out", given: []string{makeFine, "PUT " + madePath + `/iam {"bindings":[],"etag":"CAE="}`}, request: "GET " + madePath + "/iam", status: 403, message: "operator@example.com does not have storage.buckets.getIamPolicy access to the Google Cloud Storage bucket. Permission 'storage.buckets.getIamPolicy' denied on resource (or it may not exist)."},

		{name: "4.5 no permissions to test", given: []string{makeFine}, request: "GET " + madePath + "/iam/testPermissions", status: 400, message: "Required parameter: permissions"},
		{name: "4.5 a permission twice", given: []string{makeFine}, request: "GET " + madePath + "/iam/testPermissions?permissions=storage.objects.get&permissions=storage.objects.get", status: 400, message: "Duplicate permissions must not be specified."},
		{name: "4.5 a permission of projects", given: []string{makeFine}, request: "GET " + madePath + "/iam/testPermissions?permissions=storage.buckets.create", status: 400, message: "Invalid argument."},
		{name: "4.5 a permission of another service", given: []string{makeFine}, request: "GET " + madePath + "/iam/testPermissions?permissions=iam.serviceAccounts.get", status: 400, message: "iam.serviceAccounts.get is not a valid Google Cloud Storage permission."},
		{name: "4.5 85 permissions", given: []string{makeFine}, request: "GET " + madePath + "/iam/testPermissions?permissions=x" + strings.Repeat("&permissions=x", 84), status: 400, message: "Invalid argument."},
	})
}

func TestOrganisationPoliciesOnBuckets(t *testing.T) {
	walk(t, Options{OrgPolicies: map[string][]string{"constraints/storage.uniformBucketLevelAccess": nil, "constraints/storage.publicAccessPrevention": nil}}, []step{
		{name: "9 a new bucket with ACLs", request: makeFine, status: 412, message: "Request violates constraint 'constraints/storage.uniformBucketLevelAccess'"},
		{name: "9 a new bucket without", request: makeUniform, status: 200},
		{name: "9 back to ACLs", given: []string{makeUniform}, request: "PATCH " + madePath + ` {"iamConfiguration":{"uniformBucketLevelAccess":{"enabled":false}}}`, status: 412, message: "Request violates constraint 'constraints/storage.uniformBucketLevelAccess'"},
		{name: "9 a public bucket", given: []string{makeUniform}, request: "PUT " + madePath + `/iam {"bindings":[` + publicMember + `]}`, status: 412, message: "The member bindings allUsers and allAuthenticatedUsers are not allowed since public access prevention is enforced."},
	})
}

// TestStorageErrorsHaveNoStatus is section 8: the older envelope, and a reason a
// client can tell a conflict by.
func TestStorageErrorsHaveNoStatus(t *testing.T) {
	c := start(t, Options{})
	c.must(t, makeFine, "PATCH "+madePath+` {"labels":{"a":"b"}}`)
	for name, s := range map[string]struct {
		token, request, body string
		want                 errorItem
	}{
		"412":                    {operatorToken, "PUT " + madePath + "/iam", `{"etag":"CAE="}`, errorItem{Reason: "conditionNotMet"}},
		"404":                    {operatorToken, "GET " + bucketsPath + "/nobody", "", errorItem{Reason: "notFound"}},
		"403":                    {operatorToken, "GET " + bucketsPath + "?project=nobody", "", errorItem{Reason: "forbidden"}},
		"409":                    {operatorToken, "POST " + bucketsPath + "?project=acme-prod", `{"name":"made-data"}`, errorItem{Reason: "conflict"}},
		"400":                    {operatorToken, "PUT " + madePath + "/iam", `{"etag":"!"}`, errorItem{Reason: "invalid"}},
		"401 without a token":    {"", "GET " + madePath, "", errorItem{Reason: "required", LocationType: "header", Location: "Authorization"}},
		"401 with a made-up one": {"ya29.x", "GET " + madePath, "", errorItem{Reason: "authError", LocationType: "header", Location: "Authorization"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.as(t, s.token, s.request, s.body)
			var got envelope
			if err := json.Unmarshal([]byte(r.text), &got); err != nil {
				t.Fatal(err)
			}
			s.want.Message, s.want.Domain = got.Error.Message, "global"
			want := errorBody{Code: r.status, Message: got.Error.Message, Errors: []errorItem{s.want}}
			if diff := cmp.Diff(want, got.Error); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBucketLooksAsGoogleShowsIt(t *testing.T) {
	c := start(t, Options{Clock: stillClock{}})
	c.must(t, makeUniform)
	uniform := map[string]any{"enabled": true, "lockedTime": "2027-02-22T12:00:00.000Z"}
	want := map[string]any{
		"kind": "storage#bucket", "id": "made-data", "name": "made-data", "selfLink": "https://www.googleapis.com/storage/v1/b/made-data",
		"projectNumber": "100200300400", "generation": "1795521600000000", "metageneration": "1", "etag": "CAE=",
		"timeCreated": "2026-11-24T12:00:00.000Z", "updated": "2026-11-24T12:00:00.000Z",
		"location": "US-CENTRAL1", "locationType": "region", "storageClass": "STANDARD",
		"iamConfiguration": map[string]any{"uniformBucketLevelAccess": uniform, "bucketPolicyOnly": uniform, "publicAccessPrevention": "inherited"},
	}
	if diff := cmp.Diff(want, c.do(t, "GET "+madePath+"?projection=full", "").json); diff != "" {
		t.Error(diff)
	}
}

func TestPatchBucket(t *testing.T) {
	c := start(t, Options{})
	c.must(t, makeFine, "PATCH "+madePath+` {"labels":{"a":"1","b":"2"}}`, "PATCH "+madePath+` {"labels":{"a":null,"c":"3"},"storageClass":"nearline"}`)
	r := c.do(t, "GET "+madePath, "")
	want := []any{map[string]any{"b": "2", "c": "3"}, "NEARLINE", "3"}
	if diff := cmp.Diff(want, []any{r.at("labels"), r.at("storageClass"), r.at("metageneration")}); diff != "" {
		t.Error(diff)
	}
	if r := c.send(t, "PATCH "+madePath+` {"labels":null}`); r.at("labels") != nil {
		t.Errorf("wire 3: null removes all labels: %s", r.text)
	}
}

// TestBucketPolicies tells the story of a policy: what a new bucket has, how the
// etag follows the metageneration, and how the document is normalised.
func TestBucketPolicies(t *testing.T) {
	c := start(t, Options{Buckets: []string{"acme-data"}})
	c.must(t, makeFine)
	owners := bindingDoc{Role: "roles/storage.legacyBucketOwner", Members: []string{"projectEditor:acme-prod", "projectOwner:acme-prod"}}
	viewers := bindingDoc{Role: "roles/storage.legacyBucketReader", Members: []string{"projectViewer:acme-prod"}}
	objectOwners := bindingDoc{Role: "roles/storage.legacyObjectOwner", Members: owners.Members}
	objectViewers := bindingDoc{Role: "roles/storage.legacyObjectReader", Members: viewers.Members}
	for _, s := range []struct {
		name, request string
		want          bucketPolicyDoc
	}{
		{"4.5 a new bucket with ACLs", "GET " + madePath + "/iam?optionsRequestedPolicyVersion=3",
			bucketPolicyDoc{"storage#policy", "projects/_/buckets/made-data", 1, "CAE=", []bindingDoc{owners, viewers}}},
		{"4.5 a new bucket with uniform access", "GET " + bucketsPath + "/acme-data/iam",
			bucketPolicyDoc{"storage#policy", "projects/_/buckets/acme-data", 1, "CAE=", []bindingDoc{owners, viewers, objectOwners, objectViewers}}},
		{"4.1 members and bindings that repeat are stored once", "PUT " + madePath + `/iam {"etag":"CAE=","bindings":[` + legacyOwner +
			`,{"role":"roles/storage.objectViewer","members":["user:B@Example.com"]},{"role":"roles/storage.objectViewer","members":["user:b@example.com","user:a@example.com"]},{"role":"roles/storage.admin","members":[]}]}`,
			bucketPolicyDoc{"storage#policy", "projects/_/buckets/made-data", 1, "CAI=", []bindingDoc{owners, {Role: "roles/storage.objectViewer", Members: []string{"user:b@example.com", "user:a@example.com"}}}}},
		{"4.1 the same again moves the etag", "PUT " + madePath + `/iam {"etag":"CAI=","bindings":[` + legacyOwner + `]}`,
			bucketPolicyDoc{"storage#policy", "projects/_/buckets/made-data", 1, "CAM=", []bindingDoc{owners}}},
		{"wire trap 1: an etag without padding", "PUT " + madePath + `/iam {"etag":"CAM","bindings":[` + legacyOwner + `]}`,
			bucketPolicyDoc{"storage#policy", "projects/_/buckets/made-data", 1, "CAQ=", []bindingDoc{owners}}},
		{"4.5 no etag overwrites", "PUT " + madePath + `/iam {"version":3,"bindings":[` + legacyOwner + `]}`,
			bucketPolicyDoc{"storage#policy", "projects/_/buckets/made-data", 1, "CAU=", []bindingDoc{owners}}},
		{"4.1 a condition makes it version 3", "PUT " + bucketsPath + `/acme-data/iam {"version":3,"bindings":[` + legacyOwner + `,` + conditional + `]}`,
			bucketPolicyDoc{"storage#policy", "projects/_/buckets/acme-data", 3, "CAI=", []bindingDoc{owners, {Role: "roles/storage.objectViewer", Members: []string{"user:a@example.com"}, Condition: &condition{Title: "t", Expression: "true"}}}}},
		{"4.1 which readers of version 1 don't see", "GET " + bucketsPath + "/acme-data/iam?optionsRequestedPolicyVersion=1",
			bucketPolicyDoc{"storage#policy", "projects/_/buckets/acme-data", 1, "CAI=", []bindingDoc{owners, {Role: "roles/storage.objectViewer" + withCondition + conditionHash(&condition{Title: "t", Expression: "true"}), Members: []string{"user:a@example.com"}}}}},
	} {
		r := c.send(t, s.request)
		var got bucketPolicyDoc
		if err := json.Unmarshal([]byte(r.text), &got); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if diff := cmp.Diff(s.want, got); diff != "" {
			t.Errorf("%s: %d\n%s", s.name, r.status, diff)
		}
	}
}

func TestTestBucketPermissions(t *testing.T) {
	c := start(t, Options{Buckets: []string{"acme-data"}})
	const ask = "GET " + bucketsPath + "/acme-data/iam/testPermissions?permissions=storage.buckets.get&permissions=storage.objects.get"
	got := c.do(t, ask, "").json
	want := map[string]any{"kind": "storage#testIamPermissionsResponse", "permissions": []any{"storage.buckets.get", "storage.objects.get"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	delete(want, "permissions") // absent when none is held
	if diff := cmp.Diff(want, c.as(t, "", ask, "").json); diff != "" {
		t.Error(diff)
	}
}

func TestPublicBucketsNeedNoToken(t *testing.T) {
	c := start(t, Options{Buckets: []string{"acme-data"}})
	c.must(t, "PUT "+bucketsPath+`/acme-data/iam {"bindings":[`+legacyOwner+`,`+publicMember+`]}`)
	if r := c.as(t, "", "GET /acme-data/hello.txt", ""); r.status != http.StatusOK || r.text != "Hello from acme-data\n" {
		t.Errorf("got %d %s", r.status, r.text)
	}
}

// TestPreventionEndsWhatWasPublic: the binding stays in the policy and counts again when
// the bucket may be public again.
func TestPreventionEndsWhatWasPublic(t *testing.T) {
	c := start(t, Options{Buckets: []string{"acme-data"}})
	c.must(t, "PUT "+bucketsPath+`/acme-data/iam {"bindings":[`+legacyOwner+`,`+publicMember+`]}`)
	prevent := func(how string) string {
		return "PATCH " + bucketsPath + `/acme-data {"iamConfiguration":{"publicAccessPrevention":"` + how + `"}}`
	}
	for _, s := range []struct {
		how  string
		want int
	}{{"enforced", http.StatusUnauthorized}, {"inherited", http.StatusOK}} {
		c.must(t, prevent(s.how))
		if r := c.as(t, "", "GET "+bucketsPath+"/acme-data/o/hello.txt", ""); r.status != s.want {
			t.Errorf("4.5 %s: got %d, want %d", s.how, r.status, s.want)
		}
		if r := c.do(t, "GET "+bucketsPath+"/acme-data/iam", ""); !strings.Contains(r.text, "allUsers") {
			t.Errorf("4.5 %s: the binding is gone: %s", s.how, r.text)
		}
	}
}

// TestBucketsByList has what gcloud asks before rm -r: wire trap 8.
func TestBucketsByList(t *testing.T) {
	c := start(t, Options{Buckets: []string{"b-one", "b-two", "c-three"}})
	first := c.do(t, "GET "+bucketsPath+"?project=acme-prod&maxResults=2&projection=noAcl", "")
	next, _ := first.at("nextPageToken").(string)
	second := c.do(t, "GET "+bucketsPath+"?project=acme-prod&maxResults=2&pageToken="+next, "")
	got := append(names(t, first, "items", "name"), names(t, second, "items", "name")...)
	if diff := cmp.Diff([]string{"b-one", "b-two", "c-three"}, got); diff != "" {
		t.Error(diff)
	}
	for path, kind := range map[string]string{"/managedFolders?pageSize=10": "storage#managedFolders", "/storageLayout": "storage#storageLayout"} {
		if r := c.do(t, "GET "+bucketsPath+"/b-one"+path, ""); r.at("kind") != kind {
			t.Errorf("%s: got %d %s", path, r.status, r.text)
		}
	}
}
