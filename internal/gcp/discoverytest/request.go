package discoverytest

import (
	"maps"
	"mime"
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
		if s := p.Parameters[name]; s.Required && s.Location == "query" && !query.Has(name) && !query.Has("upload_id") {
			c.reportf("?%s: missing", name)
		}
	}
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
// describes, unless it is the first of several requests and carries a message.
func (c *checker) request(p pattern, x *exchange) {
	c.method = p.ID
	defer func() { c.method = "" }()
	c.query(p, x.url.Query())
	if len(x.sent) == 0 || (p.media && !x.startsUpload()) {
		return
	}
	if p.Request == nil {
		c.empty(x.sent)
		return
	}
	if kind, _, _ := mime.ParseMediaType(x.contentType); kind != "application/json" {
		c.reportf("request: %q, want application/json", kind)
		return
	}
	c.message(p.Request, x.sent, "request")
}

// empty wants no body, or an empty message.
func (c *checker) empty(body []byte) {
	if strings.TrimSpace(string(body)) != "{}" {
		c.reportf("request: a body, want none")
	}
}
