package emulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// discovery is what Google's discovery documents say about methods and schemas
// (https://developers.google.com/discovery/v1/reference/apis). They lie in a
// module this repository needs anyway; a copy without its module cache skips.
type discovery struct {
	methods map[string]method // by id
	schemas map[string]schema // by API and name, as in iam/Policy
}

type document struct {
	Name        string              `json:"name"`
	ServicePath string              `json:"servicePath"`
	Parameters  map[string]struct{} `json:"parameters"`
	Schemas     map[string]schema   `json:"schemas"`
	Methods     map[string]method   `json:"methods"`
	Resources   map[string]resource `json:"resources"`
}

type resource struct {
	Methods   map[string]method   `json:"methods"`
	Resources map[string]resource `json:"resources"`
}

type method struct {
	ID         string              `json:"id"`
	Verb       string              `json:"httpMethod"`
	Path       string              `json:"path"`
	FlatPath   string              `json:"flatPath"`
	Parameters map[string]struct{} `json:"parameters"`
	Response   schema              `json:"response"`

	api string
}

type schema struct {
	Ref        string            `json:"$ref"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
	Other      *schema           `json:"additionalProperties"`
}

func readDiscovery(t *testing.T) discovery {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "google.golang.org/api").Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		t.Skipf("no discovery documents: google.golang.org/api is not in the module cache: %v", err)
	}
	d := discovery{map[string]method{}, map[string]schema{}}
	for _, api := range []string{"iam", "sts", "iamcredentials", "cloudresourcemanager", "serviceusage", "storage"} {
		b, err := os.ReadFile(filepath.Join(dir, api, "v1", api+"-api.json"))
		if err != nil {
			t.Fatal(err)
		}
		var doc document
		if err := json.Unmarshal(b, &doc); err != nil {
			t.Fatal(err)
		}
		for name, s := range doc.Schemas {
			d.schemas[api+"/"+name] = s
		}
		d.add(doc, resource{doc.Methods, doc.Resources})
	}
	return d
}

func (d discovery) add(doc document, r resource) {
	for _, m := range r.Methods {
		m.api = doc.Name
		if m.FlatPath == "" {
			m.FlatPath = m.Path
		}
		m.FlatPath = "/" + doc.ServicePath + m.FlatPath
		d.methods[m.ID] = m
	}
	for _, child := range r.Resources {
		d.add(doc, child)
	}
}

// beyondDiscovery are parameters of Cloud Storage that no method lists: one of
// every request, and one of the resumable upload protocol.
const beyondDiscovery = "userProject upload_id"

func TestRoutesAreGooglesMethods(t *testing.T) {
	d := readDiscovery(t)
	for _, r := range routes() {
		m, ok := d.methods[r.id]
		switch {
		case r.id == "sts.introspect": // gcloud calls it; no document has it
			continue
		case !ok:
			t.Errorf("%s: no such method", r.id)
			continue
		}
		for name := range strings.FieldsSeq(r.query) {
			if _, ok := m.Parameters[name]; !ok && !containsWord(beyondDiscovery, name) {
				t.Errorf("%s: no such query parameter: %s", r.id, name)
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

func TestAnswersHaveOnlyGooglesFields(t *testing.T) {
	d := readDiscovery(t)
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
		r := c.send(t, request)
		parts := strings.SplitN(request, " ", 3)
		u, err := url.Parse(parts[1])
		if err != nil {
			t.Fatal(err)
		}
		route, _ := c.find(parts[0], u)
		if r.status != http.StatusOK || route == nil {
			t.Errorf("%s: %d %s", request, r.status, r.text)
			continue
		}
		m := d.methods[route.id]
		for _, name := range d.unknown(m.api, m.Response, r.json, "") {
			t.Errorf("%s: %s is no field of %s", route.id, name, m.Response.Ref)
		}
	}
}

// unknown are the paths in v that the schema has no property for. A schema
// without properties holds anything, as an operation's response does.
func (d discovery) unknown(api string, s schema, v any, at string) []string {
	if s.Ref != "" {
		s = d.schemas[api+"/"+s.Ref]
	}
	var found []string
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if s.Items != nil {
				found = append(found, d.unknown(api, *s.Items, item, at+"[]")...)
			}
		}
	case map[string]any:
		for name, value := range v {
			p, ok := s.Properties[name]
			if !ok && s.Other == nil {
				found = append(found, at+"."+name)
				continue
			}
			if ok {
				found = append(found, d.unknown(api, p, value, at+"."+name)...)
			}
		}
	}
	return found
}
