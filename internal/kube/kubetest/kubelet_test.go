package kubetest

import (
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

const audience = "https://iam.googleapis.com/projects/1"

// namespaceFor is a namespace with a ServiceAccount bar and a ConfigMap file.
func namespaceFor(t *testing.T, name string) *kubernetes.Clientset {
	t.Helper()
	admin, err := Need(t).Clientset()
	if err != nil {
		t.Fatal(err)
	}
	meta := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Name: name} }
	if _, err := admin.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: meta(name)}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.CoreV1().ServiceAccounts(name).Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: meta("bar")}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	file := &corev1.ConfigMap{ObjectMeta: meta("file"), Data: map[string]string{"config": "the token is in /var/run/t/token"}}
	if _, err := admin.CoreV1().ConfigMaps(name).Create(t.Context(), file, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return admin
}

func podFor(name, script string) *corev1.Pod {
	seconds, no := int64(600), false
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: corev1.PodSpec{
			ServiceAccountName: "bar", RestartPolicy: corev1.RestartPolicyNever, AutomountServiceAccountToken: &no,
			Containers: []corev1.Container{{
				Name: "c", Image: "shell", Command: []string{"sh", "-ec", script},
				Env:          []corev1.EnvVar{{Name: "CONFIG", Value: "/etc/t/config"}},
				VolumeMounts: []corev1.VolumeMount{{Name: "token", MountPath: "/var/run/t"}, {Name: "file", MountPath: "/etc/t"}},
			}},
			Volumes: []corev1.Volume{
				{Name: "token", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{{
					ServiceAccountToken: &corev1.ServiceAccountTokenProjection{Path: "token", Audience: audience, ExpirationSeconds: &seconds}}}}}},
				{Name: "file", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
					LocalObjectReference: corev1.LocalObjectReference{Name: "file"}}}},
			},
		},
	}
}

func startKubelet(t *testing.T, opts KubeletOptions) *Kubelet {
	t.Helper()
	k, err := Need(t).StartKubelet(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Stop(); err != nil {
			t.Error(err)
		}
	})
	return k
}

// until polls a pod until it is as wanted.
func until(t *testing.T, admin *kubernetes.Clientset, p *corev1.Pod, what string, ok func(*corev1.Pod) bool) *corev1.Pod {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		got, err := admin.CoreV1().Pods(p.Namespace).Get(t.Context(), p.Name, metav1.GetOptions{})
		if err != nil {
			got = nil
		}
		if ok(got) {
			return got
		}
		<-tick.C
	}
	t.Fatalf("pod %s is not %s in 20 s", p.Name, what)
	return nil
}

func create(t *testing.T, admin *kubernetes.Clientset, ns string, p *corev1.Pod) *corev1.Pod {
	t.Helper()
	made, err := admin.CoreV1().Pods(ns).Create(t.Context(), p, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestAPodRunsWithItsTokenAndItsFiles(t *testing.T) {
	admin := namespaceFor(t, "t-runs")
	startKubelet(t, KubeletOptions{Namespace: "t-runs", Images: map[string]string{"shell": t.TempDir()}})
	p := create(t, admin, "t-runs", podFor("reads", `cat "$CONFIG"; echo; cut -d. -f1 /var/run/t/token; exit 3`))
	p = until(t, admin, p, "over", func(p *corev1.Pod) bool { return p.Status.Phase == corev1.PodFailed })
	if got := p.Status.ContainerStatuses[0].State.Terminated.ExitCode; got != 3 {
		t.Errorf("exit status %d, want 3", got)
	}
	raw, err := admin.CoreV1().Pods("t-runs").GetLogs("reads", &corev1.PodLogOptions{}).DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "the token is in "+os.TempDir()) || !strings.HasPrefix(lines[1], "eyJ") {
		t.Errorf("the log, by way of the API server, is %q", lines)
	}
	if err := admin.CoreV1().Pods("t-runs").Delete(t.Context(), "reads", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	until(t, admin, p, "gone", func(p *corev1.Pod) bool { return p == nil })
}

// It is the API server that holds the stand-in to what a node may do.
func TestANodeGetsOnlyTheTokensOfItsPods(t *testing.T) {
	admin := namespaceFor(t, "t-node")
	k := startKubelet(t, KubeletOptions{Namespace: "t-node", Images: map[string]string{"shell": t.TempDir()}})
	p := create(t, admin, "t-node", podFor("runs", "exec tail -f /dev/null"))
	p = until(t, admin, p, "running", func(p *corev1.Pod) bool { return p.Status.Phase == corev1.PodRunning })
	if _, err := k.tokenFor(t.Context(), p, audience, nil); err != nil {
		t.Errorf("a token for the pod: %v", err)
	}
	if _, err := k.tokenFor(t.Context(), p, "https://elsewhere.example.com", nil); !apierrors.IsForbidden(err) {
		t.Errorf("a token for an audience that the pod does not ask for: %v", err)
	}
	other := startKubelet(t, KubeletOptions{Namespace: "elsewhere"})
	if _, err := other.tokenFor(t.Context(), p, audience, nil); !apierrors.IsForbidden(err) {
		t.Errorf("a token for a pod of another node: %v", err)
	}
	if _, err := k.node.CoreV1().Secrets("t-node").List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("a node that lists secrets: %v", err)
	}
	if err := admin.CoreV1().Pods("t-node").Delete(t.Context(), "runs", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	until(t, admin, p, "gone", func(p *corev1.Pod) bool { return p == nil })
}
