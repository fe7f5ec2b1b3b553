package emulator

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

func (c *call) get(k *kind) (*answer, error) {
	o, err := c.s.store.get(c.key(k))
	if err != nil {
		return nil, err
	}
	return ok(o)
}

// objects is a list as it is on the wire: its items don't name their kind.
type objects struct {
	metav1.TypeMeta `json:",inline"`

	Metadata metav1.ListMeta `json:"metadata"`
	Items    []object        `json:"items"`
}

func emptyList(kind, version string) *objects {
	return &objects{
		TypeMeta: metav1.TypeMeta{Kind: kind + "List", APIVersion: "v1"},
		Metadata: metav1.ListMeta{ResourceVersion: version}, Items: []object{},
	}
}

// list answers all in one page: a server may ignore limit
// (https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks).
func (c *call) list(k *kind) (*answer, error) {
	if c.query.Get("continue") != "" {
		return nil, notModelled("continue: lists come in one page")
	}
	choose, err := c.selector(k)
	if err != nil {
		return nil, err
	}
	out := emptyList(k.name, c.s.store.current())
	for _, o := range c.s.store.list(k, c.namespaceOf(k)) {
		if choose.matches(o) {
			out.Items = append(out.Items, o)
		}
	}
	return ok(out)
}

func (c *call) namespaceOf(k *kind) string {
	if k.namespaced {
		return c.info.namespace
	}
	return ""
}

// selector chooses objects by labels and fields.
type selector struct {
	labels labels.Selector
	fields fields.Selector
	only   string // the one name, if there is one
}

func (c *call) selector(k *kind) (selector, error) {
	l, err := labels.Parse(c.query.Get("labelSelector"))
	if err != nil {
		return selector{}, apierrors.NewBadRequest(err.Error())
	}
	f, err := fields.ParseSelector(c.query.Get("fieldSelector"))
	if err != nil {
		return selector{}, apierrors.NewBadRequest(err.Error())
	}
	for _, r := range f.Requirements() {
		switch {
		case r.Field == "metadata.name", r.Field == "metadata.namespace":
		case k == namespaces && (r.Field == "status.phase" || r.Field == "name"):
		default:
			return selector{}, apierrors.NewBadRequest(fmt.Sprintf("%q is not a known field selector: only %q, %q", r.Field, "metadata.name", "metadata.namespace"))
		}
	}
	return selector{labels: l, fields: f, only: c.info.name}, nil
}

func (s selector) matches(o object) bool {
	if s.only != "" && s.only != o.GetName() {
		return false
	}
	set := fields.Set{"metadata.name": o.GetName(), "metadata.namespace": o.GetNamespace(), "name": o.GetName()}
	if n, ok := o.(*corev1.Namespace); ok {
		set["status.phase"] = string(n.Status.Phase)
	}
	return s.labels.Matches(labels.Set(o.GetLabels())) && s.fields.Matches(set)
}

// eachItem calls f with every item of a typed list.
func eachItem(list runtime.Object, f func(object)) error {
	return meta.EachListItem(list, func(o runtime.Object) error {
		f(asObject(o))
		return nil
	})
}
