package kube_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wifctl/wifctl/internal/kube"
)

func testNamespaceLife(t *testing.T) {
	c, name := admin(t), namespaceName(t)
	if _, found, err := c.Namespace(t.Context(), name); found || err != nil {
		t.Fatalf("before: got %t, %v", found, err)
	}
	made, err := c.CreateNamespace(t.Context(), name, map[string]string{"wifctl.dev/note": "test"})
	if err != nil {
		t.Fatal(err)
	}
	got, found, err := c.Namespace(t.Context(), name)
	if err != nil || !found {
		t.Fatal(found, err)
	}
	if !got.Managed || got.Phase != kube.PhaseActive || got.UID != made.UID || got.Annotations["wifctl.dev/note"] != "test" {
		t.Errorf("got %+v", got)
	}
	_, err = c.CreateNamespace(t.Context(), name, nil)
	wantReason(t, err, kube.AlreadyExists)

	if err := c.DeleteNamespace(t.Context(), got); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool {
		_, found, err := c.Namespace(t.Context(), name)
		return err == nil && !found
	})
	wantReason(t, c.DeleteNamespace(t.Context(), got), kube.NotFound)
}

func testDeleteNamespaceSparesAnotherOfThatName(t *testing.T) {
	c, name := admin(t), namespace(t)
	got, _, err := c.Namespace(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	got.UID = "of-an-earlier-one"
	wantReason(t, c.DeleteNamespace(t.Context(), got), kube.Conflict)
	if now, found, err := c.Namespace(t.Context(), name); err != nil || !found || now.Phase != kube.PhaseActive {
		t.Errorf("got %+v, %t, %v", now, found, err)
	}
}

func testNothingIsCreatedInATerminatingNamespace(t *testing.T) {
	c, name := admin(t), namespace(t)
	pin(t, name)
	o, _, err := c.Namespace(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // deleting it twice is no error
		if err := c.DeleteNamespace(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	o, found, err := c.Namespace(t.Context(), name)
	if err != nil || !found || o.Phase != kube.PhaseTerminating || !o.Deleting {
		t.Errorf("got %+v, %t, %v", o, found, err)
	}
	_, err = c.CreateServiceAccount(t.Context(), name, "bar", nil)
	wantReason(t, err, kube.Terminating)
	_, err = c.ApplyConfigMap(t.Context(), kube.ConfigMapApply{Namespace: name, Name: "cred"})
	wantReason(t, err, kube.Terminating)
	_, err = c.CreateNamespace(t.Context(), name, nil)
	wantReason(t, err, kube.AlreadyExists)
}

// pin puts a ConfigMap into a namespace that keeps it from going away until the
// test has ended.
func pin(t *testing.T, namespace string) {
	t.Helper()
	maps := plain(t).CoreV1().ConfigMaps(namespace)
	held := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "held", Finalizers: []string{"wifctl.dev/test"}}}
	if _, err := maps.Create(t.Context(), held, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		held.Finalizers = nil
		if _, err := maps.Update(background, held, metav1.UpdateOptions{}); err != nil {
			t.Error(err)
		}
	})
}

func testServiceAccountLife(t *testing.T) {
	c, ns := admin(t), namespace(t)
	if _, found, err := c.ServiceAccount(t.Context(), ns, "bar"); found || err != nil {
		t.Fatalf("before: got %t, %v", found, err)
	}
	if _, err := c.CreateServiceAccount(t.Context(), ns, "bar", map[string]string{"wifctl.dev/note": "test"}); err != nil {
		t.Fatal(err)
	}
	got, found, err := c.ServiceAccount(t.Context(), ns, "bar")
	if err != nil || !found {
		t.Fatal(found, err)
	}
	want := kube.Object{
		Kind: "ServiceAccount", Namespace: ns, Name: "bar", UID: got.UID, ResourceVersion: got.ResourceVersion, Managed: true,
		Labels:      map[string]string{"app.kubernetes.io/managed-by": "wifctl"},
		Annotations: map[string]string{"wifctl.dev/note": "test"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	_, err = c.CreateServiceAccount(t.Context(), ns, "bar", nil)
	wantReason(t, err, kube.AlreadyExists)

	stranger := got
	stranger.UID = "of-an-earlier-one"
	wantReason(t, c.DeleteServiceAccount(t.Context(), stranger), kube.Conflict)
	if err := c.DeleteServiceAccount(t.Context(), got); err != nil {
		t.Fatal(err)
	}
	wantReason(t, c.DeleteServiceAccount(t.Context(), got), kube.NotFound)
}

func testServiceAccountOfSomebodyElse(t *testing.T) {
	got, found, err := admin(t).ServiceAccount(t.Context(), namespace(t), "default")
	if err != nil || !found || got.Managed {
		t.Errorf("got %+v, %t, %v", got, found, err)
	}
}

func testCreateServiceAccountWithoutANamespace(t *testing.T) {
	_, err := admin(t).CreateServiceAccount(t.Context(), "no-such-namespace", "bar", nil)
	wantReason(t, err, kube.NotFound)
}

func testANameThatKubernetesRefuses(t *testing.T) {
	_, err := admin(t).CreateNamespace(t.Context(), "Not_A_Name", nil)
	wantReason(t, err, kube.Invalid)
}
