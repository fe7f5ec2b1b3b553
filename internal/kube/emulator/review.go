package emulator

import (
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var (
	accessKind = authorizationv1.SchemeGroupVersion.WithKind("SelfSubjectAccessReview")
	selfKind   = authenticationv1.SchemeGroupVersion.WithKind("SelfSubjectReview")
)

// review answers the two questions about oneself that are modelled.
func (c *call) review() (*answer, error) {
	if c.info.verb != "create" || c.info.namespace != "" || c.info.subresource != "" {
		return nil, c.unmodelled()
	}
	switch c.info.group + "/" + c.info.resource {
	case "authorization.k8s.io/selfsubjectaccessreviews":
		return c.reviewAccess()
	case "authentication.k8s.io/selfsubjectreviews":
		return c.reviewSelf()
	}
	return nil, c.unmodelled()
}

// reviewAccess answers whether the caller may do something
// (https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/).
func (c *call) reviewAccess() (*answer, error) {
	var r authorizationv1.SelfSubjectAccessReview
	if err := c.decode(accessKind, &r); err != nil {
		return nil, err
	}
	resource, path := r.Spec.ResourceAttributes, r.Spec.NonResourceAttributes
	switch {
	case resource != nil && path != nil:
		return nil, notOneQuestion(struct{ Path, Verb string }{path.Path, path.Verb})
	case resource == nil && path == nil:
		return nil, notOneQuestion(nil)
	case path != nil:
		r.Status.Allowed = c.user.allows(attributes{verb: path.Verb, path: path.Path})
	default:
		r.Status.Allowed = c.user.allows(attributes{
			verb: resource.Verb, group: resource.Group, resource: resource.Resource, subresource: resource.Subresource,
			namespace: resource.Namespace, name: resource.Name,
		})
	}
	r.TypeMeta = metav1.TypeMeta{Kind: accessKind.Kind, APIVersion: accessKind.GroupVersion().String()}
	return created(&r)
}

func notOneQuestion(value any) error {
	errs := field.ErrorList{field.Invalid(field.NewPath("spec"), value, "exactly one of nonResourceAttributes or resourceAttributes must be specified")}
	return apierrors.NewInvalid(schema.GroupKind{Group: accessKind.Group}, "", errs)
}

// reviewSelf answers who the caller is
// (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#self-subject-review).
func (c *call) reviewSelf() (*answer, error) {
	var r authenticationv1.SelfSubjectReview
	if err := c.decode(selfKind, &r); err != nil {
		return nil, err
	}
	r.TypeMeta = metav1.TypeMeta{Kind: selfKind.Kind, APIVersion: selfKind.GroupVersion().String()}
	r.CreationTimestamp = metav1.NewTime(c.s.opts.Now().UTC())
	r.Status.UserInfo = authenticationv1.UserInfo{Username: c.user.name, UID: c.user.uid, Groups: c.user.groups}
	return created(&r)
}
