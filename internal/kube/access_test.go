package kube_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wifctl/wifctl/internal/kube"
)

// allow lets a user do something in a namespace, and waits until the authorizer
// has heard of it.
func allow(t *testing.T, user, namespace string, rules ...rbacv1.PolicyRule) {
	t.Helper()
	if at := need(t); at.emulated != nil {
		at.allow(user, namespace, rules)
		return
	}
	rbac := plain(t).RbacV1()
	role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: user}, Rules: rules}
	if _, err := rbac.Roles(namespace).Create(t.Context(), role, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: user},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: user},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
	}
	if _, err := rbac.RoleBindings(namespace).Create(t.Context(), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	c := as(t, user)
	eventually(t, func() bool {
		first := kube.Access{Verb: rules[0].Verbs[0], Group: rules[0].APIGroups[0], Resource: rules[0].Resources[0], Namespace: namespace}
		denied, err := c.Access(t.Context(), []kube.Access{first})
		return err == nil && len(denied) == 0
	})
}

func testAccessAnswersWhatIsMissingInOrder(t *testing.T) {
	ns := namespace(t)
	allow(t, "partly", ns, rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"get", "patch"}})
	wanted := []kube.Access{
		{Verb: "create", Resource: "namespaces"},
		{Verb: "get", Resource: "configmaps", Namespace: ns},
		{Verb: "create", Resource: "serviceaccounts", Subresource: "token", Namespace: ns, Name: "bar"},
		{Verb: "patch", Resource: "configmaps", Namespace: ns},
		{Verb: "list", Group: "apps", Resource: "deployments", Namespace: ns},
	}
	denied, err := as(t, "partly").Access(t.Context(), wanted)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range denied {
		got = append(got, d.String())
	}
	want := []string{
		"create namespaces",
		"create serviceaccounts/token bar in namespace " + ns,
		"list deployments.apps in namespace " + ns,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func testAdminMayEverything(t *testing.T) {
	denied, err := admin(t).Access(t.Context(), []kube.Access{{Verb: "create", Resource: "namespaces"}, {Verb: "delete", Resource: "nodes"}})
	if err != nil || len(denied) > 0 {
		t.Errorf("got %v, %v", denied, err)
	}
}

func TestARefusedReviewIsARefusedLogin(t *testing.T) {
	// As CoreWeave answers an expired token: 403, in Kubernetes' own form.
	c := newClient(t, flags(server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,` +
			`"message":"User \"\" cannot create resource \"selfsubjectaccessreviews\""}`))
	})))
	_, err := c.Access(t.Context(), []kube.Access{{Verb: "get", Resource: "pods"}})
	wantReason(t, err, kube.Forbidden)
	if !kube.LoginRefused(err) {
		t.Errorf("%v passes for a missing permission", err)
	}
}

func testForbiddenNamesThePermission(t *testing.T) {
	c := newClient(t, flags(need(t).NobodyKubeconfig))
	_, err := c.CreateServiceAccount(t.Context(), "default", "bar", nil)
	wantReason(t, err, kube.Forbidden)
	e, ok := errors.AsType[*kube.Error](err)
	if !ok {
		t.Fatalf("got %T", err)
	}
	want := kube.Access{Verb: "create", Resource: "serviceaccounts", Namespace: "default", Name: "bar"}
	if diff := cmp.Diff(want, e.Access); diff != "" {
		t.Error(diff)
	}
}
