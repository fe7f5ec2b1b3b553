package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wifctl/wifctl/internal/gcp/emulator"
	"github.com/wifctl/wifctl/internal/kube/kubetest"
)

// BenchmarkSetup measures a first setup, a second that finds nothing to do, and what people
// type otherwise: the same with gcloud and kubectl, one command after the other, with no
// pause to read or to copy. Google is so far away from each. Setup proves what it made; the
// way by hand ends without.
//
//	make bench
func BenchmarkSetup(b *testing.B) {
	cluster := kubetest.Need(b)
	program := filepath.Join(b.TempDir(), "wifctl")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("build wifctl: %v\n%s", err, out)
	}
	setup := []string{program, "setup", "--project", storyProject, "--bucket", storyBucket, "-n", "$NS", "-q"}
	for _, latency := range []time.Duration{0, 50 * time.Millisecond, 200 * time.Millisecond} {
		far := fmt.Sprintf("latency-%s/", latency) // kubectl takes no = in a path
		b.Run(far+"first", func(b *testing.B) {
			measure(b, cluster, latency, nil, [][]string{setup})
		})
		b.Run(far+"again", func(b *testing.B) {
			measure(b, cluster, latency, [][]string{setup}, [][]string{setup})
		})
		b.Run(far+"by-hand", func(b *testing.B) {
			for _, tool := range []string{"gcloud", "kubectl"} {
				if _, err := exec.LookPath(tool); err != nil {
					b.Skip("NOT MEASURED: the way by hand:", err)
				}
			}
			measure(b, cluster, latency, nil, byHand(cluster.Issuer))
		})
	}
}

// measure runs the commands against a new Google and a new namespace each time, and counts
// what they ask of Google. What comes before is not measured.
func measure(b *testing.B, cluster *kubetest.Cluster, latency time.Duration, before, commands [][]string) {
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		w := newBenchWorld(b, cluster, latency)
		w.run(b, before)
		asked := len(w.google.Requests())
		b.StartTimer()
		w.run(b, commands)
		b.StopTimer()
		b.ReportMetric(float64(len(w.google.Requests())-asked), "requests/op")
		w.end(b)
		b.StartTimer()
	}
}

// byHand makes what setup makes, with the tools that people have.
func byHand(issuer string) [][]string {
	const (
		gsa    = "gcs-reader@" + storyProject + ".iam.gserviceaccount.com"
		member = "principal://iam.googleapis.com/projects/" + storyNumber + "/locations/global/workloadIdentityPools/k8s-pool/subject/system:serviceaccount:$NS:bar"
	)
	return [][]string{
		{"kubectl", "get", "--raw", "/.well-known/openid-configuration"},
		{"gcloud", "projects", "describe", storyProject, "--format=value(projectNumber)"},
		{"gcloud", "services", "enable", "iam.googleapis.com", "sts.googleapis.com", "iamcredentials.googleapis.com", "cloudresourcemanager.googleapis.com", "storage.googleapis.com"},
		{"kubectl", "create", "namespace", "$NS"},
		{"kubectl", "create", "serviceaccount", "bar", "--namespace=$NS"},
		{"gcloud", "iam", "workload-identity-pools", "create", "k8s-pool", "--location=global"},
		{"gcloud", "iam", "workload-identity-pools", "providers", "create-oidc", "cks-provider", "--location=global", "--workload-identity-pool=k8s-pool", "--issuer-uri=" + issuer,
			"--attribute-mapping=google.subject=assertion.sub", "--attribute-condition=assertion['kubernetes.io']['namespace'] == '$NS'"},
		{"gcloud", "iam", "service-accounts", "create", "gcs-reader"},
		{"gcloud", "storage", "buckets", "add-iam-policy-binding", "gs://" + storyBucket, "--member=serviceAccount:" + gsa, "--role=roles/storage.objectViewer"},
		{"gcloud", "iam", "service-accounts", "add-iam-policy-binding", gsa, "--role=roles/iam.workloadIdentityUser", "--member=" + member},
		{"gcloud", "iam", "workload-identity-pools", "create-cred-config", "projects/" + storyNumber + "/locations/global/workloadIdentityPools/k8s-pool/providers/cks-provider",
			"--service-account=" + gsa, "--credential-source-file=/var/run/service-account/token", "--output-file=$HOME/credentials.json"},
		{"kubectl", "create", "configmap", "bar-gcp-credentials", "--namespace=$NS", "--from-file=credential-configuration.json=$HOME/credentials.json"},
	}
}

// benchWorld is a Google and a namespace for one run.
type benchWorld struct {
	google  *emulator.Server
	server  *httptest.Server
	cluster *kubetest.Cluster
	home    string
	ns      string
	env     []string
}

func newBenchWorld(b *testing.B, cluster *kubetest.Cluster, latency time.Duration) *benchWorld {
	b.Helper()
	client, err := trusting(cluster.IssuerCA)
	if err != nil {
		b.Fatal(err)
	}
	google, err := emulator.New(emulator.Options{
		Projects: []emulator.Project{{ID: storyProject, Number: storyNumber}}, Buckets: []string{storyBucket},
		OperatorToken: storyToken, IssuerClient: client, Latency: latency,
	})
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	token := filepath.Join(dir, "token")
	if err := os.WriteFile(token, []byte(storyToken), 0o600); err != nil {
		b.Fatal(err)
	}
	folder, err := gcloudFolder(dir)
	if err != nil {
		b.Fatal(err)
	}
	w := &benchWorld{google: google, server: httptest.NewServer(google), cluster: cluster, home: dir, ns: fmt.Sprintf("bench-%d", time.Now().UnixNano())}
	w.env = append(os.Environ(), "HOME="+dir, "KUBECONFIG="+cluster.Kubeconfig, "SSL_CERT_FILE="+cluster.IssuerCA,
		"WIFCTL_GCP_ENDPOINT="+w.server.URL, "WIFCTL_ACCESS_TOKEN_FILE="+token, "NS="+w.ns)
	w.env = append(w.env, gcloudEnv(folder, w.server.URL)...)
	return w
}

// run runs commands one after the other, with $NS and $HOME filled in.
func (w *benchWorld) run(b *testing.B, commands [][]string) {
	b.Helper()
	for _, argv := range commands {
		argv = slices.Clone(argv)
		for i := range argv {
			argv[i] = strings.NewReplacer("$NS", w.ns, "$HOME", w.home).Replace(argv[i])
		}
		cmd := exec.CommandContext(b.Context(), argv[0], argv[1:]...)
		cmd.Env = w.env
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, out)
		}
	}
}

func (w *benchWorld) end(b *testing.B) {
	b.Helper()
	w.server.Close()
	client, err := w.cluster.Clientset()
	if err != nil {
		b.Fatal(err)
	}
	_ = client.CoreV1().Namespaces().Delete(context.Background(), w.ns, deleteNow)
}
