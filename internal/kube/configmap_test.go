package kube_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wifctl/wifctl/internal/kube"
)

// foreign makes a ConfigMap as somebody else with another tool would.
func foreign(t *testing.T, namespace string, m corev1.ConfigMap) {
	t.Helper()
	m.Name = "cred"
	options := metav1.CreateOptions{FieldManager: "their-tool"}
	if _, err := plain(t).CoreV1().ConfigMaps(namespace).Create(t.Context(), &m, options); err != nil {
		t.Fatal(err)
	}
}

func testApplyConfigMapCreatesAndThenWritesNothing(t *testing.T) {
	c, ns := admin(t), namespace(t)
	want := kube.ConfigMapApply{
		Namespace: ns, Name: "cred", Managed: true,
		Data:        map[string]string{"config.json": "{}"},
		Annotations: map[string]string{"wifctl.dev/members": "[]"},
	}
	first, err := c.ApplyConfigMap(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if !first.Managed || first.Data["config.json"] != "{}" || first.Annotations["wifctl.dev/members"] != "[]" {
		t.Errorf("got %+v", first)
	}
	again, err := c.ApplyConfigMap(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the second apply changed it: %s", diff)
	}
	got, found, err := c.ConfigMap(t.Context(), ns, "cred")
	if err != nil || !found {
		t.Fatal(found, err)
	}
	if diff := cmp.Diff(first, got); diff != "" {
		t.Error(diff)
	}
}

func testApplyConfigMapLeavesWhatIsOthers(t *testing.T) {
	c, ns := admin(t), namespace(t)
	foreign(t, ns, corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"team": "a"}, Annotations: map[string]string{"note": "keep"}},
		Data:       map[string]string{"theirs": "1"},
	})
	want := kube.ConfigMapApply{
		Namespace: ns, Name: "cred",
		Data:   map[string]string{"ours": "2", "also": "3"},
		Labels: map[string]string{"wifctl.dev/workload": "bar"},
	}
	if _, err := c.ApplyConfigMap(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	delete(want.Data, "also") // what we named once and no longer name goes
	got, err := c.ApplyConfigMap(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if got.Managed {
		t.Error("a ConfigMap that somebody else made passes for ours")
	}
	type content struct{ Data, Labels, Annotations map[string]string }
	if diff := cmp.Diff(content{
		Data:        map[string]string{"theirs": "1", "ours": "2"},
		Labels:      map[string]string{"team": "a", "wifctl.dev/workload": "bar"},
		Annotations: map[string]string{"note": "keep"},
	}, content{got.Data, got.Labels, got.Annotations}); diff != "" {
		t.Error(diff)
	}
}

func testApplyConfigMapConflicts(t *testing.T) {
	c, ns := admin(t), namespace(t)
	foreign(t, ns, corev1.ConfigMap{Data: map[string]string{"config.json": "theirs", "other": "1"}})
	want := kube.ConfigMapApply{Namespace: ns, Name: "cred", Data: map[string]string{"config.json": "ours"}}

	_, err := c.ApplyConfigMap(t.Context(), want)
	wantReason(t, err, kube.Conflict)
	e, ok := errors.AsType[*kube.Error](err)
	if !ok {
		t.Fatalf("got %T", err)
	}
	if diff := cmp.Diff([]kube.FieldConflict{{Manager: "their-tool", Field: ".data.config.json"}}, e.Conflicts); diff != "" {
		t.Error(diff)
	}
	if got, _, err := c.ConfigMap(t.Context(), ns, "cred"); err != nil || got.Data["config.json"] != "theirs" {
		t.Errorf("a refused apply left %+v, %v", got, err)
	}

	want.Force = true
	got, err := c.ApplyConfigMap(t.Context(), want)
	if err != nil || got.Data["config.json"] != "ours" || got.Data["other"] != "1" {
		t.Errorf("forced: got %+v, %v", got, err)
	}
}

func testApplyConfigMapOnlyIfUnchanged(t *testing.T) {
	c, ns := admin(t), namespace(t)
	seen, err := c.ApplyConfigMap(t.Context(), kube.ConfigMapApply{Namespace: ns, Name: "cred", Data: map[string]string{"n": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	want := kube.ConfigMapApply{Namespace: ns, Name: "cred", Data: map[string]string{"n": "2"}, ResourceVersion: seen.ResourceVersion}
	if _, err := c.ApplyConfigMap(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	want.Data["n"] = "3"
	_, err = c.ApplyConfigMap(t.Context(), want) // what was seen is old by now
	wantReason(t, err, kube.Conflict)

	want.Name, want.UID = "gone", seen.UID
	_, err = c.ApplyConfigMap(t.Context(), want) // what was seen is gone by now
	wantReason(t, err, kube.Conflict)
	if _, found, err := c.ConfigMap(t.Context(), ns, "gone"); found || err != nil {
		t.Errorf("after a refused apply: got %t, %v", found, err)
	}
}

func testDeleteConfigMapOnlyAsItWasSeen(t *testing.T) {
	c, ns := admin(t), namespace(t)
	want := kube.ConfigMapApply{Namespace: ns, Name: "cred", Managed: true, Data: map[string]string{"n": "1"}}
	old, err := c.ApplyConfigMap(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	want.Data["n"] = "2"
	now, err := c.ApplyConfigMap(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	stranger := now
	stranger.UID = "of-an-earlier-one"
	wantReason(t, c.DeleteConfigMap(t.Context(), stranger.Object), kube.Conflict)
	wantReason(t, c.DeleteConfigMap(t.Context(), old.Object), kube.Conflict)
	if err := c.DeleteConfigMap(t.Context(), now.Object); err != nil {
		t.Fatal(err)
	}
	wantReason(t, c.DeleteConfigMap(t.Context(), now.Object), kube.NotFound)
	if _, found, err := c.ConfigMap(t.Context(), ns, "cred"); found || err != nil {
		t.Errorf("after: got %t, %v", found, err)
	}
}

func testApplyConfigMapWithoutANamespace(t *testing.T) {
	_, err := admin(t).ApplyConfigMap(t.Context(), kube.ConfigMapApply{Namespace: "no-such-namespace", Name: "cred"})
	wantReason(t, err, kube.NotFound)
}
