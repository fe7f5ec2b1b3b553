package kube_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/wifctl/wifctl/internal/kube"
)

// twoClusters is a kubeconfig with contexts "east" and "west" and no current one.
func twoClusters(t *testing.T) string {
	t.Helper()
	c := api.NewConfig()
	for _, zone := range []string{"west", "east"} {
		c.Clusters["c-"+zone] = &api.Cluster{Server: "https://" + zone + ".invalid"}
		c.AuthInfos["token"] = &api.AuthInfo{Token: "secret-token"}
		c.Contexts[zone] = &api.Context{Cluster: "c-" + zone, AuthInfo: "token"}
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*c, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// dangling is a kubeconfig whose context "east" names this cluster and user; it has "c-east"
// and "token".
func dangling(t *testing.T, cluster, user string) string {
	t.Helper()
	c := api.NewConfig()
	c.Clusters["c-east"] = &api.Cluster{Server: "https://east.invalid"}
	c.AuthInfos["token"] = &api.AuthInfo{Token: "secret-token"}
	c.Contexts["east"] = &api.Context{Cluster: cluster, AuthInfo: user}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*c, path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTargetIsWhatKubectlWouldUse(t *testing.T) {
	for name, tc := range map[string]struct {
		set  func(*genericclioptions.ConfigFlags)
		want kube.Target
	}{
		"a context names cluster, server and user": {
			set:  func(f *genericclioptions.ConfigFlags) { *f.Context = "east" },
			want: kube.Target{Context: "east", Cluster: "c-east", Server: "https://east.invalid", User: "token"},
		},
		"another cluster beats the context's": {
			set:  func(f *genericclioptions.ConfigFlags) { *f.Context, *f.ClusterName = "east", "c-west" },
			want: kube.Target{Context: "east", Cluster: "c-west", Server: "https://west.invalid", User: "token"},
		},
		"the impersonated user is the user": {
			set:  func(f *genericclioptions.ConfigFlags) { *f.Context, *f.Impersonate = "west", "jane" },
			want: kube.Target{Context: "west", Cluster: "c-west", Server: "https://west.invalid", User: "jane"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := flags(twoClusters(t))
			tc.set(f)
			if diff := cmp.Diff(tc.want, newClient(t, f).Target()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAServerGivenByFlagNeedsNoKubeconfig(t *testing.T) {
	clearEnvironment(t)
	f := flags("")
	*f.APIServer = "https://east.invalid"
	if diff := cmp.Diff(kube.Target{Server: "https://east.invalid"}, newClient(t, f).Target()); diff != "" {
		t.Error(diff)
	}
}

func TestKubeconfigErrors(t *testing.T) {
	clearEnvironment(t)
	garbage := filepath.Join(t.TempDir(), "garbage")
	if err := os.WriteFile(garbage, []byte("{ not yaml"), 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(t.TempDir(), "missing")
	for name, tc := range map[string]struct {
		file, context string
		reason        kube.Reason
		contexts      []string
	}{
		"no file anywhere":                   {reason: kube.NoKubeconfig},
		"the named file is missing":          {file: missing, reason: kube.BadKubeconfig},
		"the file is no kubeconfig":          {file: garbage, reason: kube.BadKubeconfig},
		"unknown context":                    {file: twoClusters(t), context: "north", reason: kube.UnknownContext, contexts: []string{"east", "west"}},
		"no current context":                 {file: twoClusters(t), reason: kube.UnknownContext, contexts: []string{"east", "west"}},
		"the context's cluster is not in it": {file: dangling(t, "ghost", "token"), context: "east", reason: kube.BadKubeconfig, contexts: []string{"east"}},
		"the context's user is not in it":    {file: dangling(t, "c-east", "ghost"), context: "east", reason: kube.BadKubeconfig, contexts: []string{"east"}},
		"the certificate is not there":       {file: kubeconfig(t, &api.Cluster{Server: "https://a.invalid", CertificateAuthority: missing}, &api.AuthInfo{}), reason: kube.BadKubeconfig, contexts: []string{"only"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := flags(tc.file)
			f.Context = &tc.context
			_, err := kube.New(f, kube.Options{})
			wantReason(t, err, tc.reason)
			config, ok := errors.AsType[*kube.ConfigError](err)
			if !ok {
				t.Fatalf("got %T, want a *kube.ConfigError", err)
			}
			if diff := cmp.Diff(tc.contexts, config.Contexts); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestKubeconfigFromTheEnvironment(t *testing.T) {
	clearEnvironment(t)
	t.Setenv("KUBECONFIG", twoClusters(t))
	f := genericclioptions.NewConfigFlags(false)
	*f.Context = "west"
	if got := newClient(t, f).Target().Server; got != "https://west.invalid" {
		t.Errorf("got server %q", got)
	}
}

// clearEnvironment hides the kubeconfig of whoever runs the tests.
func clearEnvironment(t *testing.T) {
	t.Helper()
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	t.Setenv("KUBERNETES_MASTER", "")
}
