package emulator

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// gcloudBody is a multipart upload as gcloud sends it; BOUNDARY is replaced.
const gcloudBody = "--BOUNDARY\r\nContent-Type: application/json\r\nMIME-Version: 1.0\r\n\r\n" +
	`{"bucket": "acme-data", "contentType": "text/plain", "name": "dir/new.txt"}` +
	"\r\n--BOUNDARY\r\nContent-Type: text/plain\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: binary\r\n\r\nhello\r\nloopback\n\r\n--BOUNDARY--"

func TestMultipartUpload(t *testing.T) {
	const odd = "===============0760593748993766304=="
	for name, c := range map[string]struct {
		contentType, body string
		status            int
		want              string // the object's content, or the refusal
	}{
		"wire trap 2: gcloud's boundary in single quotes": {"multipart/related; boundary='" + odd + "'", strings.ReplaceAll(gcloudBody, "BOUNDARY", odd), 200, "hello\r\nloopback\n"},
		"Go's boundary without quotes":                    {"multipart/related; boundary=abc", strings.ReplaceAll(gcloudBody, "BOUNDARY", "abc"), 200, "hello\r\nloopback\n"},
		"a boundary in double quotes":                     {`multipart/related; boundary="a b"; x=y`, strings.ReplaceAll(gcloudBody, "BOUNDARY", "a b"), 200, "hello\r\nloopback\n"},
		"another parameter before it":                     {`Multipart/Related; type="application/json"; boundary=abc`, strings.ReplaceAll(gcloudBody, "BOUNDARY", "abc"), 200, "hello\r\nloopback\n"},
		"form data":                                       {"multipart/form-data; boundary=abc", strings.ReplaceAll(gcloudBody, "BOUNDARY", "abc"), 400, "Missing the boundary of a multipart/related body."},
		"another boundary than it says":                   {"multipart/related; boundary=xyz", strings.ReplaceAll(gcloudBody, "BOUNDARY", "abc"), 400, "Malformed multipart body: no metadata."},
		"one part":                                        {"multipart/related; boundary=abc", "--abc\r\n\r\n{}\r\n--abc--", 400, "Malformed multipart body: no content."},
		"three parts":                                     {"multipart/related; boundary=abc", "--abc\r\n\r\n{}\r\n--abc\r\n\r\nx\r\n--abc\r\n\r\ny\r\n--abc--", 400, "Malformed multipart body: want two parts."},
		"content that is cut off":                         {"multipart/related; boundary=abc", "--abc\r\n\r\n{\"name\":\"x\"}\r\n--abc\r\n\r\nhel", 400, "Malformed multipart body: no content."},
		"metadata of no field":                            {"multipart/related; boundary=abc", "--abc\r\n\r\n{\"nam\":\"x\"}\r\n--abc\r\n\r\nx\r\n--abc--", 400, `Invalid JSON payload received. Unknown name "nam": Cannot find field.`},
		"metadata for another bucket":                     {"multipart/related; boundary=abc", "--abc\r\n\r\n{\"name\":\"x\",\"bucket\":\"y\"}\r\n--abc\r\n\r\nx\r\n--abc--", 400, "The bucket in the body, y, is not the bucket in the path."},
		"a hash of other content":                         {"multipart/related; boundary=abc", "--abc\r\n\r\n{\"name\":\"x\",\"crc32c\":\"AAAAAA==\"}\r\n--abc\r\n\r\nx\r\n--abc--", 400, "Provided hash doesn't match the one calculated from the uploaded content."},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{t: t, cloud: start(t, Options{Buckets: []string{"acme-data"}})}
			r := w.post("/upload/storage/v1/b/acme-data/o?uploadType=multipart&alt=json", c.contentType, c.body, bearer())
			got, _ := r.at("error.message").(string)
			if r.status == http.StatusOK {
				got = w.do(t, "GET /acme-data/dir/new.txt", "").text
			}
			if r.status != c.status || got != c.want {
				t.Errorf("got %d %q, want %d %q", r.status, got, c.status, c.want)
			}
		})
	}
}

func bearer() http.Header { return http.Header{"Authorization": {"Bearer " + operatorToken}} }

