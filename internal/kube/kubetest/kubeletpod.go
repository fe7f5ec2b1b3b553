package kubetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// retry is how long the stand-in waits before it tries again; a kubelet takes longer.
const retry = 200 * time.Millisecond

// see starts a pod that is new here, and ends one that is to be deleted.
func (k *Kubelet) see(p *corev1.Pod) {
	k.mu.Lock()
	defer k.mu.Unlock()
	cancel, known := k.pods[string(p.UID)]
	switch {
	case p.DeletionTimestamp != nil && known:
		cancel()
	case !known && p.Status.Phase == corev1.PodPending:
		ctx, cancel := context.WithCancel(k.context)
		k.pods[string(p.UID)] = cancel
		k.running.Go(func() { k.live(ctx, p) })
	}
}

// live is the life of a pod here. At its end the pod stays as it ended until somebody
// deletes it; then it is gone.
func (k *Kubelet) live(ctx context.Context, p *corev1.Pod) {
	k.run(ctx, p)
	<-ctx.Done()
	now := int64(0)
	_ = k.node.CoreV1().Pods(p.Namespace).Delete(k.context, p.Name, metav1.DeleteOptions{ // refused if the node itself goes
		GracePeriodSeconds: &now, Preconditions: metav1.NewUIDPreconditions(string(p.UID)),
	})
}

func (k *Kubelet) run(ctx context.Context, p *corev1.Pod) {
	dir, err := os.MkdirTemp("", "kubelet-")
	if err != nil {
		k.report(p, corev1.PodFailed, terminated(128, "ContainerCannotRun", err.Error()))
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	k.report(p, corev1.PodPending, waiting("ContainerCreating", ""))
	in, err := k.mount(ctx, p, dir)
	if err != nil {
		return // the pod was deleted before all was there
	}
	programs, ok := k.opts.Images[p.Spec.Containers[0].Image]
	if !ok {
		k.failToPull(ctx, p)
		return
	}
	k.start(ctx, p, in, programs)
}

// failToPull is what a registry's "not found" looks like from the outside.
func (k *Kubelet) failToPull(ctx context.Context, p *corev1.Pod) {
	image := p.Spec.Containers[0].Image
	why := fmt.Sprintf("failed to pull and unpack image %q: failed to resolve reference %q: %s: not found", image, image, image)
	k.report(p, corev1.PodPending, waiting("ErrImagePull", why))
	k.event(k.node, p, "kubelet", "Failed", "Failed to pull image "+fmt.Sprintf("%q", image)+": "+why)
	pause(ctx)
	k.report(p, corev1.PodPending, waiting("ImagePullBackOff", fmt.Sprintf("Back-off pulling image %q: ErrImagePull: %s", image, why)))
}

// start runs the container's command to its end.
func (k *Kubelet) start(ctx context.Context, p *corev1.Pod, in *strings.Replacer, programs string) {
	c := p.Spec.Containers[0]
	argv := slices.Concat(c.Command, c.Args)
	for i := range argv {
		argv[i] = in.Replace(argv[i])
	}
	path := programs + ":/usr/local/bin:/usr/bin:/bin"
	cmd := exec.CommandContext(ctx, find(argv[0], programs), argv[1:]...) //nolint:gosec // a test's own pod
	cmd.Env = append(slices.Clone(k.opts.Env), "PATH="+path)
	for _, e := range c.Env {
		cmd.Env = append(cmd.Env, e.Name+"="+in.Replace(e.Value))
	}
	out := k.outputOf(p.Namespace, p.Name, c.Name)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	k.report(p, corev1.PodRunning, corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.Now()}})
	err := cmd.Run()
	exit, exited := errors.AsType[*exec.ExitError](err)
	switch {
	case ctx.Err() != nil:
	case err == nil:
		k.report(p, corev1.PodSucceeded, terminated(0, "Completed", ""))
	case exited:
		k.report(p, corev1.PodFailed, terminated(exit.ExitCode(), "Error", ""))
	default:
		k.report(p, corev1.PodFailed, terminated(128, "StartError", "failed to create containerd task: "+err.Error()))
	}
}

// find looks for a program in the image first.
func find(name, programs string) string {
	if own := filepath.Join(programs, name); filepath.Base(name) == name {
		if _, err := os.Stat(own); err == nil {
			return own
		}
	}
	return name
}

// report writes the status of the pod, as a node may do for pods that are bound to it.
func (k *Kubelet) report(p *corev1.Pod, phase corev1.PodPhase, state corev1.ContainerState) {
	now := metav1.Now()
	body, err := json.Marshal(map[string]any{"status": corev1.PodStatus{
		Phase: phase, StartTime: &now,
		ContainerStatuses: []corev1.ContainerStatus{{Name: p.Spec.Containers[0].Name, Image: p.Spec.Containers[0].Image, State: state}},
	}})
	if err != nil {
		panic(err) // it is made of the API's own types
	}
	_, _ = k.node.CoreV1().Pods(p.Namespace).Patch(k.context, p.Name, types.StrategicMergePatchType, body, metav1.PatchOptions{}, "status")
}

func waiting(reason, message string) corev1.ContainerState {
	return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
}

func terminated(status int, reason, message string) corev1.ContainerState {
	return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
		ExitCode: int32(status), Reason: reason, Message: message, FinishedAt: metav1.Now(), //nolint:gosec // an exit status fits
	}}
}

// pause waits for another try, unless ctx ends.
func pause(ctx context.Context) {
	t := time.NewTimer(retry)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
