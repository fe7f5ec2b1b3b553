package kube

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
)

const kindPod = "Pod"

var missingServiceAccount = regexp.MustCompile(`error looking up service account .* not found`)

// PodState is a pod with one container as it was at one look.
type PodState struct {
	Object
	Stage         string // "Pending", "Running", "Succeeded", "Failed"
	Node          string // empty: not scheduled
	Unschedulable string // why the scheduler finds no node, in its words
	Container     string
	Image         string

	Init     string   // what keeps an init container from its end: "istio-init: CrashLoopBackOff"
	Waiting  string   // why the container does not run yet: "ImagePullBackOff"
	ExitCode int      // of a container that has ended
	Ended    string   // "Completed", "Error", "OOMKilled"; empty: it has not ended
	Held     []string // by these finalizers, whose controllers have to let it go
	Reason   string   // why the pod failed apart from its container: "Evicted"
	Message  string   // in the cluster's words
}

// PodRun is how a pod is run that nobody will keep.
type PodRun struct {
	Name     string        // which nobody else has
	Lifetime time.Duration // after which the cluster ends the pod, should nobody else
	Owner    Object        // with which the pod goes; its zero value: nobody
}

// RunPod creates a pod of a manifest in YAML, under another name. It carries our label.
func (c *Client) RunPod(ctx context.Context, manifest []byte, run PodRun) (PodState, error) {
	var p corev1.Pod
	if err := yaml.UnmarshalStrict(manifest, &p); err != nil {
		return PodState{}, fmt.Errorf("read the pod's manifest: %w", err)
	}
	p.ObjectMeta = newMeta(p.Namespace, run.Name, nil)
	if o := run.Owner; o.UID != "" {
		p.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: o.Kind, Name: o.Name, UID: types.UID(o.UID)}}
	}
	if seconds := int64(run.Lifetime.Seconds()); seconds > 0 {
		p.Spec.ActiveDeadlineSeconds = &seconds
	}
	made, err := c.core.Pods(p.Namespace).Create(ctx, &p, metav1.CreateOptions{FieldManager: FieldManager})
	if err != nil {
		return PodState{}, fail("create", describe(kindPod, p.Namespace, p.Name), Access{Verb: "create", Resource: "pods", Namespace: p.Namespace}, err)
	}
	return podStateOf(made), nil
}

// Pod looks for a pod. One of the same name with another UID is not it.
func (c *Client) Pod(ctx context.Context, o Object) (PodState, bool, error) {
	p, err := c.core.Pods(o.Namespace).Get(ctx, o.Name, metav1.GetOptions{})
	if err := failPod("get", "", o, err); err != nil {
		return PodState{}, false, unlessAbsent(err)
	}
	if string(p.UID) != o.UID {
		return PodState{}, false, nil
	}
	return podStateOf(p), true, nil
}

// DeletePod deletes the pod that o describes, within a second if it runs. One that is gone
// already is refused with NotFound, another one of its name with Conflict.
func (c *Client) DeletePod(ctx context.Context, o Object) error {
	options, grace := exactly(o, false), int64(1)
	options.GracePeriodSeconds = &grace
	return failPod("delete", "", o, c.core.Pods(o.Namespace).Delete(ctx, o.Name, options))
}

// PodLog is the end of what the pod's container wrote, at most so many lines and bytes.
func (c *Client) PodLog(ctx context.Context, p PodState, lines, bytes int64) (string, error) {
	raw, err := c.core.Pods(p.Namespace).GetLogs(p.Name, &corev1.PodLogOptions{
		Container: p.Container, TailLines: &lines, LimitBytes: &bytes,
	}).DoRaw(ctx)
	if err != nil {
		return "", failPod("get", "log", p.Object, err) // what came is the API server's refusal, and no log
	}
	return string(raw), nil
}

// Event is what a part of the cluster said about an object.
type Event struct {
	Reason  string // "FailedMount"
	Message string
}

// Warnings are the events about an object that are not as they should be, oldest first.
func (c *Client) Warnings(ctx context.Context, o Object) ([]Event, error) {
	list, err := c.core.Events(o.Namespace).List(ctx, metav1.ListOptions{
		FieldSelector: "type=Warning,involvedObject.uid=" + o.UID, Limit: page,
	})
	if err != nil {
		return nil, fail("list", "events of namespace "+o.Namespace, Access{Verb: "list", Resource: "events", Namespace: o.Namespace}, err)
	}
	slices.SortStableFunc(list.Items, func(a, b corev1.Event) int { return a.CreationTimestamp.Compare(b.CreationTimestamp.Time) })
	events := make([]Event, len(list.Items))
	for i, e := range list.Items {
		events[i] = Event{Reason: e.Reason, Message: e.Message}
	}
	return events, nil
}

func failPod(verb, subresource string, o Object, err error) error {
	a := Access{Verb: verb, Resource: "pods", Subresource: subresource, Namespace: o.Namespace, Name: o.Name}
	object := describe(kindPod, o.Namespace, o.Name)
	if subresource != "" {
		object = subresource + " of " + object
	}
	return fail(verb, object, a, err)
}

func podStateOf(p *corev1.Pod) PodState {
	s := PodState{
		Object: objectOf(kindPod, p.ObjectMeta), Stage: string(p.Status.Phase), Node: p.Spec.NodeName,
		Held: p.Finalizers, Reason: p.Status.Reason, Message: p.Status.Message, Container: p.Spec.Containers[0].Name, Image: p.Spec.Containers[0].Image,
	}
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			s.Unschedulable = or(c.Message, c.Reason)
		}
	}
	for _, c := range p.Status.InitContainerStatuses {
		s.Init = or(s.Init, initTrouble(c))
	}
	for _, c := range p.Status.ContainerStatuses {
		if c.Name != s.Container {
			continue
		}
		if w := c.State.Waiting; w != nil {
			s.Waiting, s.Message = w.Reason, or(w.Message, s.Message)
		}
		if e := c.State.Terminated; e != nil {
			s.Ended, s.ExitCode, s.Message = or(e.Reason, "ended"), int(e.ExitCode), or(s.Message, e.Message)
		}
	}
	return s
}

// initTrouble says why an init container does not come to its end; empty: it may well.
func initTrouble(c corev1.ContainerStatus) string {
	w, e := c.State.Waiting, c.State.Terminated
	switch {
	case w != nil && w.Reason != "" && w.Reason != "PodInitializing" && w.Reason != "ContainerCreating":
		return strings.TrimSuffix(c.Name+": "+w.Reason+": "+w.Message, ": ")
	case e != nil && e.ExitCode != 0:
		return fmt.Sprintf("%s: it ended with exit status %d", c.Name, e.ExitCode)
	}
	return ""
}

// IsMissingServiceAccount reports whether a pod was refused because its ServiceAccount is
// not there. It is admission that says so, in words alone
// (k8s.io/kubernetes/plugin/pkg/admission/serviceaccount).
func IsMissingServiceAccount(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Reason == AdmissionDenied && missingServiceAccount.MatchString(e.Message)
}
