package kube

import (
	"context"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	applyv1 "k8s.io/client-go/applyconfigurations/core/v1"
)

const kindConfigMap = "ConfigMap"

// ConfigMap is a ConfigMap as the cluster holds it.
type ConfigMap struct {
	Object
	Data    map[string]string // that of binaryData, too: pods see no difference
	Applied time.Time         // when wifctl last changed it; zero: never

	Binary    []string // the keys of binaryData, which an apply of data can't take over
	Immutable bool     // its data can't be changed by anybody
}

// ConfigMapApply is what wifctl wants of a ConfigMap, and all it says about it:
// keys, labels and annotations that are not named belong to others and are left
// as they are; those that wifctl named in an earlier apply and doesn't name any
// more are removed.
type ConfigMapApply struct {
	Namespace   string
	Name        string
	Data        map[string]string
	Labels      map[string]string
	Annotations map[string]string

	// Managed puts our label on the ConfigMap: teardown may remove all of it.
	// Not for a ConfigMap that somebody else made.
	Managed bool
	// ResourceVersion, when not empty, makes the apply fail with Conflict if the
	// ConfigMap was written since it was looked at.
	ResourceVersion string
	// UID, when not empty, makes the apply fail with Conflict if the ConfigMap that
	// was looked at is gone. ResourceVersion alone would not: it is ignored where
	// the apply creates.
	UID string
	// Force takes over the fields that others hold instead of failing with Conflict.
	Force bool
}

// ConfigMap looks for a ConfigMap.
func (c *Client) ConfigMap(ctx context.Context, namespace, name string) (ConfigMap, bool, error) {
	m, err := c.core.ConfigMaps(namespace).Get(ctx, name, metav1.GetOptions{})
	if err := failConfigMap("get", namespace, name, err); err != nil {
		return ConfigMap{}, false, unlessAbsent(err)
	}
	return configMapOf(m), true, nil
}

// ApplyConfigMap creates or changes a ConfigMap by server-side apply
// (https://kubernetes.io/docs/reference/using-api/server-side-apply/). Where
// another manager holds a field with another value, the reason of its error is
// Conflict, and Conflicts names the manager and the field. Applying what is
// there already writes nothing: the resourceVersion stays.
func (c *Client) ApplyConfigMap(ctx context.Context, want ConfigMapApply) (ConfigMap, error) {
	labels := map[string]string{}
	for k, v := range want.Labels {
		labels[k] = v
	}
	if want.Managed {
		labels[ManagedByLabel] = ManagedBy
	}
	a := applyv1.ConfigMap(want.Name, want.Namespace).
		WithLabels(labels).
		WithAnnotations(want.Annotations).
		WithData(want.Data)
	if want.ResourceVersion != "" {
		a.WithResourceVersion(want.ResourceVersion)
	}
	if want.UID != "" {
		a.WithUID(types.UID(want.UID))
	}
	m, err := c.core.ConfigMaps(want.Namespace).Apply(ctx, a, metav1.ApplyOptions{FieldManager: FieldManager, Force: want.Force})
	if err != nil {
		return ConfigMap{}, failConfigMap("patch", want.Namespace, want.Name, err)
	}
	return configMapOf(m), nil
}

// DeleteConfigMap deletes the ConfigMap that o describes, unless it is another
// one by now or was written since it was looked at: both are refused with
// Conflict. One that is gone already is refused with NotFound.
func (c *Client) DeleteConfigMap(ctx context.Context, o Object) error {
	err := c.core.ConfigMaps(o.Namespace).Delete(ctx, o.Name, exactly(o, true))
	return failConfigMap("delete", o.Namespace, o.Name, err)
}

// ConfigMaps lists the ConfigMaps of a namespace that wifctl made.
func (c *Client) ConfigMaps(ctx context.Context, namespace string) ([]ConfigMap, error) {
	list, err := c.core.ConfigMaps(namespace).List(ctx, metav1.ListOptions{LabelSelector: ManagedByLabel + "=" + ManagedBy})
	a := Access{Verb: "list", Resource: "configmaps", Namespace: namespace}
	if err := fail("list", "ConfigMaps of "+namespace, a, err); err != nil {
		return nil, err
	}
	maps := make([]ConfigMap, len(list.Items))
	for i := range list.Items {
		maps[i] = configMapOf(&list.Items[i])
	}
	return maps, nil
}

func failConfigMap(verb, namespace, name string, err error) error {
	a := Access{Verb: verb, Resource: "configmaps", Namespace: namespace, Name: name}
	return fail(verb, describe(kindConfigMap, namespace, name), a, err)
}

func configMapOf(m *corev1.ConfigMap) ConfigMap {
	out := ConfigMap{
		Object: objectOf(kindConfigMap, m.ObjectMeta), Data: maps.Clone(m.Data),
		Binary: slices.Sorted(maps.Keys(m.BinaryData)), Immutable: m.Immutable != nil && *m.Immutable,
	}
	for key, content := range m.BinaryData {
		if out.Data == nil {
			out.Data = map[string]string{}
		}
		out.Data[key] = string(content)
	}
	for _, f := range m.ManagedFields {
		if f.Manager == FieldManager && f.Time != nil && f.Time.After(out.Applied) {
			out.Applied = f.Time.Time
		}
	}
	return out
}
