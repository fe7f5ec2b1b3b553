package emulator

import (
	"mime"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// form is how an answer is wanted: whole, as a table, or only the metadata
// (https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources).
type form struct {
	as string // "", "Table", "PartialObjectMetadata", "PartialObjectMetadataList"
}

// formOf is the first form of an Accept header that is modelled.
func formOf(accept string) (form, error) {
	for clause := range strings.SplitSeq(or(accept, "*/*"), ",") {
		media, params, err := mime.ParseMediaType(strings.TrimSpace(clause))
		if err != nil || media != "application/json" && media != "application/*" && media != "*/*" {
			continue
		}
		known := params["g"] == metav1.GroupName && params["v"] == "v1"
		switch as := params["as"]; {
		case as == "":
			return form{}, nil
		case known && (as == "Table" || as == "PartialObjectMetadata" || as == "PartialObjectMetadataList"):
			return form{as: as}, nil
		}
	}
	return form{}, &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: 406, Reason: metav1.StatusReasonNotAcceptable,
		Message: "only the following media types are accepted: application/json",
	}}
}

// shape makes of objects what was asked for. What is no object stays as it is.
func (f form) shape(value any) any {
	list, isList := value.(*objects)
	one, isOne := value.(object)
	switch {
	case isList && f.as == "Table":
		return tableOf(list.Metadata, list.Items)
	case isOne && f.as == "Table":
		return tableOf(metav1.ListMeta{ResourceVersion: one.GetResourceVersion()}, []object{one})
	case isList && f.as == "PartialObjectMetadataList":
		return partialList(list)
	case isOne && strings.HasPrefix(f.as, "PartialObjectMetadata"):
		return partial(one)
	case isList:
		return bare(list)
	}
	return value
}

// bare takes the kind off a list's items.
func bare(list *objects) *objects {
	out := *list
	out.Items = make([]object, len(list.Items))
	for i, o := range list.Items {
		o = copyOf(o)
		o.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
		out.Items[i] = o
	}
	return &out
}

func partial(o object) *metav1.PartialObjectMetadata {
	return &metav1.PartialObjectMetadata{
		TypeMeta: metav1.TypeMeta{Kind: "PartialObjectMetadata", APIVersion: metav1.SchemeGroupVersion.String()}, ObjectMeta: metaOf(o),
	}
}

func partialList(list *objects) *metav1.PartialObjectMetadataList {
	out := &metav1.PartialObjectMetadataList{
		TypeMeta: metav1.TypeMeta{Kind: "PartialObjectMetadataList", APIVersion: metav1.SchemeGroupVersion.String()},
		ListMeta: list.Metadata, Items: []metav1.PartialObjectMetadata{},
	}
	for _, o := range list.Items {
		out.Items = append(out.Items, *partial(o))
	}
	return out
}

func metaOf(o object) metav1.ObjectMeta {
	switch o := o.(type) {
	case *corev1.Namespace:
		return o.ObjectMeta
	case *corev1.ServiceAccount:
		return o.ObjectMeta
	case *corev1.ConfigMap:
		return o.ObjectMeta
	}
	return metav1.ObjectMeta{}
}

// tableOf is what kubectl get prints
// (k8s.io/kubernetes: pkg/printers/internalversion).
func tableOf(list metav1.ListMeta, items []object) *metav1.Table {
	t := &metav1.Table{
		TypeMeta: metav1.TypeMeta{Kind: "Table", APIVersion: metav1.SchemeGroupVersion.String()}, ListMeta: list,
		ColumnDefinitions: columns(items), Rows: []metav1.TableRow{},
	}
	for _, o := range items {
		t.Rows = append(t.Rows, metav1.TableRow{Cells: cells(o), Object: runtime.RawExtension{Object: partial(o)}})
	}
	return t
}
