package emulator

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const helloPath = "/storage/v1/b/acme-data/o/hello.txt"

func TestObjectRefusals(t *testing.T) {
	const noIf = "At least one of the pre-conditions you specified did not hold."
	walk(t, Options{Buckets: []string{"acme-data"}}, []step{
		{name: "8 an object that is not there", request: "GET /storage/v1/b/acme-data/o/a%2Fb", status: 404, message: "No such object: acme-data/a/b"},
		{name: "8 another generation", request: "GET " + helloPath + "?generation=7", status: 404, message: "No such object: acme-data/hello.txt"},
		{name: "8 a generation that is no number", request: "GET " + helloPath + "?generation=x", status: 400, message: "Invalid value 'x'. Values must be within the range: [0, 9223372036854775807]"},
		{name: "8 a generation that has changed", request: "DELETE " + helloPath + "?ifGenerationMatch=7", status: 412, message: noIf},
		{name: "8 an object that must not be there", request: "POST /upload/storage/v1/b/acme-data/o?uploadType=media&name=hello.txt&ifGenerationMatch=0 x", status: 412, message: noIf},
		{name: "8 a kind of upload that is none", request: "POST /upload/storage/v1/b/acme-data/o?uploadType=mail&name=x x", status: 400, message: `Invalid upload type: "mail"`},
		{name: "8 an upload without a name", request: "POST /upload/storage/v1/b/acme-data/o?uploadType=media x", status: 400, message: "Required"},
		{name: "8 a name of two dots", request: "POST /upload/storage/v1/b/acme-data/o?uploadType=media&name=.. x", status: 400, message: `Invalid object name: ".."`},
		{name: "8 a name of 1025 bytes", request: "POST /upload/storage/v1/b/acme-data/o?uploadType=media&name=" + strings.Repeat("x", 1025) + " x", status: 400, message: "Invalid object name: ..."},
		{name: "8 an upload that never began", request: "PUT /upload/storage/v1/b/acme-data/o?uploadType=resumable&upload_id=x x", status: 404, message: "Upload not found."},
		{name: "8 a multipart body without a boundary", request: "POST /upload/storage/v1/b/acme-data/o?uploadType=multipart x", status: 400, message: "Missing the boundary of a multipart/related body."},
	})
}

