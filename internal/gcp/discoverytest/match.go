package discoverytest

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// pattern is one path of a method.
type pattern struct {
	*Method
	segments []string
	media    bool // takes or gives an object's content, not a message
}

// addPaths notes where the method is found: its own path, and for an object's content
// the paths beside it.
func (d *Documents) addPaths(m *Method) {
	d.addPath(m, m.FlatPath, false)
	for _, p := range m.Upload.Protocols {
		d.addPath(m, p.Path, true)
	}
	if m.Downloads {
		d.addPath(m, "/download"+m.FlatPath, true)
	}
}

func (d *Documents) addPath(m *Method, path string, media bool) {
	d.paths = append(d.paths, pattern{m, strings.Split(path, "/"), media})
}

// takesUpload reports whether this is where an object's content is sent to.
func (p pattern) takesUpload() bool { return p.media && p.segments[1] != "download" }

// sortPaths puts what is most literal first: serviceusage has v1/{v1Id}/{v1Id1}/services,
// which would take v1/projects/{projectsId}/serviceAccounts for its own.
func (d *Documents) sortPaths() {
	slices.SortFunc(d.paths, func(a, b pattern) int {
		return cmp.Or(cmp.Compare(b.literals(), a.literals()), cmp.Compare(a.ID, b.ID), slices.Compare(a.segments, b.segments))
	})
}

// literals count the segments, and the custom methods, that are not variables.
func (p pattern) literals() int {
	n := 0
	for _, s := range p.segments {
		_, custom, variable := strings.Cut(s, "}")
		if !variable {
			n += 2
		}
		if custom != "" {
			n++
		}
	}
	return n
}

// match finds the method of a request. A second upload request, with the id of its
// session, is a PUT to the path of the first.
func (d *Documents) match(verb string, u *url.URL) (pattern, bool) {
	session := verb != "GET" && u.Query().Has("upload_id")
	segments := strings.Split(u.EscapedPath(), "/")
	for _, p := range d.paths {
		if (p.Verb == verb || (session && p.media)) && p.matches(segments) {
			return p, true
		}
	}
	return pattern{}, false
}

func (p pattern) matches(segments []string) bool {
	if len(p.segments) != len(segments) {
		return false
	}
	for i, want := range p.segments {
		if !matchSegment(want, segments[i]) {
			return false
		}
	}
	return true
}

// matchSegment compares a literal, or a variable with an optional custom method behind a
// colon, as in {poolsId}:undelete. What stands for a variable may hold an escaped colon or
// an account's @, but a colon in the open starts a custom method.
func matchSegment(want, got string) bool {
	name, custom, variable := strings.Cut(want, "}")
	if !variable || !strings.HasPrefix(name, "{") {
		return want == got
	}
	value, ok := strings.CutSuffix(got, custom)
	return ok && value != "" && !strings.Contains(value, ":")
}
