package emulator

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	helloObject = "/storage/v1/b/acme-data/o/hello.txt"
	copyHello   = "POST " + helloObject + "/rewriteTo/b/acme-data/o/dir%2Fcopy {}"
	copyPath    = "/storage/v1/b/acme-data/o/dir%2Fcopy"
)

func TestObjectsAreCopied(t *testing.T) {
	walk(t, Options{Buckets: []string{"acme-data"}}, []step{
		{"4.5 a copy", nil, copyHello, 200, ""},
		{"4.5 of what is not there", nil, "POST /storage/v1/b/acme-data/o/none/rewriteTo/b/acme-data/o/x {}", 404, "No such object: acme-data/none"},
		{"4.5 of an older generation", nil, "POST " + helloObject + "/rewriteTo/b/acme-data/o/x?ifSourceGenerationMatch=1 {}", 412, "At least one of the pre-conditions you specified did not hold."},
		{"4.5 where there is one already", []string{copyHello}, "POST " + helloObject + "/rewriteTo/b/acme-data/o/dir%2Fcopy?ifGenerationMatch=0 {}", 412, "At least one of the pre-conditions you specified did not hold."},
		{"4.5 a patch that names another object", nil, "PATCH " + helloObject + ` {"name":"other"}`, 400, "The object in the body is not the object in the path."},
	})
	c := start(t, Options{Buckets: []string{"acme-data"}})
	r := c.send(t, copyHello)
	want := []any{"storage#rewriteResponse", true, "21", "21", "dir/copy", "text/plain"}
	got := []any{r.at("kind"), r.at("done"), r.at("objectSize"), r.at("totalBytesRewritten"), r.at("resource.name"), r.at("resource.contentType")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r := c.do(t, "GET "+copyPath+"?alt=media", ""); r.text != "Hello from acme-data\n" {
		t.Errorf("the copy holds %q", r.text)
	}
}

func TestMetadataOfObjectsIsPatched(t *testing.T) {
	c := start(t, Options{Buckets: []string{"acme-data"}})
	for _, s := range []struct {
		name, body string
		want       []any // content type, cache control, metadata, metageneration
	}{
		{"set", `{"contentType":"text/z","cacheControl":"no-store","metadata":{"a":"1","b":"2"}}`, []any{"text/z", "no-store", map[string]any{"a": "1", "b": "2"}, "2"}},
		{"null takes one away", `{"cacheControl":null,"metadata":{"a":null}}`, []any{"text/z", nil, map[string]any{"b": "2"}, "3"}},
		{"or all", `{"metadata":null}`, []any{"text/z", nil, nil, "4"}},
	} {
		r := c.do(t, "PATCH "+helloObject, s.body)
		if diff := cmp.Diff(s.want, []any{r.at("contentType"), r.at("cacheControl"), r.at("metadata"), r.at("metageneration")}); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", s.name, r.text, diff)
		}
	}
}

// TestObjectsHaveAClassOfTheirOwn: the bucket's is for what is written after it.
func TestObjectsHaveAClassOfTheirOwn(t *testing.T) {
	c := start(t, Options{Buckets: []string{"acme-data"}})
	c.must(t, `PATCH /storage/v1/b/acme-data {"storageClass":"COLDLINE"}`, copyHello)
	same := strings.Replace(copyHello, "dir%2Fcopy {}", `hello.txt {"storageClass":"nearline"}`, 1)
	for _, s := range []struct{ request, path, want string }{
		{"GET " + helloObject, "storageClass", "STANDARD"},
		{"GET " + copyPath, "storageClass", "COLDLINE"},
		{same, "resource.storageClass", "NEARLINE"},
	} {
		if got := c.send(t, s.request).at(s.path); got != s.want {
			t.Errorf("%s: class %v, want %s", s.request, got, s.want)
		}
	}
}

