package emulator_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
		if entries, ok := of[key].([]any); ok && key == "managedFields" {
			return w.normal(byManager(entries))
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

// byManager puts managed fields in an order that does not hang on whether two writes fell
// into one second: an API server sorts them by operation, second and manager, and seconds
// are not compared. Where they are in another order than that, they stay so, to be seen.
func byManager(entries []any) []any {
	order := func(names ...string) func(a, b any) int {
		return func(a, b any) int {
			for _, name := range names {
				x, _ := a.(map[string]any)[name].(string)
				y, _ := b.(map[string]any)[name].(string)
				if x != y {
					return strings.Compare(x, y)
				}
			}
			return 0
		}
	}
	if !slices.IsSortedFunc(entries, order("operation", "time", "manager")) {
		return entries
	}
	return slices.SortedStableFunc(slices.Values(entries), order("operation", "manager"))
}

func TestManagedFieldsHaveOneOrderWhateverTheSecond(t *testing.T) {
	entry := func(manager, time string) any {
		return map[string]any{"operation": "Update", "manager": manager, "time": time}
	}
	a, b, later := entry("a", "2026-01-01T00:00:00Z"), entry("b", "2026-01-01T00:00:00Z"), entry("a", "2026-01-01T00:00:01Z")
	for name, c := range map[string]struct{ have, want []any }{
		"in one second":  {[]any{a, b}, []any{a, b}},
		"in two seconds": {[]any{b, later}, []any{later, b}},
		"in disorder":    {[]any{b, a}, []any{b, a}},
	} {
		if diff := cmp.Diff(c.want, byManager(c.have)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
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
