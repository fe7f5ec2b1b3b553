package emulator

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// openObject is the object of the path, in the generation the query names if any.
// Without permission to list, what is missing is as closed as what is there.
func (c *call) openObject() (*bucket, *object, error) {
	b, err := c.openBucket()
	if err != nil {
		return nil, nil, err
	}
	o, err := c.objectIn(b, c.vars["object"], "generation")
	if err != nil {
		return nil, nil, err
	}
	if err := c.checkMatch("Generation", o.generation); err != nil {
		return nil, nil, err
	}
	return b, o, c.checkMatch("Metageneration", o.metageneration)
}

// objectIn finds an object in the generation that a query parameter names, if it does.
func (c *call) objectIn(b *bucket, name, parameter string) (*object, error) {
	generation, given, err := c.number(parameter)
	if err != nil {
		return nil, err
	}
	if o, ok := b.objects[name]; ok && (!given || generation == o.generation) {
		return o, nil
	}
	const list = "storage.objects.list"
	if !c.mayStorage(list, b) {
		return nil, c.deny(list)
	}
	return nil, notFound("No such object: %s/%s", b.name, name)
}

// getObject answers with an object's metadata, or with its content where alt=media
// or the download path asks for it
// (https://docs.cloud.google.com/storage/docs/json_api/v1/objects/get).
func (c *call) getObject() (any, error) {
	if c.query.Get("alt") == "media" {
		return c.readObject()
	}
	b, o, err := c.openObject()
	if err != nil {
		return nil, err
	}
	return c.objectDoc(b, o), nil
}

// readObject answers with an object's content, or the part a Range header asks for.
//
// not modelled: decompressive transcoding; an object with a content encoding is sent
// as it is stored.
func (c *call) readObject() (any, error) {
	b, o, err := c.openObject()
	if err != nil {
		return nil, err
	}
	from, to, partial, err := byteRange(c.r.Header.Get("Range"), len(o.data))
	if err != nil {
		return nil, err
	}
	a := newAnswer(http.StatusOK, o.contentType, o.data[from:to])
	if partial {
		a.status = http.StatusPartialContent
		a.header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, len(o.data)))
	}
	o.describe(a.header, b.storageClass)
	return a, nil
}

// describe sets the headers that clients verify a download with
// (https://docs.cloud.google.com/storage/docs/xml-api/reference-headers).
func (o *object) describe(h http.Header, class string) {
	h.Add("X-Goog-Hash", "crc32c="+o.crc32c())
	h.Add("X-Goog-Hash", "md5="+o.md5())
	h.Set("X-Goog-Generation", strconv.FormatUint(o.generation, 10))
	h.Set("X-Goog-Metageneration", strconv.FormatUint(o.metageneration, 10))
	h.Set("X-Goog-Storage-Class", class)
	h.Set("X-Goog-Stored-Content-Length", strconv.Itoa(len(o.data)))
	h.Set("X-Goog-Stored-Content-Encoding", "identity")
	h.Set("Accept-Ranges", "bytes")
	h.Set("Etag", strconv.Quote(o.etag()))
	h.Set("Last-Modified", o.created.UTC().Format(http.TimeFormat))
	for name, value := range map[string]string{
		"Cache-Control": o.headers.CacheControl, "Content-Disposition": o.headers.ContentDisposition,
		"Content-Encoding": o.headers.ContentEncoding, "Content-Language": o.headers.ContentLanguage,
		"X-Goog-Stored-Content-Encoding": o.headers.ContentEncoding,
	} {
		if value != "" {
			h.Set(name, value)
		}
	}
	for key, value := range o.metadata {
		h.Set("X-Goog-Meta-"+key, value)
	}
}

// byteRange reads a Range header over size bytes (RFC 9110, section 14.1.2). What is
// no single range of bytes is ignored, as the RFC wants; a range beyond the end is refused.
func byteRange(header string, size int) (from, to int, partial bool, err error) {
	spec, ok := strings.CutPrefix(header, "bytes=")
	first, last, isRange := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok || !isRange || strings.Contains(spec, ",") {
		return 0, size, false, nil
	}
	if first == "" { // the last n bytes
		n, err := strconv.ParseUint(last, 10, 62)
		if err != nil {
			return 0, size, false, nil // not a range
		}
		if n == 0 || size == 0 {
			return 0, 0, false, badRange()
		}
		return size - min(int(n), size), size, true, nil
	}
	start, err := strconv.ParseUint(first, 10, 62)
	if err != nil {
		return 0, size, false, nil
	}
	end := uint64(size)
	if last != "" {
		l, err := strconv.ParseUint(last, 10, 62)
		if err != nil || l < start {
			return 0, size, false, nil
		}
		end = min(l+1, end)
	}
	if start >= uint64(size) {
		return 0, 0, false, badRange()
	}
	return int(start), int(end), true, nil
}

func badRange() error {
	return newError(http.StatusRequestedRangeNotSatisfiable, "The requested range cannot be satisfied.")
}

// deleteObject deletes an object for good
// (https://docs.cloud.google.com/storage/docs/json_api/v1/objects/delete).
func (c *call) deleteObject() (any, error) {
	b, o, err := c.openObject()
	if err != nil {
		return nil, err
	}
	delete(b.objects, o.name)
	return newAnswer(http.StatusNoContent, "", nil), nil
}
