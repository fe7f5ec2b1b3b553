package emulator

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// maxData is the most that a ConfigMap holds.
const maxData = 1 << 20

// prepare makes of a new object what the server decides about
// (k8s.io/kubernetes: pkg/registry/core/namespace, strategy.go).
func prepare(o object) {
	o.SetDeletionTimestamp(nil)
	o.SetDeletionGracePeriodSeconds(nil)
	o.SetGeneration(0)
	o.SetSelfLink("")
	if n, ok := o.(*corev1.Namespace); ok {
		labelled(n)
		n.Spec, n.Status = corev1.NamespaceSpec{}, corev1.NamespaceStatus{}
	}
}

// labelled gives a namespace the label with its name
// (https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name).
func labelled(n *corev1.Namespace) {
	if n.Name == "" {
		return
	}
	if n.Labels == nil {
		n.Labels = map[string]string{}
	}
	n.Labels[corev1.LabelMetadataName] = n.Name
}

// inherit keeps what an update can't change.
func inherit(o, before object) {
	if o.GetUID() == "" {
		o.SetUID(before.GetUID())
	}
	o.SetCreationTimestamp(before.GetCreationTimestamp())
	o.SetDeletionTimestamp(before.GetDeletionTimestamp())
	o.SetDeletionGracePeriodSeconds(before.GetDeletionGracePeriodSeconds())
	o.SetGeneration(before.GetGeneration())
	o.SetResourceVersion(before.GetResourceVersion())
	if n, ok := o.(*corev1.Namespace); ok {
		labelled(n)
		if was, ok := before.(*corev1.Namespace); ok {
			n.Spec, n.Status = was.Spec, was.Status
		}
	}
}

// validate holds a state of an object against the rules of its kind; before is nil
// when it is new.
func validate(after, before object) error {
	if before == nil {
		prepare(after)
	} else {
		inherit(after, before)
	}
	kind := after.GetObjectKind().GroupVersionKind().GroupKind()
	if errs := problems(after, before); len(errs) > 0 {
		return apierrors.NewInvalid(kind, after.GetName(), errs)
	}
	return nil
}

func problems(after, before object) field.ErrorList {
	path := field.NewPath("metadata")
	var errs field.ErrorList
	if before != nil {
		errs = validation.ValidateObjectMetaAccessorUpdate(after, before, path)
	}
	switch o := after.(type) {
	case *corev1.Namespace:
		return append(errs, validation.ValidateObjectMeta(&o.ObjectMeta, false, validation.NameIsDNSLabel, path)...)
	case *corev1.ServiceAccount:
		return append(errs, validation.ValidateObjectMeta(&o.ObjectMeta, true, validation.NameIsDNSSubdomain, path)...)
	case *corev1.ConfigMap:
		if was, ok := before.(*corev1.ConfigMap); ok {
			errs = append(errs, immutableProblems(o, was)...)
		}
		errs = append(errs, validation.ValidateObjectMeta(&o.ObjectMeta, true, validation.NameIsDNSSubdomain, path)...)
		return append(errs, dataProblems(o)...)
	}
	return errs
}

func immutableProblems(o, was *corev1.ConfigMap) (errs field.ErrorList) {
	if was.Immutable == nil || !*was.Immutable {
		return nil
	}
	const why = "field is immutable when `immutable` is set"
	if o.Immutable == nil || !*o.Immutable {
		errs = append(errs, field.Forbidden(field.NewPath("immutable"), why))
	}
	if !equality.Semantic.DeepEqual(o.Data, was.Data) {
		errs = append(errs, field.Forbidden(field.NewPath("data"), why))
	}
	if !equality.Semantic.DeepEqual(o.BinaryData, was.BinaryData) {
		errs = append(errs, field.Forbidden(field.NewPath("binaryData"), why))
	}
	return errs
}

func dataProblems(o *corev1.ConfigMap) (errs field.ErrorList) {
	size := 0
	keys := func(path string, key string) {
		for _, msg := range utilvalidation.IsConfigMapKey(key) {
			errs = append(errs, field.Invalid(field.NewPath(path).Key(key), key, msg))
		}
	}
	for key, value := range o.Data {
		keys("data", key)
		if _, twice := o.BinaryData[key]; twice {
			errs = append(errs, field.Invalid(field.NewPath("data").Key(key), key, "duplicate of key present in binaryData"))
		}
		size += len(value)
	}
	for key, value := range o.BinaryData {
		keys("binaryData", key)
		size += len(value)
	}
	if size > maxData {
		errs = append(errs, field.TooLong(field.NewPath(""), "", maxData))
	}
	return errs
}

// admit lets an object in: its namespace must be there and alive, and it must be valid.
func (s *Server) admit(k *kind, at key, o object) error {
	if err := s.admitted(at); err != nil {
		return err
	}
	if o.GetName() == "" {
		errs := field.ErrorList{field.Required(field.NewPath("metadata", "name"), "name or generateName is required")}
		return apierrors.NewInvalid(k.gvk().GroupKind(), "", errs)
	}
	k.typed(o)
	return validate(o, nil)
}

// admitted is the admission of NamespaceLifecycle
// (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#namespacelifecycle).
func (s *Server) admitted(at key) error {
	if !at.kind.namespaced {
		return nil
	}
	o, err := s.store.get(key{kind: namespaces, name: at.namespace})
	if err != nil {
		return err
	}
	if o.GetDeletionTimestamp() == nil {
		return nil
	}
	refusal := apierrors.NewForbidden(at.kind.gr(), at.name, fmt.Errorf("unable to create new content in namespace %s because it is being terminated", at.namespace))
	refusal.ErrStatus.Details.Causes = append(refusal.ErrStatus.Details.Causes, metav1.StatusCause{
		Type: corev1.NamespaceTerminatingCause, Message: fmt.Sprintf("namespace %s is being terminated", at.namespace), Field: "metadata.namespace",
	})
	return refusal
}
