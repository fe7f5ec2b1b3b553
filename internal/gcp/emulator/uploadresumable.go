package emulator

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
)

// maxUploads bounds the unfinished uploads of one bucket: the oldest go.
const maxUploads = 20

// upload is a resumable upload that has begun.
type upload struct {
	doc    objectDoc
	data   []byte
	serial uint64
}

// beginUpload answers with the address to send the content to
// (https://docs.cloud.google.com/storage/docs/resumable-uploads).
//
// not modelled: cancelling one, and its end after a week.
func (c *call) beginUpload(b *bucket) (any, error) {
	doc, err := c.objectMetadata(c.body)
	if err != nil {
		return nil, err
	}
	if doc.ContentType == "" {
		doc.ContentType = c.r.Header.Get("X-Upload-Content-Type")
	}
	if err := c.checkStore(b, &doc); err != nil {
		return nil, err
	}
	b.dropOldUploads()
	id := rand.Text()
	b.uploads[id] = &upload{doc: doc, serial: c.s.nextSerial()}
	a := newAnswer(http.StatusOK, "text/plain; charset=utf-8", nil)
	query := url.Values{"uploadType": {"resumable"}, "name": {doc.Name}, "upload_id": {id}}
	for _, name := range []string{"ifGenerationMatch", "ifGenerationNotMatch", "ifMetagenerationMatch", "ifMetagenerationNotMatch"} {
		if v := c.query.Get(name); v != "" {
			query.Set(name, v)
		}
	}
	a.header.Set("Location", c.base()+c.r.URL.Path+"?"+query.Encode())
	a.header.Set("X-Guploader-Uploadid", id)
	return a, nil
}

// dropOldUploads makes room for one more. Whoever still sends to the oldest begins
// again, as after a week at Google.
func (b *bucket) dropOldUploads() {
	for len(b.uploads) >= maxUploads {
		oldest := ""
		for id, u := range b.uploads {
			if oldest == "" || u.serial < b.uploads[oldest].serial {
				oldest = id
			}
		}
		delete(b.uploads, oldest)
	}
}

// contentRange is "bytes 0-99/200", "bytes 0-99/*", "bytes */200" or "bytes */*".
var contentRange = regexp.MustCompile(`^bytes (?:([0-9]{1,15})-([0-9]{1,15})|\*)/([0-9]{1,15}|\*)$`)

// continueUpload takes in the next bytes, answers how many there are, or finishes.
func (c *call) continueUpload() (any, error) {
	b, err := c.openBucket()
	if err != nil {
		return nil, err
	}
	id := c.query.Get("upload_id")
	u, ok := b.uploads[id]
	if !ok {
		return nil, notFound("Upload not found.")
	}
	total, err := c.receive(u)
	if err != nil {
		return nil, err
	}
	if total != len(u.data) {
		return c.incomplete(u), nil
	}
	delete(b.uploads, id)
	return c.store(b, u.doc, u.data)
}

// receive adds the request's bytes to the upload and returns how many it will have in
// all, or -1 while its sender does not know.
func (c *call) receive(u *upload) (int, error) {
	header := c.r.Header.Get("Content-Range")
	if header == "" { // everything at once
		u.data = c.body
		return len(u.data), nil
	}
	m := contentRange.FindStringSubmatch(header)
	if m == nil {
		return 0, storageInvalid("Failed to parse Content-Range header.")
	}
	total := -1
	if m[3] != "*" {
		total, _ = strconv.Atoi(m[3]) // digits, by the expression
	}
	if m[1] == "" { // a question
		return total, nil
	}
	first, _ := strconv.Atoi(m[1])
	last, _ := strconv.Atoi(m[2])
	if first > len(u.data) || last-first+1 != len(c.body) || (total >= 0 && last >= total) {
		return 0, storageInvalid("Invalid request. The Content-Range %q does not fit the %d bytes received so far and the %d sent.", header, len(u.data), len(c.body))
	}
	if first+len(c.body) > maxBody {
		return 0, newError(http.StatusRequestEntityTooLarge, "The object is larger than %d bytes.", maxBody)
	}
	u.data = append(u.data[:first], c.body...)
	return total, nil
}

// incomplete says how much has arrived. To clients that cannot take a 308, which
// some libraries read as a redirect, it is a 200 that says so in a header.
func (c *call) incomplete(u *upload) any {
	a := newAnswer(http.StatusPermanentRedirect, "text/plain; charset=utf-8", nil)
	if c.r.Header.Get("X-Guploader-No-308") == "yes" {
		a.status = http.StatusOK
		a.header.Set("X-Http-Status-Code-Override", "308")
	}
	if n := len(u.data); n > 0 {
		a.header.Set("Range", fmt.Sprintf("bytes=0-%d", n-1))
	}
	return a
}
