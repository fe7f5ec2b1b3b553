package emulator

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const (
	anonymous       = "system:anonymous"
	authenticated   = "system:authenticated"
	unauthenticated = "system:unauthenticated"
	accountPrefix   = "system:serviceaccount:"
	accountGroup    = "system:serviceaccounts"
)

// identity is who asks.
type identity struct {
	name   string
	uid    string
	groups []string
	rules  []Rule
}

func (u User) withToken() User {
	if u.Token == "" {
		u.Token = "emulated-user-" + rand.Text()
	}
	return u
}

func (u User) identity() identity {
	return identity{name: u.Name, uid: u.Name, groups: append(slices.Clone(u.Groups), authenticated), rules: u.Rules}
}

// authenticate finds out who asks
// (https://kubernetes.io/docs/reference/access-authn-authz/authentication/).
func (s *Server) authenticate(r *http.Request, a attributes) (identity, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return identity{name: anonymous, groups: []string{unauthenticated}}, nil
	}
	token, ok := strings.CutPrefix(header, "Bearer ")
	if !ok {
		return identity{}, errUnauthorized()
	}
	who, ok := s.login(token)
	if !ok {
		return identity{}, errUnauthorized()
	}
	return s.impersonated(r, who, a)
}

func errUnauthorized() error {
	e := apierrors.NewUnauthorized("Unauthorized")
	e.ErrStatus.Details = nil
	return e
}

func (s *Server) login(token string) (identity, bool) {
	for _, u := range s.users {
		if u.Token == token {
			return u.identity(), true
		}
	}
	return s.accountOf(token)
}

// impersonated is whom the caller wants to be
// (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation).
func (s *Server) impersonated(r *http.Request, who identity, a attributes) (identity, error) {
	name, groups := r.Header.Get("Impersonate-User"), r.Header.Values("Impersonate-Group")
	if name == "" {
		return who, nil
	}
	if !slices.Contains(who.groups, masters) {
		a.verb = "impersonate-on:user-info:" + a.verb
		return who, forbidden(who, a)
	}
	as := identity{name: name, groups: append(slices.Clone(groups), authenticated)}
	for _, u := range s.users {
		if u.Name == name {
			as.rules = u.Rules
		}
	}
	return as, nil
}

// attributes are what is to be allowed, in RBAC's words.
type attributes struct {
	verb, group, resource, subresource, namespace, name string

	path string // instead of a resource
}

// public are the paths that anybody may read: ClusterRole system:public-info-viewer.
var public = []string{"/healthz", "/livez", "/readyz", "/version"}

// allows reports whether somebody may do something
// (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings).
func (i identity) allows(a attributes) bool {
	switch {
	case slices.Contains(i.groups, masters):
		return true
	case a.path != "" && slices.Contains(public, a.path):
		return a.verb == "get"
	case a.path == discoveryPath || a.path == keysPath:
		return a.verb == "get" && slices.Contains(i.groups, accountGroup)
	case a.path != "":
		return a.verb == "get" && slices.Contains(i.groups, authenticated) && forDiscovery(a.path)
	case a.isReviewOfSelf():
		return slices.Contains(i.groups, authenticated)
	}
	return slices.ContainsFunc(i.rules, func(r Rule) bool { return r.allows(a) })
}

// forDiscovery: ClusterRole system:discovery.
func forDiscovery(path string) bool {
	for _, root := range []string{"/api", "/apis", "/openapi"} {
		if path == root || strings.HasPrefix(path, root+"/") {
			return true
		}
	}
	return false
}

// isReviewOfSelf: ClusterRole system:basic-user.
func (a attributes) isReviewOfSelf() bool {
	switch a.group + "/" + a.resource {
	case "authorization.k8s.io/selfsubjectaccessreviews", "authorization.k8s.io/selfsubjectrulesreviews",
		"authentication.k8s.io/selfsubjectreviews":
		return a.verb == "create"
	}
	return false
}

func (r Rule) allows(a attributes) bool {
	resource := a.resource
	if a.subresource != "" {
		resource += "/" + a.subresource
	}
	return a.group == "" &&
		(r.Namespace == "" || r.Namespace == a.namespace) &&
		(slices.Contains(r.Verbs, "*") || slices.Contains(r.Verbs, a.verb)) &&
		(slices.Contains(r.Resources, "*") || slices.Contains(r.Resources, resource)) &&
		(len(r.Names) == 0 || slices.Contains(r.Names, a.name))
}

// forbidden is the authorizer's refusal
// (k8s.io/apiserver: pkg/endpoints/handlers/responsewriters).
func forbidden(who identity, a attributes) error {
	if a.path != "" {
		return apierrors.NewForbidden(schema.GroupResource{}, "", fmt.Errorf("User %q cannot %s path %q", who.name, a.verb, a.path))
	}
	resource := a.resource
	if a.subresource != "" {
		resource += "/" + a.subresource
	}
	where := "at the cluster scope"
	if a.namespace != "" {
		where = fmt.Sprintf("in the namespace %q", a.namespace)
	}
	return apierrors.NewForbidden(schema.GroupResource{Group: a.group, Resource: a.resource}, a.name,
		fmt.Errorf("User %q cannot %s resource %q in API group %q %s", who.name, a.verb, resource, a.group, where))
}
