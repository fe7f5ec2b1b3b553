package kube_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/kube/kubetest"
)

// background outlives a test, for what it cleans up.
var background = context.Background()

func TestMain(m *testing.M) {
	status := kubetest.Main(m)
	stopEmulated()
	os.Exit(status)
}

// flags are kubectl's flags with --kubeconfig given.
func flags(kubeconfig string) *genericclioptions.ConfigFlags {
	f := genericclioptions.NewConfigFlags(false)
	f.KubeConfig = &kubeconfig
	return f
}

func newClient(t *testing.T, f *genericclioptions.ConfigFlags) *kube.Client {
	t.Helper()
	c, err := kube.New(f, kube.Options{UserAgent: "wifctl-test"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// admin is a client that may do everything.
func admin(t *testing.T) *kube.Client {
	t.Helper()
	return newClient(t, flags(need(t).Kubeconfig))
}

// as is a client of a user who may do only what the test allows them.
func as(t *testing.T, user string) *kube.Client {
	t.Helper()
	f := flags(need(t).Kubeconfig)
	f.Impersonate = &user
	return newClient(t, f)
}

// plain is client-go without our package, to arrange and to check.
func plain(t *testing.T) *kubernetes.Clientset {
	t.Helper()
	c, err := need(t).clientset()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// namespaceName is a name of the test's own, and nothing is left of it after.
func namespaceName(t *testing.T) string {
	t.Helper()
	name := "t-" + strings.ToLower(strings.NewReplacer("/", "-", "_", "-").Replace(t.Name()))
	if len(name) > 63 {
		name = strings.TrimRight(name[:63], "-")
	}
	c := plain(t)
	t.Cleanup(func() {
		_ = c.CoreV1().Namespaces().Delete(background, name, metav1.DeleteOptions{})
	})
	return name
}

// namespace makes a namespace of the test's own, furnished as every namespace is.
func namespace(t *testing.T) string {
	t.Helper()
	name := namespaceName(t)
	c := plain(t)
	want := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if _, err := c.CoreV1().Namespaces().Create(t.Context(), want, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool {
		_, err := c.CoreV1().ServiceAccounts(name).Get(t.Context(), "default", metav1.GetOptions{})
		_, err2 := c.CoreV1().ConfigMaps(name).Get(t.Context(), "kube-root-ca.crt", metav1.GetOptions{})
		return err == nil && err2 == nil
	})
	return name
}

// eventually polls a real server, which comes round to things by watching.
func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		if ok() {
			return
		}
		<-tick.C
	}
	t.Fatal("it did not come true in 10 s")
}

func wantReason(t *testing.T, err error, want kube.Reason) {
	t.Helper()
	if got := kube.ReasonOf(err); err == nil || got != want {
		t.Errorf("got reason %q of error %v, want %q", got, err, want)
	}
}

// server is an https server that isn't Kubernetes, and a kubeconfig for it.
func server(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	insecure := &api.Cluster{Server: s.URL, InsecureSkipTLSVerify: true}
	return kubeconfig(t, insecure, &api.AuthInfo{Token: "secret-token"})
}

// kubeconfig writes a kubeconfig with one context, "only".
func kubeconfig(t *testing.T, cluster *api.Cluster, user *api.AuthInfo) string {
	t.Helper()
	c := api.NewConfig()
	c.Clusters["only"], c.AuthInfos["only"] = cluster, user
	c.Contexts["only"] = &api.Context{Cluster: "only", AuthInfo: "only"}
	c.CurrentContext = "only"
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*c, path); err != nil {
		t.Fatal(err)
	}
	return path
}
