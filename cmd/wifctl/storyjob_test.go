package main

import (
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// run-cronjob NAME FILE makes the Job of a CronJob as kubectl create job --from does, and
// its pod as the Job's controller would, which isn't here. It waits until the pod has
// ended, in success, or with "!" in failure, and writes its log to FILE.
func cmdRunCronJob(ts *testscript.TestScript, neg bool, args []string) {
	st := storyOf(ts)
	client, err := st.cluster.Clientset()
	ts.Check(err)
	cron, err := client.BatchV1().CronJobs(st.ns).Get(background, args[0], metav1.GetOptions{})
	ts.Check(err)
	job, err := client.BatchV1().Jobs(st.ns).Create(background, &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{GenerateName: cron.Name + "-"}, Spec: cron.Spec.JobTemplate.Spec,
	}, metav1.CreateOptions{})
	ts.Check(err)
	pod, err := client.CoreV1().Pods(st.ns).Create(background, &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: job.Name + "-", Labels: job.Spec.Template.Labels}, Spec: job.Spec.Template.Spec,
	}, metav1.CreateOptions{})
	ts.Check(err)
	phase := untilEnded(ts, client, pod)
	log, err := client.CoreV1().Pods(st.ns).GetLogs(pod.Name, &corev1.PodLogOptions{}).DoRaw(background)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), log, 0o600))
	if (phase == corev1.PodFailed) != neg {
		ts.Fatalf("the pod of %s: %s\n%s", args[0], phase, log)
	}
}

func untilEnded(ts *testscript.TestScript, client kubernetes.Interface, pod *corev1.Pod) corev1.PodPhase {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 1200 {
		now, err := client.CoreV1().Pods(pod.Namespace).Get(background, pod.Name, metav1.GetOptions{})
		ts.Check(err)
		if p := now.Status.Phase; p == corev1.PodSucceeded || p == corev1.PodFailed {
			return p
		}
		<-tick.C
	}
	ts.Fatalf("pod %s does not end", pod.Name)
	return ""
}
