package kube

import (
	"errors"
	"fmt"
	"strings"
)

// Reason is why a request was not answered as asked, decided once, where the
// answer arrives. The zero value is "we don't know".
type Reason string

// Reasons of an *Error.
const (
	Unknown         Reason = ""
	NotFound        Reason = "not found"
	AlreadyExists   Reason = "already exists"
	Unauthorized    Reason = "not logged in"       // 401
	Forbidden       Reason = "not allowed"         // 403 of the authorizer: RBAC, or see LoginRefused
	AdmissionDenied Reason = "refused by a policy" // quota, Pod Security, a webhook or admission policy
	Terminating     Reason = "namespace is being deleted"
	Conflict        Reason = "conflict" // another field manager, or a precondition that no longer holds
	Invalid         Reason = "invalid"
	Unavailable     Reason = "server unavailable" // 429 and 5xx, after client-go's own retries
	Unreachable     Reason = "server unreachable"
	Untrusted       Reason = "server certificate not trusted"
	NotKubernetes   Reason = "not a Kubernetes API server"
	NoIssuer        Reason = "no issuer is published"    // the API server has none that OpenID knows
	LoginFailed     Reason = "login helper did not work" // the kubeconfig's exec plugin
	Timeout         Reason = "timed out"
	Canceled        Reason = "canceled"
)

// Reasons of a *ConfigError.
const (
	NoKubeconfig   Reason = "no kubeconfig"
	UnknownContext Reason = "unknown context"
	BadKubeconfig  Reason = "bad kubeconfig"
)

// Error is one request that did not do what was asked.
type Error struct {
	Op      string // "create"
	Object  string // "ServiceAccount foo/bar"
	Reason  Reason
	Message string // the server's own words
	Access  Access // the permission the request needed
	Status  int    // HTTP status; 0 when there was no answer
	User    string // of a Forbidden: whom the API server takes us for

	// Foreign is set when the answer was not a Kubernetes Status: something in
	// front of the API server spoke, such as CoreWeave's managed authentication.
	Foreign bool
	// Conflicts are the fields of a server-side apply that others hold.
	Conflicts []FieldConflict
	Err       error
}

// FieldConflict is one field that another manager set to another value.
type FieldConflict struct {
	Manager string // "kubectl-client-side-apply"
	Field   string // ".data.config"
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s %s", e.Op, e.Object)
	if e.Reason != Unknown {
		s += ": " + string(e.Reason)
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// ConfigError is a kubeconfig that cannot be used as asked. No request was made.
type ConfigError struct {
	Reason   Reason   // NoKubeconfig, UnknownContext or BadKubeconfig
	Context  string   // the context asked for; empty when none is set
	Contexts []string // the contexts that exist, sorted
	Files    []string // the files that were looked at
	Err      error
}

func (e *ConfigError) Error() string {
	switch e.Reason {
	case NoKubeconfig:
		return fmt.Sprintf("no kubeconfig in %s", list(e.Files))
	case UnknownContext:
		if e.Context == "" {
			return fmt.Sprintf("the kubeconfig has no current context; it has %s", list(e.Contexts))
		}
		return fmt.Sprintf("context %q is not in the kubeconfig; it has %s", e.Context, list(e.Contexts))
	default:
		return fmt.Sprintf("read kubeconfig: %v", e.Err)
	}
}

func (e *ConfigError) Unwrap() error { return e.Err }

// ReasonOf returns the reason of an *Error or *ConfigError in err's chain, and
// Unknown where there is none.
func ReasonOf(err error) Reason {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	if e, ok := errors.AsType[*ConfigError](err); ok {
		return e.Reason
	}
	return Unknown
}

// Unanswered reports whether err says nothing of what was asked about: nobody answered, or
// somebody else, or only that there is no answer now.
func Unanswered(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	switch e.Reason {
	case Unavailable, Unreachable, Untrusted, NotKubernetes, Timeout:
		return true
	default:
		return e.Reason == Unknown && e.Status == 0 // what came could not be read
	}
}

// LoginRefused reports whether err says that the login itself is not (or no
// longer) accepted, whatever the user may be allowed to do. A 401 says so. So
// does a 403 that no API server wrote, and a 403 to the question "what may I do",
// which Kubernetes lets every authenticated user ask
// (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles):
// CKS answers an expired managed-auth token with 403 and not with 401.
func LoginRefused(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	switch e.Reason {
	case Unauthorized, LoginFailed:
		return true
	case Forbidden:
		return e.Foreign || e.Access.Resource == selfReviews && !ImpersonationDenied(err)
	default:
		return false
	}
}

// ImpersonationDenied reports whether err says that the user may not act as the one that was
// asked for. The API server says it of whatever is asked then
// (https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/).
func ImpersonationDenied(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Reason == Forbidden && strings.Contains(e.Message, `" cannot impersonate`)
}
