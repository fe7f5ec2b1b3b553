package emulator

import (
	"net/url"
	"strings"
)

// route is one method of one API.
type route struct {
	id   string // as in Google's discovery documents
	verb string
	// path is matched segment by segment: {x} is one segment without a colon,
	// {x*} one segment whatever it holds, {x...} all that is left.
	path  string
	query string // the method's own query parameters, separated by spaces
	// permission is what call.need asks for; a handler that asks for more than
	// one, or none, leaves it empty.
	permission string
	auth       authKind
	form       form
	scopes     string // scopes accepted besides cloud-platform, separated by spaces
	empty      bool   // the body is an empty message
	reads      bool   // a POST that changes nothing
	open       bool   // the handler takes the lock itself, because it waits for others
	handle     func(*call) (any, error)
}

// authKind says what a method wants in the Authorization header.
type authKind int

const (
	authBearer   authKind = iota // a live access token
	authOptional                 // a live access token, or nothing at all
	authNone                     // the method looks for itself
)

// service is the API the route belongs to, for instance iam.googleapis.com.
func (r *route) service() string {
	name, _, _ := strings.Cut(r.id, ".")
	return name + ".googleapis.com"
}

// writes reports whether the method is meant to change something.
func (r *route) writes() bool {
	return !r.reads && r.verb != "GET" && r.verb != "HEAD"
}

// routes is everything the emulator serves. The XML paths of Cloud Storage
// match almost anything, so they come last.
func routes() []route {
	var all []route
	for _, part := range [][]route{poolRoutes(), accountRoutes(), projectRoutes(), billingRoutes(), orgPolicyRoutes(), denyRoutes(), serviceUsageRoutes(), federationRoutes(), storageRoutes()} {
		all = append(all, part...)
	}
	return all
}

// find is the route for a request and the variables of its path, or nil.
func (s *Server) find(verb string, u *url.URL) (*route, map[string]string) {
	segments := strings.Split(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	for i := range s.routes {
		r := &s.routes[i]
		if r.verb != verb || (r.form == formXML && reservedPrefix(segments[0])) {
			continue
		}
		if vars, ok := matchPath(r.path, segments); ok {
			return r, vars
		}
	}
	return nil, nil
}

// reservedPrefix keeps a mistyped API path from being read as a bucket.
func reservedPrefix(segment string) bool {
	return containsWord("v1 v1beta1 v1beta v2 v3 storage upload download batch resumable _emulator", segment)
}

func matchPath(pattern string, segments []string) (map[string]string, bool) {
	want := strings.Split(strings.TrimPrefix(pattern, "/"), "/")
	vars := map[string]string{}
	for i, w := range want {
		if i >= len(segments) {
			return nil, false
		}
		if name, ok := strings.CutSuffix(w, "...}"); ok {
			return rest(vars, name[1:], segments[i:])
		}
		if !matchSegment(w, segments[i], vars) {
			return nil, false
		}
	}
	return vars, len(want) == len(segments)
}

func rest(vars map[string]string, name string, segments []string) (map[string]string, bool) {
	value, err := url.PathUnescape(strings.Join(segments, "/"))
	if err != nil || value == "" {
		return nil, false
	}
	vars[name] = value
	return vars, true
}

// matchSegment compares one segment: a literal, or a variable with an optional
// custom method behind a colon, as in {pool}:undelete.
func matchSegment(pattern, segment string, vars map[string]string) bool {
	segment, err := url.PathUnescape(segment)
	if err != nil {
		return false
	}
	if !strings.HasPrefix(pattern, "{") {
		return pattern == segment
	}
	name, method, _ := strings.Cut(pattern[1:], "}")
	value, ok := strings.CutSuffix(segment, method)
	anything := strings.HasSuffix(name, "*")
	if !ok || value == "" || (!anything && strings.Contains(value, ":")) {
		return false
	}
	vars[strings.TrimSuffix(name, "*")] = value
	return true
}
