package emulator

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// object is one object of a modelled kind.
type object interface {
	runtime.Object
	metav1.Object
}

// asObject is for what the tracker holds: it holds nothing else.
func asObject(o runtime.Object) object { return o.(object) } //nolint:errcheck // newScheme has no other types

func copyOf(o object) object { return asObject(o.DeepCopyObject()) }

// kind is one kind of objects that is modelled. All are of the core group.
type kind struct {
	name       string // "ConfigMap"
	resource   string // "configmaps"
	short      string
	namespaced bool
	// returned: a delete answers with the object, as the real one's does.
	returned bool
	empty    func() object
}

var (
	namespaces = &kind{
		name: "Namespace", resource: "namespaces", short: "ns", returned: true,
		empty: func() object { return &corev1.Namespace{} },
	}
	serviceAccounts = &kind{
		name: "ServiceAccount", resource: "serviceaccounts", short: "sa", namespaced: true, returned: true,
		empty: func() object { return &corev1.ServiceAccount{} },
	}
	configMaps = &kind{
		name: "ConfigMap", resource: "configmaps", short: "cm", namespaced: true,
		empty: func() object { return &corev1.ConfigMap{} },
	}
	kinds = []*kind{configMaps, namespaces, serviceAccounts}
)

// none are resources that there are never any of here. They can be listed, since
// kubectl describe does.
var none = map[string]string{"events": "Event", "limitranges": "LimitRange", "resourcequotas": "ResourceQuota"}

func kindOf(resource string) *kind {
	for _, k := range kinds {
		if k.resource == resource {
			return k
		}
	}
	return nil
}

func (k *kind) gvr() schema.GroupVersionResource {
	return corev1.SchemeGroupVersion.WithResource(k.resource)
}

func (k *kind) gvk() schema.GroupVersionKind { return corev1.SchemeGroupVersion.WithKind(k.name) }

func (k *kind) gr() schema.GroupResource { return k.gvr().GroupResource() }

// typed writes the object's kind on it, as it is on the wire.
func (k *kind) typed(o object) object {
	o.GetObjectKind().SetGroupVersionKind(k.gvk())
	return o
}

// newScheme knows the modelled kinds and no others.
func newScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	scheme.AddKnownTypes(corev1.SchemeGroupVersion,
		&corev1.Namespace{}, &corev1.NamespaceList{},
		&corev1.ServiceAccount{}, &corev1.ServiceAccountList{},
		&corev1.ConfigMap{}, &corev1.ConfigMapList{},
	)
	metav1.AddToGroupVersion(scheme, corev1.SchemeGroupVersion)
	return scheme
}