// TestResumableUpload goes through one as Go's and as gcloud's clients do.
func TestResumableUpload(t *testing.T) {
	for name, prefix := range map[string]string{"Go": "", "wire: gcloud's path": "/resumable"} {
		t.Run(name, func(t *testing.T) {
			c := start(t, Options{Buckets: []string{"acme-data"}})
			header, r := c.raw(t, http.MethodPost, c.url+prefix+"/upload/storage/v1/b/acme-data/o?uploadType=resumable&name=big",
				`{"contentType":"text/plain","metadata":{"k":"v"}}`, http.Header{"Content-Type": {"application/json"}})
			session := header.Get("Location")
			if r.status != http.StatusOK || !strings.HasPrefix(session, c.url+prefix+"/upload/") {
				t.Fatalf("began with %d %q", r.status, session)
			}
			type sent struct {
				Status          int
				Override, Range string
			}
			for _, s := range []struct {
				name, content, contentRange, no308 string
				want                               sent
			}{
				{"nothing has arrived", "", "bytes */*", "", sent{308, "", ""}},
				{"a first chunk", "hello ", "bytes 0-5/*", "", sent{308, "", "bytes=0-5"}},
				{"a client that takes no 308", "", "bytes */*", "yes", sent{200, "308", "bytes=0-5"}},
				{"the chunk again", "hello ", "bytes 0-5/*", "", sent{308, "", "bytes=0-5"}},
				{"a gap is refused", "x", "bytes 9-9/*", "", sent{400, "", ""}},
				{"more than it says is refused", "xyz", "bytes 6-6/*", "", sent{400, "", ""}},
				{"a header of something else", "x", "6-6", "", sent{400, "", ""}},
				{"the rest", "world", "bytes 6-10/11", "", sent{200, "", ""}},
				{"and no more", "", "bytes */*", "", sent{404, "", ""}},
			} {
				header, r := c.raw(t, http.MethodPut, session, s.content, http.Header{"Content-Range": {s.contentRange}, "X-Guploader-No-308": {s.no308}})
				if diff := cmp.Diff(s.want, sent{r.status, header.Get("X-Http-Status-Code-Override"), header.Get("Range")}); diff != "" {
					t.Errorf("%s: %s\n%s", s.name, diff, r.text)
				}
			}
			o := c.do(t, "GET /storage/v1/b/acme-data/o/big", "")
			want := []any{"11", "text/plain", "v"}
			if diff := cmp.Diff(want, []any{o.at("size"), o.at("contentType"), o.at("metadata.k")}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// raw sends the operator's request to a whole address and follows no redirect.
func (c *cloud) raw(t *testing.T, verb, address, body string, header http.Header) (http.Header, reply) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), verb, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	req.Header.Set("Authorization", "Bearer "+operatorToken)
	return roundTrip(t, req)
}

func TestGenerationsGrow(t *testing.T) {
	c := start(t, Options{Buckets: []string{"acme-data"}, Clock: stillClock{}})
	seen := map[any]bool{}
	for range 3 {
		r := c.do(t, "POST /upload/storage/v1/b/acme-data/o?uploadType=media&name=x", "x")
		if seen[r.at("generation")] || r.status != http.StatusOK {
			t.Errorf("got %d, generation %v again", r.status, r.at("generation"))
		}
		seen[r.at("generation")] = true
	}
}

// No upload crashes the server, and one that is taken can be read back.
func FuzzMultipartUpload(f *testing.F) {
	s, err := New(Options{Buckets: []string{"acme-data"}})
	if err != nil {
		f.Fatal(err)
	}
	// The fuzzed calls have no token, so the bucket is everybody's.
	s.buckets["acme-data"].policy.add(s, "roles/storage.admin", "allUsers")
	f.Add("multipart/related; boundary='=a='", strings.ReplaceAll(gcloudBody, "BOUNDARY", "=a="))
	f.Add("multipart/related; boundary=abc", "--abc\r\n\r\n{}\r\n--abc\r\n\r\nx\r\n--abc--")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		status, text := handle(t, s, http.MethodPost, "/upload/storage/v1/b/acme-data/o?uploadType=multipart", contentType, body)
		if status != http.StatusOK && status != http.StatusBadRequest && status != http.StatusMethodNotAllowed {
			t.Errorf("got %d %s", status, text)
		}
	})
}

func TestUnfinishedUploadsGiveWay(t *testing.T) {
	c := start(t, Options{Buckets: []string{"acme-data"}})
	var begun []string
	for range maxUploads + 1 {
		header, r := c.raw(t, http.MethodPost, c.url+"/upload/storage/v1/b/acme-data/o?uploadType=resumable&name=big", "{}", http.Header{"Content-Type": {"application/json"}})
		if r.status != http.StatusOK {
			t.Fatalf("got %d: %s", r.status, r.text)
		}
		begun = append(begun, header.Get("Location"))
	}
	for i, want := range map[int]int{0: 404, 1: 200, maxUploads: 200} {
		if _, r := c.raw(t, http.MethodPut, begun[i], "content", http.Header{}); r.status != want {
			t.Errorf("upload %d of %d: got %d, want %d: %s", i+1, len(begun), r.status, want, r.text)
		}
	}
}
