package kube

import (
	"context"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"golang.org/x/sync/errgroup"
)

const (
	selfReviews        = "selfsubjectaccessreviews"
	selfSubjectReviews = "selfsubjectreviews"
)

// Access is one thing to be allowed to do, in RBAC's words
// (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb).
// The core group is "".
type Access struct {
	Verb        string // "create"
	Group       string // "rbac.authorization.k8s.io"
	Resource    string // "serviceaccounts"; or a path, "/.well-known/openid-configuration"
	Subresource string // "token"
	Namespace   string // empty: cluster-wide, or a resource without namespace
	Name        string // empty: any
}

// String says it as kubectl auth can-i takes it: "create serviceaccounts/token
// in namespace foo".
func (a Access) String() string {
	var b strings.Builder
	b.WriteString(a.Verb + " " + a.Resource)
	if a.Group != "" {
		b.WriteString("." + a.Group)
	}
	if a.Subresource != "" {
		b.WriteString("/" + a.Subresource)
	}
	if a.Name != "" {
		b.WriteString(" " + a.Name)
	}
	if a.Namespace != "" {
		b.WriteString(" in namespace " + a.Namespace)
	}
	return b.String()
}

// Denied is an Access that the user does not have.
type Denied struct {
	Access
	Reason string // the authorizer's words; often empty
}

// Access asks whether the user has each of the accesses, all at the same time,
// and answers those that they don't have, in the order given. An error means
// that the cluster would not say: see LoginRefused.
// (https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/)
func (c *Client) Access(ctx context.Context, wanted []Access) ([]Denied, error) {
	answers := make([]authorizationv1.SubjectAccessReviewStatus, len(wanted))
	g, ctx := errgroup.WithContext(ctx)
	for i, a := range wanted {
		ask := func() (err error) {
			answers[i], err = c.review(ctx, a)
			return err
		}
		if i > 0 || !c.helped {
			g.Go(ask)
		} else if err := ask(); err != nil {
			return nil, err
		}
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var denied []Denied
	for i, s := range answers {
		if !s.Allowed {
			denied = append(denied, Denied{Access: wanted[i], Reason: or(s.Reason, s.EvaluationError)})
		}
	}
	return denied, nil
}

func (c *Client) review(ctx context.Context, a Access) (authorizationv1.SubjectAccessReviewStatus, error) {
	r, err := c.reviews.SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{Spec: a.question()}, metav1.CreateOptions{})
	if err != nil {
		asked := Access{Verb: "create", Group: authorizationv1.GroupName, Resource: selfReviews}
		return authorizationv1.SubjectAccessReviewStatus{}, fail("ask", "what we may do", asked, err)
	}
	return r.Status, nil
}

func (a Access) question() (q authorizationv1.SelfSubjectAccessReviewSpec) {
	if strings.HasPrefix(a.Resource, "/") {
		q.NonResourceAttributes = &authorizationv1.NonResourceAttributes{Verb: a.Verb, Path: a.Resource}
		return q
	}
	q.ResourceAttributes = &authorizationv1.ResourceAttributes{
		Verb: a.Verb, Group: a.Group, Resource: a.Resource, Subresource: a.Subresource, Namespace: a.Namespace, Name: a.Name,
	}
	return q
}
