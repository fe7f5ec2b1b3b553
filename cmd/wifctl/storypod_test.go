package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/wifctl/wifctl/internal/kube/kubetest"
	"github.com/wifctl/wifctl/internal/trust"
)

// kube-apply [-cluster KINDS] FILE creates the object of a YAML file in the story's
// namespace, as kubectl would: a field that the API server does not know is an error. With
// -cluster it is one of that kind, "clusterroles", which is in no namespace, and is deleted
// when the story ends.
func cmdKubeApply(ts *testscript.TestScript, neg bool, args []string) {
	body, err := yaml.YAMLToJSONStrict([]byte(os.Expand(ts.ReadFile(args[len(args)-1]), ts.Getenv)))
	ts.Check(err)
	var object struct {
		metav1.TypeMeta
		Metadata metav1.ObjectMeta
	}
	ts.Check(yaml.Unmarshal(body, &object))
	path := []string{"/apis/", object.APIVersion, "namespaces", storyOf(ts).ns, strings.ToLower(object.Kind) + "s"}
	if args[0] == "-cluster" {
		path = []string{"/apis/", object.APIVersion, args[1]}
	}
	if object.APIVersion == "v1" {
		path[0] = "/api/"
	}
	client, err := storyOf(ts).cluster.Clientset()
	ts.Check(err)
	rest := client.CoreV1().RESTClient()
	err = rest.Post().AbsPath(path...).Param("fieldValidation", "Strict").
		SetHeader("Content-Type", "application/json").Body(body).Do(background).Error()
	if (err != nil) != neg {
		ts.Fatalf("kube-apply %s: %v", args[len(args)-1], err)
	}
	if args[0] == "-cluster" {
		ts.Defer(func() { _ = rest.Delete().AbsPath(append(path, object.Metadata.Name)...).Do(background).Error() })
	}
}

// kubelet [-unschedulable WHY] [-gcloud FILE] [-wifctl IMAGE] adds a node to the story's
// cluster: pods of the story's namespace run on it from here on, as processes of this
// machine. It has the standard image, whose gcloud is pod-gcloud, or the script in FILE,
// and an image with wifctl.
func cmdKubelet(ts *testscript.TestScript, _ bool, args []string) {
	opts := kubetest.KubeletOptions{Namespace: storyOf(ts).ns}
	gcloud := "#!/bin/sh\nexec " + programOf(ts, "pod-gcloud") + ` "$@"` + "\n"
	opts.Env = []string{"SSL_CERT_FILE=" + ts.Getenv("SSL_CERT_FILE")}
	opts.Images = map[string]string{}
	for ; len(args) > 1; args = args[2:] {
		switch args[0] {
		case "-unschedulable":
			opts.Unschedulable = args[1]
		case "-gcloud":
			gcloud = "#!/bin/sh\n" + ts.ReadFile(args[1])
		case "-wifctl":
			opts.Images[args[1]] = image(ts, "wifctl", "#!/bin/sh\nexec "+programOf(ts, "wifctl")+` "$@"`+"\n")
		}
	}
	opts.Images[trust.DefaultPodImage] = image(ts, "gcloud", gcloud)
	node, err := storyOf(ts).cluster.StartKubelet(opts)
	ts.Check(err)
	ts.Defer(func() { _ = node.Stop() })
	storyOf(ts).node = node
}

// kubelet-dies ends the node that kubelet added, and nobody tells the cluster.
func cmdKubeletDies(ts *testscript.TestScript, _ bool, _ []string) { storyOf(ts).node.Die() }

func programOf(ts *testscript.TestScript, name string) string {
	path, err := exec.LookPath(name)
	ts.Check(err)
	return path
}

// image is the folder of an image with one program.
func image(ts *testscript.TestScript, name, script string) string {
	folder := ts.MkAbs(".image-" + name)
	ts.Check(os.MkdirAll(folder, 0o700))
	ts.Check(os.WriteFile(filepath.Join(folder, name), []byte(script), 0o700)) //nolint:gosec // a program
	return folder
}

// pods N [PHASE] waits until exactly N of the namespace's pods are wifctl's, and in that
// phase. With N 0 it does not wait: there are none now.
func cmdPods(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	client, err := storyOf(ts).cluster.Clientset()
	ts.Check(err)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		list, err := client.CoreV1().Pods(storyOf(ts).ns).List(background, metav1.ListOptions{LabelSelector: "app.kubernetes.io/managed-by=wifctl"})
		ts.Check(err)
		if want == len(list.Items) && (len(args) < 2 || all(list.Items, corev1.PodPhase(args[1]))) {
			return
		}
		if want == 0 {
			ts.Fatalf("%d pods are left", len(list.Items))
		}
		<-tick.C
	}
	ts.Fatalf("there are never %s", strings.Join(args, " pods "))
}

func all(pods []corev1.Pod, phase corev1.PodPhase) bool {
	for _, p := range pods {
		if p.Status.Phase != phase {
			return false
		}
	}
	return true
}

// until-refused FILE waits until the API server would refuse the pod of a YAML file, and
// ! until-refused until it would take it.
func cmdUntilRefused(ts *testscript.TestScript, neg bool, args []string) {
	untilDry(ts, args[0], func(_ *corev1.Pod, err error) bool {
		return (apierrors.IsForbidden(err) || apierrors.IsInvalid(err)) != neg // Pod Security, or a policy
	})
}

// until-made FILE FINALIZER waits until the API server would give the pod of a YAML file that
// finalizer.
func cmdUntilMade(ts *testscript.TestScript, _ bool, args []string) {
	untilDry(ts, args[0], func(made *corev1.Pod, err error) bool { return err == nil && slices.Contains(made.Finalizers, args[1]) })
}

// untilDry makes a pod, and yet does not, until what comes of it is so: the API server learns of
// policies by watching.
func untilDry(ts *testscript.TestScript, file string, so func(*corev1.Pod, error) bool) {
	var pod corev1.Pod
	ts.Check(yaml.UnmarshalStrict([]byte(ts.ReadFile(file)), &pod))
	client, err := storyOf(ts).cluster.Clientset()
	ts.Check(err)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 400 {
		if so(client.CoreV1().Pods(pod.Namespace).Create(background, &pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})) {
			return
		}
		<-tick.C
	}
	ts.Fatalf("the pod does not come to be made, or refused, as it should")
}

// codes CODE=RESULT... asserts what the JSON report that the last command printed says of
// these codes.
func cmdCodes(ts *testscript.TestScript, _ bool, args []string) {
	var report struct {
		Checks []struct{ Code, Result, Detail, Because string }
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &report))
	got := map[string]string{}
	for _, c := range report.Checks {
		got[c.Code] = c.Result
	}
	for _, a := range args {
		code, want, _ := strings.Cut(a, "=")
		if got[code] != want {
			ts.Fatalf("%s: %q, want %q", code, got[code], want)
		}
	}
}
