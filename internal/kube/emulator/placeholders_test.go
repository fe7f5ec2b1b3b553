package emulator_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// placeholders stand for what is another one each time: "<uid-1>" for the first UID that
// was seen. In a request they are replaced by what they stand for.
type placeholders struct {
	of    map[string]string // value -> placeholder
	value map[string]string // placeholder -> value
	count map[string]int    // by what it is
}

func newPlaceholders() *placeholders {
	return &placeholders{of: map[string]string{}, value: map[string]string{}, count: map[string]int{}}
}

func (p *placeholders) name(what, value string) string {
	id := what + " " + value
	if known := p.of[id]; known != "" {
		return known
	}
	p.count[what]++
	name := fmt.Sprintf("<%s-%d>", what, p.count[what])
	p.of[id], p.value[name] = name, value
	return name
}

// fill puts values in the place of variables and placeholders.
func (w *world) fill(text string) string {
	for name, value := range w.vars {
		text = strings.ReplaceAll(text, name, value)
	}
	for name, value := range w.seen.value {
		text = strings.ReplaceAll(text, name, value)
	}
	return text
}

var (
	uuidForm    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	versionForm = regexp.MustCompile(`(ResourceVersion in [a-z ]+(?:: |\())(\d+)`)
	stampForm   = regexp.MustCompile(`at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
)

// hide puts variables and placeholders in the place of values.
func (w *world) hide(text string) string {
	text = strings.ReplaceAll(text, w.vars["$ISSUER"], "$ISSUER")
	text = strings.ReplaceAll(text, w.vars["$NS"], "$NS")
	text = strings.ReplaceAll(text, "kube-testbed", "kube-controller-manager") // which it stands in for
	text = uuidForm.ReplaceAllStringFunc(text, func(id string) string { return w.seen.name("uid", id) })
	text = stampForm.ReplaceAllString(text, "at <time>")
	return versionForm.ReplaceAllStringFunc(text, func(s string) string {
		m := versionForm.FindStringSubmatch(s)
		return m[1] + w.seen.name("version", m[2])
	})
}

// normal is a JSON value with placeholders.
func (w *world) normal(value any) any {
	switch v := value.(type) {
	case map[string]any:
		kind, _ := v["kind"].(string)
		if meta, ok := v["metadata"].(map[string]any); ok && (strings.HasSuffix(kind, "Review") || kind == "TokenRequest") {
			delete(meta, "managedFields") // of what is not stored
			if status, ok := v["status"].(map[string]any); ok {
				delete(status, "reason") // the words of RBAC, which the emulator has none of
			}
		}
		out := map[string]any{}
		// Sorted by encoding/json later; but UIDs are numbered in the order of reading.
		for _, key := range slices.Sorted(maps.Keys(v)) {
			out[w.hide(key)] = w.field(key, kind, v)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = w.normal(v[i])
		}
		return out
	case string:
		return w.hide(v)
	}
	return value
}

// field is one field of an object.
func (w *world) field(key, kind string, of map[string]any) any {
	text, isText := of[key].(string)
	switch {
	case !isText:
		if meta, ok := of[key].(map[string]any); ok && key == "metadata" && strings.HasSuffix(kind, "List") && meta["resourceVersion"] != nil {
			meta["resourceVersion"] = "of the list"
		}
		return w.normal(of[key])
	case key == "resourceVersion" && text != "of the list" && text != "":
		return w.seen.name("version", text)
	case strings.HasSuffix(key, "Timestamp"), key == "time":
		return "<time>"
	case key == "token" && text != "":
		return map[string]any{"is": w.seen.name("token", text), "says": w.claims(text)}
	case key == "ca.crt":
		return "<certificate>"
	case key == "kid" || key == "n":
		return "<key>"
	}
	return w.hide(text)
}

// claims are what a token says: when is said by how long.
func (w *world) claims(token string) any {
	parts := strings.Split(token, ".")
	var header, says map[string]any
	for i, into := range []*map[string]any{&header, &says} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(raw, into) != nil {
			return "no token"
		}
	}
	num := func(name string) float64 { n, _ := says[name].(float64); return n }
	says["exp"] = fmt.Sprintf("%.0f s after iat", num("exp")-num("iat"))
	says["nbf"] = fmt.Sprintf("%.0f s after iat", num("nbf")-num("iat"))
	says["iat"], says["jti"] = "<time>", "<id>"
	return map[string]any{"header": w.normal(header), "claims": w.normal(says)}
}
