package kube

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const kindServiceAccount = "ServiceAccount"

// ServiceAccount looks for a ServiceAccount.
func (c *Client) ServiceAccount(ctx context.Context, namespace, name string) (Object, bool, error) {
	s, err := c.core.ServiceAccounts(namespace).Get(ctx, name, metav1.GetOptions{})
	if err := failServiceAccount("get", namespace, name, err); err != nil {
		return Object{}, false, unlessAbsent(err)
	}
	return objectOf(kindServiceAccount, s.ObjectMeta), true, nil
}

// CreateServiceAccount creates a ServiceAccount labelled as ours. The reason of
// its error is NotFound when the namespace is absent, Terminating when it is
// being deleted, and AlreadyExists when there is such a ServiceAccount.
func (c *Client) CreateServiceAccount(ctx context.Context, namespace, name string, annotations map[string]string) (Object, error) {
	want := &corev1.ServiceAccount{ObjectMeta: newMeta(namespace, name, annotations)}
	s, err := c.core.ServiceAccounts(namespace).Create(ctx, want, metav1.CreateOptions{FieldManager: FieldManager})
	if err != nil {
		return Object{}, failServiceAccount("create", namespace, name, err)
	}
	return objectOf(kindServiceAccount, s.ObjectMeta), nil
}

// DeleteServiceAccount deletes the ServiceAccount that o describes. One of the
// same name but another UID is refused with Conflict; one that is gone already
// with NotFound.
func (c *Client) DeleteServiceAccount(ctx context.Context, o Object) error {
	err := c.core.ServiceAccounts(o.Namespace).Delete(ctx, o.Name, exactly(o, false))
	return failServiceAccount("delete", o.Namespace, o.Name, err)
}

func failServiceAccount(verb, namespace, name string, err error) error {
	a := Access{Verb: verb, Resource: "serviceaccounts", Namespace: namespace, Name: name}
	return fail(verb, describe(kindServiceAccount, namespace, name), a, err)
}
