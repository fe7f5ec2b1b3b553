// Package discoverytest holds requests and answers to Google's own description of its
// APIs: the discovery documents (https://developers.google.com/discovery/v1/reference/apis)
// that lie in google.golang.org/api, a module this repository needs anyway.
//
// It is an oracle that shares nothing with the emulator or the client. It knows shapes,
// not behaviour: which paths, parameters and fields there are, of which type, and how a
// refusal is written. Where a document is known to be incomplete, [gaps] says why.
package discoverytest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Documents are the methods and schemas of the eight APIs. They are not changed once read.
type Documents struct {
	methods map[string]*Method
	schemas map[string]*schema // by API and name, as in iam/Policy
	paths   []pattern
}

// Method is one method of one API.
type Method struct {
	ID         string            `json:"id"`
	Verb       string            `json:"httpMethod"`
	Path       string            `json:"path"`
	FlatPath   string            `json:"flatPath"`
	Parameters map[string]schema `json:"parameters"` // of path and query; the API's own too
	Request    *schema           `json:"request"`
	Response   *schema           `json:"response"`
	Upload     upload            `json:"mediaUpload"`
	Downloads  bool              `json:"useMediaDownloadService"`

	api string
}

// upload is where the content of an object goes.
type upload struct {
	Protocols map[string]struct {
		Path string `json:"path"`
	} `json:"protocols"`
}

// schema is the part of JSON Schema that the documents use, also for parameters.
type schema struct {
	Ref        string            `json:"$ref"`
	Type       string            `json:"type"`
	Format     string            `json:"format"`
	Enum       []string          `json:"enum"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
	Other      *schema           `json:"additionalProperties"`
	Default    string            `json:"default"`

	Description string      `json:"description"`
	Location    string      `json:"location"`
	Required    bool        `json:"required"`
	ReadOnly    bool        `json:"readOnly"`
	Annotations annotations `json:"annotations"`
}

// annotations name the methods that want a property to be set.
type annotations struct {
	Required []string `json:"required"`
}

type document struct {
	Name        string            `json:"name"`
	ServicePath string            `json:"servicePath"`
	Parameters  map[string]schema `json:"parameters"`
	Schemas     map[string]schema `json:"schemas"`
	resource
}

type resource struct {
	Methods   map[string]*Method  `json:"methods"`
	Resources map[string]resource `json:"resources"`
}

// errNoModule means that google.golang.org/api is not in the module cache.
var errNoModule = errors.New("google.golang.org/api is not in the module cache")

// load reads the documents once per test binary: they are 1.1 MB of JSON.
var load = sync.OnceValues(read)

// Load reads the documents. The test is skipped where they are not at hand, and says so.
func Load(t testing.TB) *Documents {
	t.Helper()
	d, err := load()
	if errors.Is(err, errNoModule) {
		t.Skip("NOT TESTED: that requests and answers are Google's:", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Method is the method with the id, or nil.
func (d *Documents) Method(id string) *Method { return d.methods[id] }

// Fields are the fields of a schema, and of what lies in them: "storage/Bucket" has
// billing.requesterPays. A list's fields are those of its items, with [] behind its name.
func (d *Documents) Fields(name string) []string {
	var all []string
	d.walk(name[:strings.Index(name, "/")+1], *d.schemas[name], "", func(at string) { all = append(all, at) })
	slices.Sort(all)
	return all
}

// walk goes three deep: there are schemas that hold themselves.
func (d *Documents) walk(api string, s schema, at string, visit func(string)) {
	if s.Ref != "" {
		s = *d.schemas[api+s.Ref]
	}
	if s.Items != nil {
		d.walk(api, *s.Items, at+"[]", visit)
		return
	}
	for name, p := range s.Properties {
		inside := strings.TrimPrefix(at+"."+name, ".")
		visit(inside)
		if strings.Count(inside, ".") < 2 {
			d.walk(api, p, inside, visit)
		}
	}
}

func read() (*Documents, error) {
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "google.golang.org/api")
	out, err := list.Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		return nil, fmt.Errorf("%w: %w", errNoModule, err)
	}
	d := &Documents{methods: map[string]*Method{}, schemas: map[string]*schema{}}
	for _, at := range []string{"iam/v1", "iam/v2", "sts/v1", "iamcredentials/v1", "cloudresourcemanager/v1", "cloudbilling/v1", "orgpolicy/v2", "serviceusage/v1", "storage/v1"} {
		api := path.Dir(at)
		b, err := os.ReadFile(filepath.Join(dir, at, api+"-api.json"))
		if err != nil {
			return nil, err
		}
		var doc document
		if err := json.Unmarshal(b, &doc); err != nil {
			return nil, fmt.Errorf("read the document of %s: %w", api, err)
		}
		d.add(&doc)
	}
	d.sortPaths()
	return d, nil
}

func (d *Documents) add(doc *document) {
	for name, s := range doc.Schemas {
		d.schemas[doc.Name+"/"+name] = &s
	}
	d.addMethods(doc, doc.resource)
}

func (d *Documents) addMethods(doc *document, r resource) {
	for _, m := range r.Methods {
		m.complete(doc)
		d.methods[m.ID] = m
		d.addPaths(m)
	}
	for _, child := range r.Resources {
		d.addMethods(doc, child)
	}
}

// complete gives the method what its document says of all methods.
func (m *Method) complete(doc *document) {
	m.api = doc.Name
	if m.FlatPath == "" {
		m.FlatPath = m.Path
	}
	m.FlatPath = "/" + doc.ServicePath + m.FlatPath
	if m.Parameters == nil {
		m.Parameters = map[string]schema{}
	}
	for name, p := range doc.Parameters {
		p.Location = "query"
		m.Parameters[name] = p
	}
}
