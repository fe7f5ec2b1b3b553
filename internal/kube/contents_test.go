package kube_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wifctl/wifctl/internal/kube"
)

func testContentsOfAFreshNamespaceAreEmpty(t *testing.T) {
	got, err := admin(t).NamespaceContents(t.Context(), namespace(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(kube.Contents{}, got); diff != "" {
		t.Error(diff)
	}
}

func TestContentsNameEverythingButOurs(t *testing.T) {
	c, ns, k := admin(t), namespace(t), plain(t)
	if _, err := c.CreateServiceAccount(t.Context(), ns, "bar", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ApplyConfigMap(t.Context(), kube.ConfigMapApply{Namespace: ns, Name: "cred", Managed: true}); err != nil {
		t.Fatal(err)
	}
	for _, create := range []func() error{
		func() error {
			s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "db"}}
			_, err := k.CoreV1().Secrets(ns).Create(t.Context(), s, metav1.CreateOptions{})
			return err
		},
		func() error {
			labels := map[string]string{"app": "web"}
			pod := corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "web"}}},
			}
			d := &appsv1.Deployment{
				ObjectMeta: metav1.ObjectMeta{Name: "web"},
				Spec:       appsv1.DeploymentSpec{Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: pod},
			}
			_, err := k.AppsV1().Deployments(ns).Create(t.Context(), d, metav1.CreateOptions{})
			return err
		},
		func() error {
			e := &corev1.Event{ObjectMeta: metav1.ObjectMeta{Name: "noise"}, InvolvedObject: corev1.ObjectReference{Namespace: ns}}
			_, err := k.CoreV1().Events(ns).Create(t.Context(), e, metav1.CreateOptions{})
			return err
		},
	} {
		if err := create(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := c.NamespaceContents(t.Context(), ns, "serviceaccount/bar")
	if err != nil {
		t.Fatal(err)
	}
	want := kube.Contents{Others: []string{"configmap/cred", "deployment.apps/web", "secret/db"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestContentsThatWeMayNotListAreNotEmpty(t *testing.T) {
	ns := namespace(t)
	allow(t, "lister", ns,
		rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"configmaps", "serviceaccounts"}, Verbs: []string{"list"}},
	)
	got, err := as(t, "lister").NamespaceContents(t.Context(), ns)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Others) > 0 {
		t.Errorf("got %+v", got)
	}
	var secrets, configMaps bool
	for _, u := range got.Unreadable {
		secrets = secrets || u == "secrets: not allowed"
		configMaps = configMaps || u == "configmaps: not allowed"
	}
	if !secrets || configMaps {
		t.Errorf("got %q, want secrets among them and not configmaps", got.Unreadable)
	}
}
