package emulator

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/wifctl/wifctl/internal/gcp/discoverytest"
)

// beyondDiscovery are parameters of Cloud Storage that no method lists: one of
// every request, and one of the resumable upload protocol.
const beyondDiscovery = "userProject upload_id"

func TestRoutesAreGooglesMethods(t *testing.T) {
	d := discoverytest.Load(t)
	for _, r := range routes() {
		m := d.Method(r.id)
		switch {
		case r.id == "sts.introspect": // gcloud calls it; no document has it
			continue
		case m == nil:
			t.Errorf("%s: no such method", r.id)
			continue
		}
		for name := range strings.FieldsSeq(r.query) {
			if _, ok := m.Parameters[name]; !ok && !containsWord(beyondDiscovery, name) {
				t.Errorf("%s: no such query parameter: %s", r.id, name)
			}
		}
		for name, p := range m.Parameters {
			if p.Location == "query" && r.form != formXML && !containsWord(commonParams, name) && !containsWord(r.query, name) {
				t.Errorf("%s: a query parameter that is called unknown: %s", r.id, name)
			}
		}
		if r.form == formXML || strings.Contains(r.path, "load/storage/") {
			continue // the XML API, and the media paths beside the methods
		}
		if r.verb != m.Verb || !samePath(r.path, m.FlatPath) {
			t.Errorf("%s is %s %s here and %s %s at Google", r.id, r.verb, r.path, m.Verb, m.FlatPath)
		}
	}
}

// TestFieldsOfGooglesAreNotCalledUnknown: what Google takes and this emulator does not is
// refused as not modelled, never in the words that Google has for a slip of the pen.
func TestFieldsOfGooglesAreNotCalledUnknown(t *testing.T) {
	d := discoverytest.Load(t)
	for name, of := range map[string]any{
		"storage/Object of a patch": objectPatch{},
		"storage/Bucket":            bucketDoc{}, "storage/Object": objectDoc{}, "storage/Policy": bucketPolicyDoc{},
		"iam/WorkloadIdentityPool": poolDoc{}, "iam/WorkloadIdentityPoolProvider": providerDoc{}, "iam/ServiceAccount": accountDoc{},
		"iam/Policy": policyDoc{}, "iamcredentials/GenerateAccessTokenRequest": accessTokenRequest{},
	} {
		for _, field := range d.Fields(strings.TrimSuffix(name, " of a patch")) {
			err := unknownName(nested(field), reflect.TypeOf(of), "")
			var refusal *apiError
			if errors.As(err, &refusal) && refusal.code != http.StatusMethodNotAllowed {
				t.Errorf("%s: %s: %v", name, field, err)
			}
		}
	}
}

// nested is the JSON that holds nothing but the field.
func nested(field string) any {
	name, inside, more := strings.Cut(field, ".")
	var v any
	if more {
		v = nested(inside)
	}
	if list, ok := strings.CutSuffix(name, "[]"); ok {
		name, v = list, []any{v}
	}
	return map[string]any{name: v}
}

// samePath lets a variable at Google's side stand for anything at ours, for
// instance locations/global.
func samePath(ours, theirs string) bool {
	a, b := strings.Split(ours, "/"), strings.Split(theirs, "/")
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		_, methodA, _ := strings.Cut(a[i], "}")
		_, methodB, variable := strings.Cut(b[i], "}")
		if a[i] != b[i] && (!variable || methodA != methodB) {
			return false
		}
	}
	return true
}

// TestOrdinaryAnswersAreGoogles asks for what has an answer of its own kind; the server
// that start runs holds every one to the documents.
func TestOrdinaryAnswersAreGoogles(t *testing.T) {
	c := startEnabled(t, Options{Buckets: []string{"acme-data"}})
	story := []string{
		"GET /v1/projects/acme-prod", getProjectPolicy,
		`POST /v1/projects/acme-prod:testIamPermissions {"permissions":["resourcemanager.projects.get"]}`,
		"GET " + servicesPath, "GET " + servicesPath + "/sts.googleapis.com",
		"GET " + servicesPath + ":batchGet?names=projects/acme-prod/services/sts.googleapis.com",
		"POST " + servicesPath + "/logging.googleapis.com:enable {}",
		createPool, "GET " + poolsPath, "GET " + poolPath, "PATCH " + poolPath + `?updateMask=description {"description":"x"}`,
		createProvider, "GET " + providersPath, "GET " + providerPath,
		"PATCH " + providerPath + `?updateMask=oidc.allowedAudiences {"oidc":{"allowedAudiences":["https://a.example"]}}`,
		createReader, "GET " + accountsPath, "GET " + readerPath, "GET " + readerPath + "/keys",
		setting(readerPath, binding("roles/iam.workloadIdentityUser", setOfBar), ""),
		"POST " + readerPath + ":getIamPolicy", "POST " + readerPath + ":disable", "POST " + readerPath + ":enable",
		"DELETE " + readerPath, "DELETE " + providerPath, "POST " + providerPath + ":undelete",
		"DELETE " + poolPath, "GET " + poolPath, "POST " + poolPath + ":undelete",
		"GET /storage/v1/b?project=acme-prod", "GET /storage/v1/b/acme-data", "GET /storage/v1/b/acme-data/iam", "GET /storage/v1/b/acme-data/o",
	}
	for _, request := range story {
		if r := c.send(t, request); r.status != http.StatusOK {
			t.Errorf("%s: %d %s", request, r.status, r.text)
		}
	}
}

// TestFieldsMayBeAskedFor is wire trap 9: gcloud asks for a part of an answer, and takes
// the whole.
func TestFieldsMayBeAskedFor(t *testing.T) {
	c := startEnabled(t, Options{Buckets: []string{"acme-data"}})
	for request, path := range map[string]string{
		"GET /storage/v1/b/acme-data/iam?fields=bindings,etag&optionsRequestedPolicyVersion=3": "resourceId",
		"GET /storage/v1/b/acme-data/o?fields=prefixes,items/name,nextPageToken":               "items.0.size",
		"GET /v1/projects/acme-prod?fields=projectId":                                          "projectNumber",
	} {
		if r := c.send(t, request); r.status != http.StatusOK || r.at(path) == nil {
			t.Errorf("%s: %d %s", request, r.status, r.text)
		}
	}
}
