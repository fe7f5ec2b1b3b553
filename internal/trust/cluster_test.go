package trust

import (
	"context"
	"crypto/x509"
	"os"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/kube/kubetest"
	"github.com/wifctl/wifctl/internal/pipeline"
)

func TestMain(m *testing.M) { os.Exit(kubetest.Main(m)) }

// onCluster is a trust of its own namespace on a real API server.
func onCluster(t *testing.T, namespace, user string) *Trust {
	t.Helper()
	cluster := kubetest.Need(t)
	flags := genericclioptions.NewConfigFlags(false)
	flags.KubeConfig, flags.Impersonate = &cluster.Kubeconfig, &user
	client, err := kube.New(flags, kube.Options{})
	if err != nil {
		t.Fatal(err)
	}
	admin, err := cluster.Clientset()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = admin.CoreV1().Namespaces().Delete(context.Background(), namespace, metav1.DeleteOptions{})
	})
	pem, err := os.ReadFile(cluster.IssuerCA)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	tr := known(func(c *Config) { c.Workloads[0].Namespace = namespace })
	tr.kube, tr.anonymous = client, cks.DiscoverOptions{RootCAs: roots}
	return tr
}

// Two steps and a colleague write the record at the same time: no line is lost.
func TestTheRecordSurvivesAColleague(t *testing.T) {
	ours := onCluster(t, "t-record", "")
	if _, err := ours.kube.CreateNamespace(t.Context(), "t-record", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := ours.applyCredentials(t.Context(), pipeline.Observation{Status: pipeline.Absent}); err != nil {
		t.Fatal(err)
	}
	theirs := onCluster(t, "t-record", "")
	theirs.facts.credentials = ours.facts.credentials // both looked at the same moment
	for _, c := range []struct {
		who   *Trust
		entry string
	}{{ours, "one"}, {theirs, "two"}, {ours, "three"}} {
		if err := c.who.record.add(t.Context(), c.entry); err != nil {
			t.Fatalf("add %s: %v", c.entry, err)
		}
	}
	now, _, err := ours.kube.ConfigMap(t.Context(), "t-record", ours.configMap())
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(now.Annotations[addedAnnotation], "\n")
	if want := []string{"one", "two", "three"}; !slices.Equal(got, want) {
		t.Errorf("the record lists %q, want %q", got, want)
	}
	if !ours.record.recent() {
		t.Error("a line that was just written is not recent")
	}
	if err := ours.record.drop(t.Context(), "two"); err != nil {
		t.Fatal(err)
	}
	if ours.record.has("two") || !ours.record.has("one") {
		t.Errorf("after dropping one of three, the record lists %q", ours.record.entries())
	}
}

// Who may not ask the cluster for its issuer can say it; it is checked all the same.
func TestTheIssuerCanBeSaidWhereTheClusterMayNotBeAsked(t *testing.T) {
	const nobody = "somebody-without-rights"
	tr := onCluster(t, "t-issuer", nobody)
	if _, err := tr.lookAtIssuer(t.Context()); err == nil {
		t.Error("nobody named the issuer, and it was found")
	}
	tr = onCluster(t, "t-issuer", nobody)
	tr.cfg.Issuer = kubetest.Need(t).Issuer
	obs, err := tr.lookAtIssuer(t.Context())
	if err != nil || obs.Status != pipeline.Met || !strings.Contains(obs.Detail, "said by --issuer") || !strings.Contains(obs.Detail, "the cluster itself would not say") {
		t.Errorf("got %+v, %v", obs, err)
	}
	tr.cfg.Issuer += "/elsewhere"
	if obs, err = tr.lookAtIssuer(t.Context()); err != nil || obs.Status != pipeline.Blocked || obs.Remedy.Code != "WIF113" {
		t.Errorf("an issuer that publishes nothing: got %+v, %v", obs, err)
	}
}
