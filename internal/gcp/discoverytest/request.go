package discoverytest

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// query checks the parameters of a request.
func (c *checker) query(p pattern, query url.Values) {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		s, ok := p.Parameters[name]
		switch {
		case !ok || s.Location != "query":
			c.reportf("?%s: no such parameter", name)
		default:
			for _, v := range query[name] {
				c.parameter(s, v, "?"+name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Parameters)) {
		if s := p.Parameters[name]; s.required() && s.Location == "query" && !query.Has(name) && !query.Has("upload_id") {
			c.reportf("?%s: missing", name)
		}
	}
	c.selections(p, query)
	if p.takesUpload() && !slices.Contains([]string{"media", "multipart", "resumable"}, query.Get("uploadType")) {
		c.reportf("?uploadType: want media, multipart or resumable")
	}
}

// required reports whether a parameter or a property must be there. The documents of
// storage say so in a member, those of the other APIs at the beginning of the description.
func (s schema) required() bool {
	const word = "required"
	return s.Required || (len(s.Description) > len(word) && strings.EqualFold(s.Description[:len(word)], word))
}

// parameter checks one value, which is text whatever its type is.
func (c *checker) parameter(s schema, v, at string) {
	switch s.Type {
	case "boolean":
		if v != "true" && v != "false" {
			c.reportf("%s: want true or false", at)
		}
	case "integer":
		if !fits(v, s.Format) {
			c.reportf("%s: want %s", at, s.describe())
		}
	case "number":
		if _, err := strconv.ParseFloat(v, 64); err != nil {
			c.reportf("%s: want %s", at, s.describe())
		}
	default:
		c.text(s, v, at)
	}
}

// request checks what was sent. An upload carries an object's content, which no schema
// describes, unless a message stands in front of it or is the first of several requests.
func (c *checker) request(p pattern, x *exchange) {
	c.method, c.whole = p.ID, p.Verb != "PATCH"
	defer func() { c.method = "" }()
	c.query(p, x.url.Query())
	kind, parameters := mediaType(x.contentType)
	switch {
	case p.media && kind == "multipart/related":
		c.multipart(p, x.sent, parameters["boundary"])
	case p.media && !x.startsUpload():
	case p.Request == nil && len(x.sent) > 0:
		c.empty(x.sent)
	case p.Request == nil || (len(x.sent) == 0 && x.status >= 400):
		// Nothing, or what the handler has not looked at: a fault may have come first.
	case len(x.sent) == 0:
		c.value(*p.Request, map[string]any{}, "request") // to protobuf the same
	case p.ID == "sts.token" && kind == "application/x-www-form-urlencoded":
		c.reportf("request: %q, want application/json", kind)
		c.form(p, string(x.sent))
	case kind != "application/json":
		c.reportf("request: %q, want application/json", kind)
	default:
		c.message(p.Request, x.sent, "request")
	}
}

// mediaType is lenient with gcloud, which puts a boundary in single quotes.
func mediaType(header string) (kind string, parameters map[string]string) {
	kind, parameters, _ = mime.ParseMediaType(strings.ReplaceAll(header, "'", `"`))
	return kind, parameters
}

// multipart checks the message in front of an object's content
// (https://docs.cloud.google.com/storage/docs/uploads-downloads#multipart).
func (c *checker) multipart(p pattern, body []byte, boundary string) {
	if len(body) == 0 {
		return // not looked at
	}
	part, err := multipart.NewReader(bytes.NewReader(body), boundary).NextPart()
	if err != nil {
		c.reportf("request: not multipart: %v", err)
		return
	}
	text, err := io.ReadAll(part)
	if err != nil {
		c.reportf("request: not multipart: %v", err)
		return
	}
	c.message(p.Request, text, "request")
}

// form checks the names and values of a form, which are the message's in snake case
// (RFC 8693, section 2.1).
func (c *checker) form(p pattern, text string) {
	values, err := url.ParseQuery(text)
	if err != nil {
		c.reportf("request: not a form")
		return
	}
	message := map[string]any{}
	for name := range values {
		if strings.ToLower(name) != name {
			c.reportf("request.%s: not in snake case", name)
		}
		message[camelCase(name)] = values.Get(name)
	}
	c.value(*p.Request, message, "request")
}

// camelCase is the spelling of JSON for a name of protobuf's.
func camelCase(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words[1:] {
		if w != "" {
			words[i+1] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "")
}

// empty wants no body, or an empty message.
func (c *checker) empty(body []byte) {
	var message map[string]any
	if json.Unmarshal(body, &message) != nil || len(message) > 0 {
		c.reportf("request: a body, want none")
	}
}
