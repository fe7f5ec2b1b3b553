package kube

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const kindNamespace = "Namespace"

// Namespace looks for a namespace. One that is being deleted is found, in phase
// Terminating.
func (c *Client) Namespace(ctx context.Context, name string) (Object, bool, error) {
	n, err := c.core.Namespaces().Get(ctx, name, metav1.GetOptions{})
	if err := failNamespace("get", name, err); err != nil {
		return Object{}, false, unlessAbsent(err)
	}
	return namespaceOf(n), true, nil
}

// CreateNamespace creates a namespace labelled as ours. The reason of its error
// is AlreadyExists when there is one, also one that is being deleted.
func (c *Client) CreateNamespace(ctx context.Context, name string, annotations map[string]string) (Object, error) {
	want := &corev1.Namespace{ObjectMeta: newMeta("", name, annotations)}
	n, err := c.core.Namespaces().Create(ctx, want, metav1.CreateOptions{FieldManager: FieldManager})
	if err != nil {
		return Object{}, failNamespace("create", name, err)
	}
	return namespaceOf(n), nil
}

// DeleteNamespace asks for the namespace that o describes to be deleted, with
// everything in it: look at Contents first. It answers when the cluster has
// agreed, and the namespace stays in phase Terminating for some seconds after.
// A namespace of the same name but another UID is refused with Conflict; one
// that is gone already with NotFound.
func (c *Client) DeleteNamespace(ctx context.Context, o Object) error {
	err := c.core.Namespaces().Delete(ctx, o.Name, exactly(o, false))
	return failNamespace("delete", o.Name, err)
}

func failNamespace(verb, name string, err error) error {
	return fail(verb, describe(kindNamespace, "", name), Access{Verb: verb, Resource: "namespaces", Name: name}, err)
}

func namespaceOf(n *corev1.Namespace) Object {
	o := objectOf(kindNamespace, n.ObjectMeta)
	o.Phase = Phase(n.Status.Phase)
	if o.Deleting {
		// The namespace controller writes the phase some time after the deletion.
		o.Phase = PhaseTerminating
		o.Held = or(heldBy(n.Status.Conditions), o.Held)
	}
	return o
}

// heldBy prefers finalizers, which wait for somebody, to what is only not deleted yet.
func heldBy(conditions []corev1.NamespaceCondition) string {
	for _, kind := range []corev1.NamespaceConditionType{corev1.NamespaceFinalizersRemaining, corev1.NamespaceContentRemaining, corev1.NamespaceDeletionContentFailure} {
		for _, c := range conditions {
			if c.Type == kind && c.Status == corev1.ConditionTrue {
				return c.Message
			}
		}
	}
	return ""
}

// unlessAbsent keeps every error but the one that answers the question.
func unlessAbsent(err error) error {
	if absent(err) {
		return nil
	}
	return err
}
