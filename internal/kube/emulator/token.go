package emulator

import (
	"fmt"
	"slices"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// The bounds on a token's life, and what it is if nobody says
// (k8s.io/kubernetes: pkg/apis/authentication).
const (
	leastSeconds   = 10 * 60
	mostSeconds    = 1 << 32
	defaultSeconds = 60 * 60
)

var tokenKind = authenticationv1.SchemeGroupVersion.WithKind("TokenRequest")

// claims are those of a ServiceAccount's token
// (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#tokenreview).
type claims struct {
	Audience   []string `json:"aud"`
	Expiry     int64    `json:"exp"`
	IssuedAt   int64    `json:"iat"`
	Issuer     string   `json:"iss"`
	ID         string   `json:"jti"`
	Kubernetes bound    `json:"kubernetes.io"`
	NotBefore  int64    `json:"nbf"`
	Subject    string   `json:"sub"`
}

type bound struct {
	Namespace      string `json:"namespace"`
	ServiceAccount ref    `json:"serviceaccount"`
}

type ref struct {
	Name string    `json:"name"`
	UID  types.UID `json:"uid"`
}

// token answers a TokenRequest
// (https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/).
func (c *call) token() (*answer, error) {
	var req authenticationv1.TokenRequest
	if err := c.decode(tokenKind, &req); err != nil {
		return nil, err
	}
	account, err := c.s.store.get(key{serviceAccounts, c.info.namespace, c.info.name})
	if err != nil {
		return nil, err
	}
	if err := c.addressed(&req, account); err != nil {
		return nil, err
	}
	c.s.complete(&req, account)
	if errs := tokenProblems(req.Spec); len(errs) > 0 {
		return nil, apierrors.NewInvalid(tokenKind.GroupKind(), "", errs)
	}
	if err := unbound(req.Spec.BoundObjectRef); err != nil {
		return nil, err
	}
	if err := c.s.grant(&req, account); err != nil {
		return nil, err
	}
	return created(&req)
}

// addressed holds what the body says of the account against the account.
func (c *call) addressed(req *authenticationv1.TokenRequest, account object) error {
	switch {
	case req.Name != "" && req.Name != c.info.name:
		errs := field.ErrorList{field.Invalid(field.NewPath("metadata", "name"), req.Name, "must match the service account name if specified")}
		return apierrors.NewInvalid(tokenKind.GroupKind(), c.info.name, errs)
	case req.Namespace != "" && req.Namespace != c.info.namespace:
		return errOtherNamespace()
	case !sameUID(req.UID, account.GetUID()):
		return apierrors.NewConflict(schema.GroupResource{Group: tokenKind.Group, Resource: tokenKind.Kind}, c.info.name,
			fmt.Errorf("the UID in the token request (%s) does not match the UID of the service account (%s)", req.UID, account.GetUID()))
	}
	return nil
}

func (s *Server) complete(req *authenticationv1.TokenRequest, account object) {
	req.TypeMeta = metav1.TypeMeta{Kind: tokenKind.Kind, APIVersion: tokenKind.GroupVersion().String()}
	req.Name, req.Namespace, req.UID = account.GetName(), account.GetNamespace(), account.GetUID()
	req.CreationTimestamp = metav1.NewTime(s.opts.Now().UTC().Truncate(time.Second))
	if len(req.Spec.Audiences) == 0 {
		req.Spec.Audiences = []string{s.opts.Audience}
	}
	if req.Spec.ExpirationSeconds == nil {
		seconds := int64(defaultSeconds)
		req.Spec.ExpirationSeconds = &seconds
	}
	req.Status = authenticationv1.TokenRequestStatus{}
}

func tokenProblems(spec authenticationv1.TokenRequestSpec) (errs field.ErrorList) {
	path, seconds := field.NewPath("spec", "expirationSeconds"), *spec.ExpirationSeconds
	if seconds < leastSeconds {
		errs = append(errs, field.Invalid(path, seconds, "may not specify a duration less than 10 minutes"))
	}
	if seconds > mostSeconds {
		errs = append(errs, field.Invalid(path, seconds, "may not specify a duration larger than 2^32 seconds"))
	}
	return errs
}

// unbound refuses to bind a token to an object: there are no pods and no Secrets here.
func unbound(r *authenticationv1.BoundObjectReference) error {
	if r == nil {
		return nil
	}
	switch r.APIVersion + " " + r.Kind {
	case "v1 Pod":
		return apierrors.NewNotFound(corev1.Resource("pods"), r.Name)
	case "v1 Secret":
		return apierrors.NewNotFound(corev1.Resource("secrets"), r.Name)
	}
	return notModelled("a token bound to a " + r.Kind)
}

// grant signs the token.
func (s *Server) grant(req *authenticationv1.TokenRequest, account object) error {
	now := s.opts.Now()
	until := now.Add(time.Duration(*req.Spec.ExpirationSeconds) * time.Second)
	token, err := s.signer.sign(claims{
		Audience: req.Spec.Audiences, Issuer: s.opts.Issuer, ID: string(uuid.NewUUID()),
		IssuedAt: now.Unix(), NotBefore: now.Unix(), Expiry: until.Unix(),
		Subject:    accountPrefix + account.GetNamespace() + ":" + account.GetName(),
		Kubernetes: bound{Namespace: account.GetNamespace(), ServiceAccount: ref{account.GetName(), account.GetUID()}},
	})
	if err != nil {
		return err
	}
	req.Status = authenticationv1.TokenRequestStatus{Token: token, ExpirationTimestamp: metav1.NewTime(until.UTC().Truncate(time.Second))}
	return nil
}

// accountOf is the ServiceAccount that logs in with its token. The token dies with the
// account.
func (s *Server) accountOf(token string) (identity, bool) {
	var c claims
	if strings.Count(token, ".") != 2 || s.signer.verify(token, &c) != nil {
		return identity{}, false
	}
	now, of := s.opts.Now().Unix(), c.Kubernetes
	account := s.store.find(key{serviceAccounts, of.Namespace, of.ServiceAccount.Name})
	switch {
	case !slices.Contains(c.Audience, s.opts.Audience), now >= c.Expiry, now < c.NotBefore:
		return identity{}, false
	case account == nil, account.GetUID() != of.ServiceAccount.UID:
		return identity{}, false
	}
	who := identity{
		name: c.Subject, uid: string(account.GetUID()),
		groups: []string{accountGroup, accountGroup + ":" + of.Namespace, authenticated},
	}
	for _, u := range s.users {
		if u.Name == who.name {
			who.rules = u.Rules
		}
	}
	return who, true
}
