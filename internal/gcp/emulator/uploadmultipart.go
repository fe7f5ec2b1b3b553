package emulator

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
)

// boundaryForm finds the boundary of a Content-Type. gcloud puts it in single quotes,
// over characters that mime.ParseMediaType takes in double quotes only.
var boundaryForm = regexp.MustCompile(`(?i)^\s*multipart/related\s*;(?:.*;)?\s*boundary=(?:'([^']{1,70})'|"([^"]{1,70})"|([^\s;'"]{1,70}))\s*(?:;.*)?$`)

func boundary(contentType string) (string, bool) {
	m := boundaryForm.FindStringSubmatch(contentType)
	if m == nil {
		return "", false
	}
	return m[1] + m[2] + m[3], true
}

// multipart reads the two parts of a multipart upload: metadata in JSON, then the content
// (https://docs.cloud.google.com/storage/docs/json_api/v1/objects/insert#multipart).
func (c *call) multipart() (objectDoc, []byte, error) {
	limit, ok := boundary(c.r.Header.Get("Content-Type"))
	if !ok {
		return objectDoc{}, nil, storageInvalid("Missing the boundary of a multipart/related body.")
	}
	parts := multipart.NewReader(bytes.NewReader(c.body), limit)
	text, _, err := readPart(parts)
	if err != nil {
		return objectDoc{}, nil, storageInvalid("Malformed multipart body: no metadata.")
	}
	doc, err := c.objectMetadata(text)
	if err != nil {
		return objectDoc{}, nil, err
	}
	data, header, err := readPart(parts)
	if err != nil {
		return objectDoc{}, nil, storageInvalid("Malformed multipart body: no content.")
	}
	if _, err := parts.NextRawPart(); err != io.EOF {
		return objectDoc{}, nil, storageInvalid("Malformed multipart body: want two parts.")
	}
	if doc.ContentType == "" {
		doc.ContentType = header.Get("Content-Type")
	}
	return doc, data, nil
}

// readPart reads one part as it is: a transfer encoding is not undone.
func readPart(parts *multipart.Reader) ([]byte, http.Header, error) {
	p, err := parts.NextRawPart()
	if err != nil {
		return nil, nil, err
	}
	b, err := io.ReadAll(p)
	return b, http.Header(p.Header), err
}
