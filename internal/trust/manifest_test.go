package trust

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/yaml"

	"github.com/wifctl/wifctl/internal/kube/kubetest"
)

var (
	standardPod     = Manifest{Name: DefaultPodName, Image: DefaultPodImage}
	standardCronJob = Manifest{Name: DefaultCronJobName, Image: "registry.example.com/wifctl:1", Schedule: DefaultSchedule}
)

func podOf(t *testing.T, text []byte) *corev1.Pod {
	t.Helper()
	var p corev1.Pod
	if err := yaml.UnmarshalStrict(text, &p); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return &p
}

func cronJobOf(t *testing.T, text []byte) *batchv1.CronJob {
	t.Helper()
	var j batchv1.CronJob
	if err := yaml.UnmarshalStrict(text, &j); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return &j
}

// YAML takes a namespace called null, 12 or y for something else than a string.
func TestManifestsReadBackWhateverTheNames(t *testing.T) {
	for _, name := range []string{"foo", "null", "12", "1e3", "y", "off", "true", "0x1f", "a-b", "2026-01-02", "a.b"} {
		tr := known(func(c *Config) {
			c.Workloads[0].Namespace, c.Workloads[0].ServiceAccount, c.Endpoint = name, name, "http://127.0.0.1:8080"
		})
		m := Manifest{Name: name, Image: "localhost:5000/a/b:1@sha256:0", Schedule: "*/5 * * * *"}
		pod := podOf(t, tr.PodManifest(m))
		job := cronJobOf(t, tr.CronJobManifest(m))
		inJob := job.Spec.JobTemplate.Spec.Template.Spec
		got := [][]string{
			{pod.Name, pod.Namespace, pod.Spec.ServiceAccountName, pod.Spec.Containers[0].Image, pod.Spec.Volumes[1].ConfigMap.Name},
			{job.Name, job.Namespace, inJob.ServiceAccountName, inJob.Containers[0].Image, inJob.Volumes[1].ConfigMap.Name},
		}
		want := []string{name, name, name, m.Image, name + "-gcp-credentials"}
		if diff := cmp.Diff([][]string{want, want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for _, spec := range []corev1.PodSpec{pod.Spec, inJob} {
			if token := spec.Volumes[0].Projected.Sources[0].ServiceAccountToken; token.Audience != tr.audience() {
				t.Errorf("the token's audience is %s, want %s", token.Audience, tr.audience())
			}
		}
		if job.Spec.Schedule != m.Schedule {
			t.Errorf("schedule %q, want %q", job.Spec.Schedule, m.Schedule)
		}
	}
}

func TestManifestsAreTheSameEveryTime(t *testing.T) {
	tr := known()
	if a, b := tr.PodManifest(standardPod), tr.PodManifest(standardPod); string(a) != string(b) {
		t.Errorf("%s\n%s", a, b)
	}
}

// The container finds the files where the credential file and the environment say.
func TestThePathsOfThePodAgree(t *testing.T) {
	c := podOf(t, known().PodManifest(standardPod)).Spec.Containers[0]
	mounts := map[string]string{}
	for _, m := range c.VolumeMounts {
		mounts[m.Name] = m.MountPath
	}
	if got := mounts["token"] + "/token"; got != TokenFile {
		t.Errorf("the token is at %s, and the credential file says %s", got, TokenFile)
	}
	if got, want := mounts["credentials"]+"/"+credentialsKey, c.Env[0].Value; got != want {
		t.Errorf("the credential file is at %s, and %s says %s", got, c.Env[0].Name, want)
	}
}

func TestTheDocumentsShowThePod(t *testing.T) {
	page, err := os.ReadFile("../../docs/pod.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?s)```yaml\n(apiVersion: v1\nkind: Pod\n.*?)```").FindSubmatch(page)
	if shown == nil {
		t.Fatal("docs/pod.md has no pod")
	}
	if diff := cmp.Diff(string(known().PodManifest(standardPod)), string(shown[1])); diff != "" {
		t.Errorf("the pod in docs/pod.md (-printed +shown):\n%s", diff)
	}
}

func TestWhatCanNotBeInAManifest(t *testing.T) {
	for name, err := range map[string]error{
		"--name":     Manifest{Name: "Gcs_Client", Image: DefaultPodImage}.ValidatePod(),
		"--image":    Manifest{Name: "x", Image: "two words"}.ValidatePod(),
		"--schedule": Manifest{Name: "x", Image: "i", Schedule: "hourly"}.ValidateCronJob(),
		"docs/ci.md": Manifest{Name: "x", Schedule: DefaultSchedule}.ValidateCronJob(),
		"52":         Manifest{Name: strings.Repeat("x", 53), Image: "i", Schedule: DefaultSchedule}.ValidateCronJob(),
	} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := standardPod.ValidatePod(); err != nil {
		t.Error(err)
	}
	if err := standardCronJob.ValidateCronJob(); err != nil {
		t.Error(err)
	}
}

// restricted is a namespace that enforces Pod Security "restricted", with bar in it.
func restricted(t *testing.T, name string) (*Trust, *kubernetes.Clientset) {
	t.Helper()
	tr := onCluster(t, name, "")
	admin, err := kubetest.Need(t).Clientset()
	if err != nil {
		t.Fatal(err)
	}
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}}}
	if _, err := admin.CoreV1().Namespaces().Create(t.Context(), ns, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.kube.CreateServiceAccount(t.Context(), name, "bar", nil); err != nil {
		t.Fatal(err)
	}
	return tr, admin
}

// A real API server admits both, and the pod that the CronJob will make; and it refuses
// them as soon as one line of the security context is missing.
func TestRestrictedNamespacesAdmitThePods(t *testing.T) {
	const ns = "t-restricted"
	tr, admin := restricted(t, ns)
	pod := podOf(t, tr.PodManifest(standardPod))
	if _, err := admin.CoreV1().Pods(ns).Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	job := cronJobOf(t, tr.CronJobManifest(standardCronJob))
	if _, err := admin.BatchV1().CronJobs(ns).Create(t.Context(), job, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	ofJob := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "of-job"}, Spec: job.Spec.JobTemplate.Spec.Template.Spec}
	if _, err := admin.CoreV1().Pods(ns).Create(t.Context(), ofJob, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*corev1.PodSpec){
		"runAsNonRoot":             func(s *corev1.PodSpec) { s.SecurityContext.RunAsNonRoot = nil },
		"seccompProfile":           func(s *corev1.PodSpec) { s.SecurityContext.SeccompProfile = nil },
		"allowPrivilegeEscalation": func(s *corev1.PodSpec) { s.Containers[0].SecurityContext.AllowPrivilegeEscalation = nil },
		"capabilities":             func(s *corev1.PodSpec) { s.Containers[0].SecurityContext.Capabilities = nil },
	} {
		for _, whole := range []corev1.PodSpec{pod.Spec, ofJob.Spec} {
			bad := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{GenerateName: "bad-"}, Spec: *whole.DeepCopy()}
			spoil(&bad.Spec)
			_, err := admin.CoreV1().Pods(ns).Create(t.Context(), bad, metav1.CreateOptions{})
			if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), name) {
				t.Errorf("without %s: got %v", name, err)
			}
		}
	}
}