func TestReadObject(t *testing.T) {
	const all = "Hello from acme-data\n"
	c := start(t, Options{Buckets: []string{"acme-data"}})
	type part struct {
		Status int
		Range  string
		Text   string
	}
	for name, s := range map[string]struct {
		path, asked string
		want        part
	}{
		"JSON":                              {helloPath + "?alt=media", "", part{200, "", all}},
		"wire 3 gcloud's download":          {"/download" + helloPath + "?alt=media", "bytes=0-20", part{206, "bytes 0-20/21", all}},
		"wire 5 Go's, by the XML API":       {"/acme-data/hello.txt", "", part{200, "", all}},
		"from the middle":                   {"/acme-data/hello.txt", "bytes=6-9", part{206, "bytes 6-9/21", "from"}},
		"to the end":                        {"/acme-data/hello.txt", "bytes=16-", part{206, "bytes 16-20/21", "data\n"}},
		"the last five":                     {"/acme-data/hello.txt", "bytes=-5", part{206, "bytes 16-20/21", "data\n"}},
		"more than there is":                {"/acme-data/hello.txt", "bytes=16-999", part{206, "bytes 16-20/21", "data\n"}},
		"the last thousand":                 {"/acme-data/hello.txt", "bytes=-1000", part{206, "bytes 0-20/21", all}},
		"two ranges are ignored":            {"/acme-data/hello.txt", "bytes=0-1,3-4", part{200, "", all}},
		"a range backwards is ignored":      {"/acme-data/hello.txt", "bytes=9-6", part{200, "", all}},
		"a range of other units is ignored": {"/acme-data/hello.txt", "lines=1-2", part{200, "", all}},
	} {
		t.Run(name, func(t *testing.T) {
			header, r := c.get(t, operatorToken, s.path, s.asked)
			if diff := cmp.Diff(s.want, part{r.status, header.Get("Content-Range"), r.text}); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, r := c.get(t, operatorToken, helloPath+"?alt=media", "bytes=21-"); r.status != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("beyond the end: got %d %s", r.status, r.text)
	}
}

// A download by the JSON API comes from another server of Google's than the metadata: it
// refuses in words (https://github.com/firebase/firebase-tools/pull/3647).
func TestDownloadsAreRefusedInWords(t *testing.T) {
	c := start(t, Options{Buckets: []string{"acme-data"}})
	type refusal struct {
		Status int
		Type   string
		Text   string
	}
	for name, s := range map[string]struct {
		token, path string
		status      int
		want        string
	}{
		"an object that is not there": {operatorToken, "/storage/v1/b/acme-data/o/blah?alt=media", 404, "No such object: acme-data/blah"},
		"a bucket that is not there":  {operatorToken, "/download/storage/v1/b/nobodys/o/blah?alt=media", 404, "The specified bucket does not exist."},
		"nobody asks":                 {"", helloPath + "?alt=media", 401, "Login Required"},
	} {
		t.Run(name, func(t *testing.T) {
			header, r := c.get(t, s.token, s.path, "")
			want := refusal{s.status, "text/html; charset=UTF-8", s.want}
			if diff := cmp.Diff(want, refusal{r.status, header.Get("Content-Type"), r.text}); diff != "" {
				t.Error(diff)
			}
		})
	}
	c.Inject(Fault{Match: "storage.objects.get", Status: 503})
	if header, r := c.get(t, operatorToken, helloPath+"?alt=media", ""); r.json != nil || header.Get("Content-Type") != "text/html; charset=UTF-8" {
		t.Errorf("a fault: got %s", r.text)
	}
}

// get is a read with a Range header.
func (c *cloud) get(t *testing.T, token, path, asked string) (http.Header, reply) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if asked != "" {
		req.Header.Set("Range", asked)
	}
	return roundTrip(t, req)
}

// TestReadsCanBeVerified has the headers that Google's libraries check a download with.
func TestReadsCanBeVerified(t *testing.T) {
	c := start(t, Options{Buckets: []string{"acme-data"}, Clock: stillClock{}})
	header, _ := c.get(t, operatorToken, "/acme-data/hello.txt", "")
	got := map[string][]string{}
	maps.Copy(got, header)
	for _, name := range []string{"Date", "Vary", "Server"} {
		delete(got, name)
	}
	want := map[string][]string{
		"Accept-Ranges": {"bytes"}, "Content-Length": {"21"}, "Content-Type": {"text/plain"}, "Etag": {`"CICgnpnHoJgDEAE="`},
		"Last-Modified": {"Tue, 24 Nov 2026 12:00:00 GMT"}, "X-Goog-Generation": {"1795521600000000"}, "X-Goog-Metageneration": {"1"},
		"X-Goog-Hash":          {"crc32c=27wzAQ==", "md5=Z4tQSbVagc0pyOrqliYZdA=="},
		"X-Goog-Storage-Class": {"STANDARD"}, "X-Goog-Stored-Content-Encoding": {"identity"}, "X-Goog-Stored-Content-Length": {"21"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestXMLErrors has the XML API's own form.
func TestXMLErrors(t *testing.T) {
	c := start(t, Options{Buckets: []string{"acme-data"}})
	const form = `<?xml version="1.0" encoding="UTF-8"?>` + "\n<Error><Code>%</Code>"
	for name, s := range map[string]struct {
		token, path string
		status      int
		code        string
	}{
		"no such object":      {operatorToken, "/acme-data/absent", 404, "NoSuchKey"},
		"no such bucket":      {operatorToken, "/nobody-data/x", 404, "NoSuchBucket"},
		"no token":            {"", "/acme-data/hello.txt", 403, "AccessDenied"},
		"a made-up token":     {"ya29.x", "/acme-data/hello.txt", 401, "AuthenticationRequired"},
		"an older generation": {operatorToken, "/acme-data/hello.txt?ifGenerationMatch=1", 412, "PreconditionFailed"},
	} {
		t.Run(name, func(t *testing.T) {
			header, r := c.get(t, s.token, s.path, "")
			want := strings.Replace(form, "%", s.code, 1)
			if r.status != s.status || !strings.HasPrefix(r.text, want) || !strings.HasPrefix(header.Get("Content-Type"), "application/xml") {
				t.Errorf("got %d %s %q, want %d %s", r.status, header.Get("Content-Type"), r.text, s.status, s.code)
			}
		})
	}
}

func TestListObjects(t *testing.T) {
	c := start(t, Options{})
	c.must(t, makeFine)
	for _, name := range []string{"a.txt", "dir/one", "dir/two", "dir/sub/three", "dir2/four", "z.txt"} {
		c.must(t, "POST /upload"+madePath+"/o?uploadType=media&name="+url.QueryEscape(name)+" x")
	}
	for name, s := range map[string]struct {
		query           string
		items, prefixes []string
	}{
		"everything":                     {"", []string{"a.txt", "dir/one", "dir/sub/three", "dir/two", "dir2/four", "z.txt"}, nil},
		"wire trap 4 gcloud's ls":        {"delimiter=/&includeFoldersAsPrefixes=True&maxResults=1000&projection=noAcl", []string{"a.txt", "z.txt"}, []string{"dir/", "dir2/"}},
		"a prefix":                       {"prefix=dir/", []string{"dir/one", "dir/sub/three", "dir/two"}, nil},
		"a prefix and a delimiter":       {"prefix=dir/&delimiter=/", []string{"dir/one", "dir/two"}, []string{"dir/sub/"}},
		"a prefix of names and prefixes": {"prefix=dir&delimiter=/", nil, []string{"dir/", "dir2/"}},
		"wire 3 gcloud's rm -r":          {"versions=True&prefix=z", []string{"z.txt"}, nil},
		"between two names":              {"startOffset=b&endOffset=dir2", []string{"dir/one", "dir/sub/three", "dir/two"}, nil},
		"a prefix of nothing":            {"prefix=nothing", nil, nil},
	} {
		for _, size := range []string{"1", "2", "1000"} {
			t.Run(name+" by "+size, func(t *testing.T) {
				items, prefixes := c.listed(t, s.query+"&maxResults="+size)
				if strings.Contains(s.query, "maxResults") && size != "1000" {
					t.Skip("has a size of its own")
				}
				if diff := cmp.Diff([][]string{s.items, s.prefixes}, [][]string{items, prefixes}); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// listed follows the pages of a list.
func (c *cloud) listed(t *testing.T, query string) (items, prefixes []string) {
	t.Helper()
	token := ""
	for range 20 {
		r := c.do(t, "GET "+madePath+"/o?"+query+"&pageToken="+url.QueryEscape(token), "")
		page, _ := r.json["items"].([]any)
		for _, item := range page {
			m, _ := item.(map[string]any)
			name, _ := m["name"].(string)
			items = append(items, name)
		}
		folded, _ := r.json["prefixes"].([]any)
		for _, p := range folded {
			text, _ := p.(string)
			prefixes = append(prefixes, text)
		}
		if token, _ = r.at("nextPageToken").(string); token == "" {
			return items, prefixes
		}
	}
	t.Fatal("a list without end")
	return nil, nil
}

// TestWhoMayDoWhatWithObjects has a role on a bucket and what it gives.
func TestWhoMayDoWhatWithObjects(t *testing.T) {
	const list = "/storage/v1/b/acme-data/o"
	calls := map[string]string{
		"get": "GET " + helloPath, "absent": "GET /storage/v1/b/acme-data/o/absent", "list": "GET " + list, "bucket": "GET /storage/v1/b/acme-data",
		"create": "POST /upload" + list + "?uploadType=media&name=new x", "replace": "POST /upload" + list + "?uploadType=media&name=hello.txt x", "delete": "DELETE " + helloPath,
	}
	denied := func(except ...string) map[string]int {
		want := map[string]int{"get": 403, "absent": 403, "list": 403, "bucket": 403, "create": 403, "replace": 403, "delete": 403}
		for _, e := range except {
			name, status, _ := strings.Cut(e, "=")
			want[name] = map[string]int{"": 200, "204": 204, "404": 404}[status]
		}
		return want
	}
	for role, want := range map[string]map[string]int{
		"roles/storage.objectViewer":       denied("get", "list", "absent=404"),
		"roles/storage.legacyObjectReader": denied("get"),
		"roles/storage.legacyBucketReader": denied("list", "bucket"),
		"roles/storage.objectCreator":      denied("create"),
		"roles/storage.objectUser":         denied("get", "list", "absent=404", "create", "replace", "delete=204"),
		"roles/storage.bucketViewer":       denied("bucket"),
		"roles/storage.admin":              denied("get", "list", "absent=404", "bucket", "create", "replace", "delete=204"),
	} {
		t.Run("4.5 "+role, func(t *testing.T) {
			got := map[string]int{}
			for _, name := range slices.Sorted(maps.Keys(calls)) {
				w := newWorld(t)
				w.must(t, `PUT /storage/v1/b/acme-data/iam {"bindings":[{"role":"`+role+`","members":["serviceAccount:`+readerEmail+`"]}]}`)
				federated, _ := w.exchange(nil).at("access_token").(string)
				account, _ := w.impersonate(federated, `{"scope":[""]}`).at("accessToken").(string)
				parts := strings.SplitN(calls[name]+" ", " ", 3)
				got[name] = w.as(t, account, parts[0]+" "+parts[1], parts[2]).status
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