// TestObjectsOfBucketsWithACLs: the project's owner reads what she wrote, until the
// bucket's access is uniform and its policy does not say so.
func TestObjectsOfBucketsWithACLs(t *testing.T) {
	c := start(t, Options{})
	c.must(t, makeFine, "POST /upload"+madePath+"/o?uploadType=media&name=x x", "GET "+madePath+"/o/x")
	c.must(t, "PATCH "+madePath+` {"iamConfiguration":{"uniformBucketLevelAccess":{"enabled":true}}}`)
	if r := c.send(t, "GET "+madePath+"/o/x"); r.status != http.StatusForbidden {
		t.Errorf("with uniform access: got %d, want 403", r.status)
	}
}

func TestWhatStorageDoesNotModelIsNotLeftOutInSilence(t *testing.T) {
	const why = "the emulator does not model this; see docs/emulator.md"
	walk(t, Options{Buckets: []string{"acme-data"}}, []step{
		{"deleted objects", nil, "GET /storage/v1/b/acme-data/o?softDeleted=True", 405, `parameter "softDeleted": ` + why},
		{"but live ones", nil, "GET /storage/v1/b/acme-data/o?softDeleted=False&matchGlob=&filter=", 200, ""},
		{"a pattern", nil, "GET /storage/v1/b/acme-data/o?matchGlob=*.txt", 405, `parameter "matchGlob": ` + why},
		{"an object with an ACL", nil, "POST /upload/storage/v1/b/acme-data/o?uploadType=media&name=x&predefinedAcl=publicRead x", 405, `parameter "predefinedAcl": ` + why},
		{"objects that are locked", nil, "POST " + bucketsPath + `?project=acme-prod&enableObjectRetention=True {"name":"made-data"}`, 405, `parameter "enableObjectRetention": ` + why},
		{"a key of one's own", nil, "POST " + bucketsPath + `?project=acme-prod {"name":"made-data","encryption":{}}`, 405, `field "encryption": ` + why},
		{"a hold", nil, "PATCH /storage/v1/b/acme-data/o/hello.txt" + ` {"eventBasedHold":true}`, 405, `field "eventBasedHold": ` + why},
		{"a value of the wrong type", nil, "POST " + accountsPath + ` {"accountId":7}`, 400, "Invalid value at 'accountId' (TYPE_STRING), number"},
		{"a slip of the pen", nil, "PATCH /storage/v1/b/acme-data" + ` {"encyption":{}}`, 400, `Invalid JSON payload received. Unknown name "encyption": Cannot find field.`},
	})
}

func TestProjectsAreListed(t *testing.T) {
	walk(t, Options{Projects: []Project{{"acme-prod", "1"}, {"other-proj", "2"}}}, []step{
		{"7.1 a filter not modelled", nil, "GET /v1/projects?filter=labels.a:b", 405, `filter "labels.a:b": the emulator does not model this; see docs/emulator.md`},
		{"7.1 nor one with two sides", nil, "GET /v1/projects?filter=id:a+OR+id:b", 405, `filter "id:a OR id:b": the emulator does not model this; see docs/emulator.md`},
		{"a project is its own and only ancestor", nil, "POST /v1/projects/acme-prod:getAncestry {}", 200, ""},
		{"no ancestors of a project that is not there", nil, "POST /v1/projects/absent-prod:getAncestry {}", 403, "The caller does not have permission"},
		{"7.1 nobody to see", nil, "GET /v1/projects?filter=lifecycleState%3AACTIVE+AND+%28id%3Anone%29", 200, ""},
	})
	c := start(t, Options{Projects: []Project{{"acme-prod", "1"}, {"other-proj", "2"}}})
	for query, want := range map[string]any{"": "acme-prod", "?filter=lifecycleState:ACTIVE": "acme-prod", "?filter=lifecycleState:ACTIVE+AND+(id:other)": "other-proj",
		"?filter=lifecycleState%3AACTIVE+AND+(id%3Dother-proj)": "other-proj", "?filter=lifecycleState:ACTIVE+AND+(name:%22Other*%22)": "other-proj",
		"?filter=projectNumber:2": "other-proj", "?filter=id%3Dother": nil, "?filter=lifecycleState:DELETE_REQUESTED": nil} {
		if r := c.do(t, "GET /v1/projects"+query, ""); r.at("projects.0.projectId") != want {
			t.Errorf("7.1 %s: %s", query, r.text)
		}
	}
}
