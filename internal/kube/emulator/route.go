package emulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// info is what a request asks for, as the authorizer sees it
// (k8s.io/apiserver: pkg/endpoints/request.RequestInfoFactory).
type info struct {
	attributes

	version string
}

// routeOf reads a request's path and method.
func routeOf(r *http.Request) info {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	i := info{attributes: attributes{path: r.URL.Path, verb: strings.ToLower(r.Method)}}
	switch {
	case parts[0] == "api" && len(parts) > 2:
		i.version, parts = parts[1], parts[2:]
	case parts[0] == "apis" && len(parts) > 3:
		i.group, i.version, parts = parts[1], parts[2], parts[3:]
	default:
		return i
	}
	i.path = ""
	i.resourceOf(parts)
	i.verb = verbOf(r.Method, i.name, r.URL.Query())
	return i
}

// resourceOf reads [namespaces/NAMESPACE/]RESOURCE[/NAME[/SUBRESOURCE]].
func (i *info) resourceOf(parts []string) {
	if parts[0] == "namespaces" && len(parts) > 1 {
		i.namespace = parts[1]
		if len(parts) > 2 && parts[2] != "status" && parts[2] != "finalize" {
			parts = parts[2:]
		}
	}
	i.resource = parts[0]
	if len(parts) > 1 {
		i.name = parts[1]
	}
	if len(parts) > 2 {
		i.subresource = strings.Join(parts[2:], "/")
	}
}

func verbOf(method, name string, q url.Values) string {
	switch method {
	case http.MethodPost:
		return "create"
	case http.MethodPut:
		return "update"
	case http.MethodPatch:
		return "patch"
	case http.MethodDelete:
		if name == "" {
			return "deletecollection"
		}
		return "delete"
	}
	switch {
	case name != "":
		return "get"
	case isTrue(q, "watch"):
		return "watch"
	default:
		return "list"
	}
}

func isTrue(q url.Values, name string) bool { return q.Get(name) == "true" || q.Get(name) == "1" }

// writes reports whether the request is to change what is stored. Tokens and reviews
// are created, but not stored.
func (i info) writes() bool {
	return i.group == "" && i.subresource == "" && i.path == "" &&
		slices.Contains([]string{"create", "update", "patch", "delete"}, i.verb)
}
