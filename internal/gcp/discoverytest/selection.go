package discoverytest

import (
	"net/url"
	"strings"
)

// selections checks the fields that a request names: those of an update mask are the
// request's (https://protobuf.dev/reference/protobuf/google.protobuf/#field-mask), those
// of a partial answer the answer's
// (https://docs.cloud.google.com/storage/docs/json_api#partial-response).
func (c *checker) selections(p pattern, query url.Values) {
	if mask := query.Get("updateMask"); p.Request != nil && maskForm.MatchString(mask) {
		for path := range strings.SplitSeq(mask, ",") {
			if !c.hasField(*p.Request, strings.Split(path, ".")) {
				c.reportf("?updateMask: no such field: %s", path)
			}
		}
	}
	if fields := query.Get("fields"); p.Response != nil && fields != "" {
		for _, path := range partial(fields) {
			if !c.hasField(*p.Response, strings.Split(path, "/")) {
				c.reportf("?fields: no such field: %s", path)
			}
		}
	}
}

// hasField follows a path through the schema. Whatever is in a map, it has.
func (c *checker) hasField(s schema, path []string) bool {
	if s.Ref != "" {
		s = *c.schemas[c.api+"/"+s.Ref]
	}
	if s.Items != nil {
		return c.hasField(*s.Items, path)
	}
	if len(path) == 0 || path[0] == "*" || s.Other != nil {
		return true
	}
	inner, ok := s.Properties[camelCase(path[0])]
	return ok && c.hasField(inner, path[1:])
}

// partial takes apart what a partial answer is to hold: "a,items(b,c/d)" is a, items/b
// and items/c/d.
func partial(fields string) (paths []string) {
	var outer []string // the prefix of each open parenthesis
	word, prefix := "", ""
	end := func() {
		if word != "" {
			paths = append(paths, prefix+word)
		}
		word = ""
	}
	for _, r := range fields {
		switch r {
		case '(':
			outer = append(outer, prefix)
			prefix, word = prefix+word+"/", ""
		case ')':
			end()
			if len(outer) > 0 {
				prefix, outer = outer[len(outer)-1], outer[:len(outer)-1]
			}
		case ',':
			end()
		default:
			word += string(r)
		}
	}
	end()
	return paths
}
