package discoverytest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// checker walks one JSON value beside its schema. It reports names and types but no
// values, which may be tokens.
type checker struct {
	*Documents
	api    string
	method string // of which a request is checked: its required properties are wanted
	whole  bool   // and the request is no patch, which has some of them only

	always  map[string]string // fields that an answer has, by API and message
	partial bool              // of an answer that was asked for in part
	found   []string
}

func (c *checker) reportf(format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

// message checks a whole body and returns it.
func (c *checker) message(s *schema, body []byte, at string) any {
	v, err := parse(body)
	if err != nil {
		c.reportf("%s: not JSON: %v", at, err)
		return nil
	}
	c.value(*s, v, at)
	return v
}

// parse keeps numbers as they are written.
func parse(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more behind the first value")
	}
	return v, nil
}

func (c *checker) value(s schema, v any, at string) {
	name := c.api + "/" + s.Ref
	if s.Ref != "" {
		s = *c.schemas[name]
	}
	switch v := v.(type) {
	case map[string]any:
		if c.want(s, "object", at) {
			c.object(s, v, at)
			c.complete(name, v, at)
		}
	case []any:
		if c.want(s, "array", at) && s.Items != nil {
			for _, item := range v {
				c.value(*s.Items, item, at+"[]")
			}
		}
	case string:
		if c.want(s, "string", at) {
			c.text(s, v, at)
		}
	case bool:
		c.want(s, "boolean", at)
	case json.Number:
		c.number(s, v, at)
	default:
		c.reportf("%s: null, want %s", at, s.Type)
	}
}

// want compares the types and says whether to look further.
func (c *checker) want(s schema, got, at string) bool {
	if s.Type == got {
		return true
	}
	if s.Type != "any" {
		c.reportf("%s: %s, want %s", at, got, s.describe())
	}
	return false
}

func (s schema) describe() string {
	return strings.TrimSpace(s.Type + " " + s.Format)
}

// object checks properties. A schema without any holds whatever the @type in it names, as
// the response of an operation does.
func (c *checker) object(s schema, v map[string]any, at string) {
	if typed, ok := v["@type"].(string); ok && s.Other != nil {
		c.typed(typed, v, at)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		p, ok := s.Properties[name]
		switch {
		case ok && p.ReadOnly && c.method != "":
			c.reportf("%s.%s: sent, but only to be read", at, name)
		case ok:
			c.value(p, v[name], at+"."+name)
		case s.Other != nil:
			c.value(*s.Other, v[name], at+"."+name)
		default:
			c.reportf("%s.%s: no such field", at, name)
		}
	}
	c.kind(s, v, at)
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if _, ok := v[name]; !ok && c.wants(s.Properties[name]) {
			c.reportf("%s.%s: missing", at, name)
		}
	}
}

// wants reports whether the request that is checked must have the property.
func (c *checker) wants(p schema) bool {
	return c.method != "" && (slices.Contains(p.Annotations.Required, c.method) || (c.whole && p.required()))
}

// typed checks the message inside an Any, where this API describes it.
func (c *checker) typed(name string, v map[string]any, at string) {
	name = c.api + "/" + name[strings.LastIndex(name, ".")+1:]
	s, ok := c.schemas[name]
	if !ok {
		return
	}
	rest := maps.Clone(v)
	delete(rest, "@type")
	c.object(*s, rest, at)
	c.complete(name, rest, at)
}

func (c *checker) number(s schema, n json.Number, at string) {
	switch s.Type {
	case "any":
	case "integer":
		if !fits(n.String(), s.Format) {
			c.reportf("%s: a number, want %s", at, s.describe())
		}
	case "number":
		if _, err := n.Float64(); err != nil {
			c.reportf("%s: a number out of range, want %s", at, s.describe())
		}
	default:
		c.reportf("%s: a number, want %s", at, s.describe())
	}
}

// text checks a string, as a property or as a parameter.
func (c *checker) text(s schema, v, at string) {
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
		c.reportf("%s: none of the values %s", at, strings.Join(s.Enum, ", "))
	}
	if !wellFormed(s.Format, v) {
		c.reportf("%s: string, but no %s", at, s.Format)
	}
}

// durationForm is protobuf's JSON for a duration.
var durationForm = regexp.MustCompile(`^-?[0-9]+(\.[0-9]{1,9})?s$`)

// maskForm is protobuf's JSON for a field mask: paths, of which a query takes both spellings.
var maskForm = regexp.MustCompile(`^[A-Za-z0-9_.]+(,[A-Za-z0-9_.]+)*$`)

// wellFormed knows the formats of https://developers.google.com/discovery/v1/type-format.
func wellFormed(format, v string) bool {
	switch format {
	case "int64", "uint64":
		return fits(v, format)
	case "date-time", "google-datetime":
		_, err := time.Parse(time.RFC3339Nano, v)
		return err == nil
	case "date":
		_, err := time.Parse(time.DateOnly, v)
		return err == nil
	case "google-duration":
		return durationForm.MatchString(v)
	case "google-fieldmask":
		return maskForm.MatchString(v)
	case "byte":
		return isBase64(v)
	}
	return true
}

// isBase64 takes both alphabets, with padding or without, as protobuf's JSON does.
func isBase64(v string) bool {
	v = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(v, "="))
	_, err := base64.RawStdEncoding.DecodeString(v)
	return err == nil
}

// fits reports whether the digits are an integer of the format.
func fits(digits, format string) bool {
	size := 64
	if strings.HasSuffix(format, "32") {
		size = 32
	}
	var err error
	if strings.HasPrefix(format, "u") {
		_, err = strconv.ParseUint(digits, 10, size)
	} else {
		_, err = strconv.ParseInt(digits, 10, size)
	}
	return err == nil
}
