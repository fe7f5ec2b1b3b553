package kube_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/kube"
)

func testListsNameNamespacesAndServiceAccounts(t *testing.T) {
	c, ns := admin(t), namespace(t)
	if _, err := c.CreateServiceAccount(t.Context(), ns, "bar", nil); err != nil {
		t.Fatal(err)
	}
	namespaces, err := c.NamespaceNames(t.Context())
	if err != nil || !slices.Contains(namespaces, ns) {
		t.Errorf("namespaces: %v %v, want %s among them", namespaces, err, ns)
	}
	accounts, err := c.ServiceAccountNames(t.Context(), ns)
	if diff := cmp.Diff([]string{"bar", "default"}, accounts); diff != "" || err != nil {
		t.Errorf("ServiceAccounts: %v %s", err, diff)
	}
	if _, err := as(t, "somebody").NamespaceNames(t.Context()); kube.ReasonOf(err) != kube.Forbidden {
		t.Errorf("namespaces for somebody: %v, want Forbidden", err)
	}
}

const twoContexts = `apiVersion: v1
kind: Config
current-context: b
contexts: [{name: b, context: {cluster: c, user: u}}, {name: a, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {token: x}}]
`

func fileWith(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestContextsAreThoseOfTheKubeconfig(t *testing.T) {
	got, err := kube.Contexts(flags(fileWith(t, twoContexts)))
	if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if got, err := kube.Contexts(flags(filepath.Join(t.TempDir(), "none"))); err == nil {
		t.Errorf("no file: %v, want an error", got)
	}
}
