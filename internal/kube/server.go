package kube

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	discoveryPath = "/.well-known/openid-configuration"
	keysPath      = "/openid/v1/jwks"
)

// DiscoveryAccess is what Discovery takes.
var DiscoveryAccess = Access{Verb: "get", Resource: discoveryPath}

// Discovery is the cluster's own account of how its ServiceAccount tokens are
// verified.
type Discovery struct {
	Issuer  string // byte for byte; "iss" of every token of the cluster
	JWKSURI string // where the keys are published
	Raw     []byte // the whole document
}

// Identity is who the cluster takes us for.
type Identity struct {
	User   string
	Groups []string
}

// Discovery reads the cluster's OpenID discovery document with the operator's
// credentials, which need the ClusterRole system:service-account-issuer-discovery
// or better
// (https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery).
// It says nothing about what anonymous callers see. NoIssuer: the API server was given an
// issuer that is no https URL without query and fragment, and publishes nothing then
// (k8s.io/kubernetes/pkg/serviceaccount: NewOpenIDMetadataProvider).
func (c *Client) Discovery(ctx context.Context) (Discovery, error) {
	const object = "the cluster's OpenID discovery document"
	raw, err := c.get(ctx, object, discoveryPath)
	if e, ok := errors.AsType[*Error](err); ok && e.Status == http.StatusNotFound {
		e.Reason, e.Message = NoIssuer, "the API server has no such document"
	}
	if err != nil {
		return Discovery{}, err
	}
	var d struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(raw, &d); err != nil || d.Issuer == "" {
		return Discovery{}, &Error{Op: "get", Object: object, Reason: Invalid, Message: "the document names no issuer", Err: err}
	}
	return Discovery{Issuer: d.Issuer, JWKSURI: d.JWKSURI, Raw: raw}, nil
}

// PublishedKeys reads the cluster's own copy of the keys that its tokens are verified
// with, with the operator's credentials. Where they are published is jwks_uri's to say,
// and that may be a place that nobody can reach.
func (c *Client) PublishedKeys(ctx context.Context) ([]byte, error) {
	return c.get(ctx, "the cluster's public keys", keysPath)
}

// Identity asks the cluster who we are, which every authenticated user may
// (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#self-subject-review).
func (c *Client) Identity(ctx context.Context) (Identity, error) {
	asked := Access{Verb: "create", Group: authenticationv1.GroupName, Resource: selfSubjectReviews}
	r, err := c.identity.SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return Identity{}, fail("ask", "who we are", asked, err)
	}
	return Identity{User: r.Status.UserInfo.Username, Groups: r.Status.UserInfo.Groups}, nil
}

// get reads a path that is no resource. DoRaw would be shorter, but does not read
// the Status of a refusal, and every refusal would pass for somebody else's.
func (c *Client) get(ctx context.Context, object, path string) ([]byte, error) {
	result := c.discovery.RESTClient().Get().AbsPath(path).Do(ctx)
	if err := result.Error(); err != nil {
		return nil, fail("get", object, Access{Verb: "get", Resource: path}, err)
	}
	return result.Raw()
}
