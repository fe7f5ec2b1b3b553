package kubetest

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// schedule binds a pod to the node, or says why no node takes it.
func (k *Kubelet) schedule(p *corev1.Pod) {
	if k.opts.Unschedulable != "" {
		k.leavePending(p)
		return
	}
	_ = k.brain.CoreV1().Pods(p.Namespace).Bind(k.context, &corev1.Binding{ // refused if it was bound or deleted: nothing is left to do
		ObjectMeta: metav1.ObjectMeta{Namespace: p.Namespace, Name: p.Name, UID: p.UID},
		Target:     corev1.ObjectReference{Kind: "Node", Name: k.name},
	}, metav1.CreateOptions{})
}

func (k *Kubelet) leavePending(p *corev1.Pod) {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodScheduled {
			return // it was said already
		}
	}
	patch := fmt.Sprintf(`{"status":{"conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":%q}]}}`, k.opts.Unschedulable)
	_, _ = k.brain.CoreV1().Pods(p.Namespace).Patch(k.context, p.Name, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}, "status")
	k.event(k.brain, p, "default-scheduler", "FailedScheduling", k.opts.Unschedulable)
}

// event records a warning about a pod. Events are told as a courtesy: one that is lost
// fails no test but that which looks for it.
func (k *Kubelet) event(client kubernetes.Interface, p *corev1.Pod, from, reason, message string) {
	now := metav1.NewTime(time.Now())
	_, _ = client.CoreV1().Events(p.Namespace).Create(k.context, &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Namespace: p.Namespace, GenerateName: p.Name + "."},
		InvolvedObject: corev1.ObjectReference{Kind: "Pod", APIVersion: "v1", Namespace: p.Namespace, Name: p.Name, UID: p.UID},
		Type:           corev1.EventTypeWarning, Reason: reason, Message: message,
		Source: corev1.EventSource{Component: from, Host: k.name}, FirstTimestamp: now, LastTimestamp: now, Count: 1,
	}, metav1.CreateOptions{})
}
