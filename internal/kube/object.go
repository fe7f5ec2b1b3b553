package kube

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// ManagedByLabel says which tool made an object
	// (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/).
	ManagedByLabel = "app.kubernetes.io/managed-by"
	// ManagedBy is the value of ManagedByLabel on what wifctl made.
	ManagedBy = "wifctl"
	// FieldManager is wifctl's name in managedFields and in conflicts
	// (https://kubernetes.io/docs/reference/using-api/server-side-apply/).
	FieldManager = "wifctl"
	// AnnotationPrefix begins every annotation of wifctl's own.
	AnnotationPrefix = "wifctl.dev/"
)

// Phase is where a namespace is in its life. The zero value is not known to be
// usable.
type Phase string

// The phases of a namespace (NamespaceStatus.phase).
const (
	PhaseActive      Phase = "Active"
	PhaseTerminating Phase = "Terminating" // being deleted: nothing can be created in it
)

// Object is the metadata of one object as the cluster holds it.
type Object struct {
	Kind            string // "Namespace", "ServiceAccount", "ConfigMap"
	Namespace       string // empty for a Namespace
	Name            string
	UID             string // changes when an object of that name is made again
	ResourceVersion string // changes at every write
	Labels          map[string]string
	Annotations     map[string]string
	Phase           Phase  // of a Namespace; empty for the rest
	Held            string // of what is being deleted: what holds it up, as the cluster says; empty: it does not say
	Deleting        bool   // deletion was asked for and is not finished
	Managed         bool   // carries the label that wifctl puts on what it makes
}

// String names the object as messages do: "ServiceAccount foo/bar".
func (o Object) String() string { return describe(o.Kind, o.Namespace, o.Name) }

func objectOf(kind string, m metav1.ObjectMeta) Object {
	held := ""
	if m.DeletionTimestamp != nil && len(m.Finalizers) > 0 {
		held = "finalizers remaining: " + strings.Join(m.Finalizers, ", ")
	}
	return Object{
		Held:            held,
		Kind:            kind,
		Namespace:       m.Namespace,
		Name:            m.Name,
		UID:             string(m.UID),
		ResourceVersion: m.ResourceVersion,
		Labels:          m.Labels,
		Annotations:     m.Annotations,
		Deleting:        m.DeletionTimestamp != nil,
		Managed:         m.Labels[ManagedByLabel] == ManagedBy,
	}
}

// newMeta is the metadata of an object that wifctl creates.
func newMeta(namespace, name string, annotations map[string]string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Namespace:   namespace,
		Name:        name,
		Labels:      map[string]string{ManagedByLabel: ManagedBy},
		Annotations: annotations,
	}
}

// exactly makes a delete spare an object of the same name that somebody made
// after o was looked at, and, with unchanged, o itself if it was written since.
func exactly(o Object, unchanged bool) metav1.DeleteOptions {
	p := &metav1.Preconditions{}
	if o.UID != "" {
		p.UID = metav1.NewUIDPreconditions(o.UID).UID
	}
	if unchanged && o.ResourceVersion != "" {
		p.ResourceVersion = &o.ResourceVersion
	}
	return metav1.DeleteOptions{Preconditions: p}
}

func describe(kind, namespace, name string) string {
	if namespace == "" {
		return kind + " " + name
	}
	return kind + " " + namespace + "/" + name
}
