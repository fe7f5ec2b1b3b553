package kube

import (
	"context"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"
)

// Contexts are the names of the contexts in the kubeconfig that the flags name, sorted.
func Contexts(flags *genericclioptions.ConfigFlags) ([]string, error) {
	raw, err := flags.ToRawKubeConfigLoader().RawConfig()
	return slices.Sorted(maps.Keys(raw.Contexts)), err
}

// NamespaceNames are the first few hundred namespaces of the cluster.
func (c *Client) NamespaceNames(ctx context.Context) ([]string, error) {
	return c.objectNames(ctx, "namespaces", "")
}

// ServiceAccountNames are the first few hundred ServiceAccounts of a namespace.
func (c *Client) ServiceAccountNames(ctx context.Context, namespace string) ([]string, error) {
	return c.objectNames(ctx, "serviceaccounts", namespace)
}

// objectNames lists objects by their metadata only.
func (c *Client) objectNames(ctx context.Context, resource, namespace string) ([]string, error) {
	of := corev1.SchemeGroupVersion.WithResource(resource)
	l, err := c.metadata.Resource(of).Namespace(namespace).List(ctx, metav1.ListOptions{Limit: page})
	if err != nil {
		return nil, fail("list", resource, Access{Verb: "list", Resource: resource, Namespace: namespace}, err)
	}
	names := make([]string, len(l.Items))
	for i, o := range l.Items {
		names[i] = o.Name
	}
	return names, nil
}
