package emulator

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"
)

// columns are those of the kind that is listed. With nothing to list, kubectl prints no
// table.
func columns(items []object) []metav1.TableColumnDefinition {
	name := metav1.TableColumnDefinition{Name: "Name", Type: "string", Format: "name"}
	age := metav1.TableColumnDefinition{Name: "Age", Type: "string"}
	if len(items) == 0 {
		return []metav1.TableColumnDefinition{name, age}
	}
	switch items[0].(type) {
	case *corev1.Namespace:
		return []metav1.TableColumnDefinition{name, {Name: "Status", Type: "string"}, age}
	case *corev1.ConfigMap:
		return []metav1.TableColumnDefinition{name, {Name: "Data", Type: "integer"}, age}
	}
	return []metav1.TableColumnDefinition{name, age}
}

func cells(o object) []any {
	age := duration.HumanDuration(time.Since(o.GetCreationTimestamp().Time))
	switch o := o.(type) {
	case *corev1.Namespace:
		return []any{o.Name, string(o.Status.Phase), age}
	case *corev1.ConfigMap:
		return []any{o.Name, int64(len(o.Data) + len(o.BinaryData)), age}
	}
	return []any{o.GetName(), age}
}
