package trust

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// verify --pod runs the pod that wifctl manifest pod prints. All else that verify looks at
// goes the pod's way from outside; this sees what only a pod meets: admission, nodes,
// images, mounts and the network between pods and Google.

const (
	podPrefix = "wifctl-verify-"
	// podTime bounds a run: the image of gcloud is large, and a node may never have had it.
	podTime = 5 * time.Minute
	// podGone is how long the end of the pod is waited for.
	podGone = 10 * time.Second
	// podLongest and podFirst are the pauses between two looks at the pod.
	podFirst, podLongest = 200 * time.Millisecond, 2 * time.Second
)

// What is read of the pod's log.
const (
	logLines = 100
	logBytes = 64 << 10
)

// runsPod is looked at last, and however the rest ended: the pod may say why.
func (t *Trust) runsPod() pipeline.Step {
	return pipeline.Step{Check: pipeline.Check{
		ID: RunPod, Claims: t.claims(RunPod),
		Claim:  "a pod of " + t.w.Namespace + "/" + t.w.ServiceAccount + " reads " + t.w.Bucket,
		Facts:  []pipeline.ID{CKSIssuer, GCPProject},
		Needs:  []pipeline.ID{KubeAccess, KubeNamespace},
		After:  []pipeline.ID{KubeCredentials, Proof},
		Within: t.podTime(), Observe: t.lookAtPod,
	}}
}

func (t *Trust) podTime() time.Duration { return max(podTime, t.cfg.Wait) }

// lookAtPod runs the pod and takes it away again, whatever comes in between.
func (t *Trust) lookAtPod(ctx context.Context) (pipeline.Observation, error) {
	if missing := t.podDenied(); len(missing) > 0 {
		obs := barred(t.mayNot(missing) + ", so no pod is run")
		obs.Remedy = pipeline.Remedy{Run: t.grantRBAC(t.facts.caller, missing)}
		return obs, nil
	}
	p, err := t.startPod(ctx)
	if err != nil {
		return t.podRefused(ctx, err)
	}
	seen, err := t.followPod(ctx, p)
	gone := t.podIsGone(t.removePod(ctx, p.Object), p)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return pipeline.Observation{Findings: gone}, pipeline.ErrInterrupted
	case err != nil:
		obs, err := t.kubeLook(err)
		obs.Findings = gone
		return obs, err
	}
	obs := t.judgePod(ctx, seen)
	obs.Findings = gone
	return obs, nil
}

// podDenied is what we may not do to the pod, of what it takes to leave none behind. To be
// without its log or its events only makes it harder to say what went wrong.
func (t *Trust) podDenied() (missing []kube.Denied) {
	for _, d := range t.facts.denied {
		if d.Resource == "pods" && d.Subresource == "" {
			missing = append(missing, d)
		}
	}
	return missing
}

// startPod creates the pod. An interrupt does not stop it half-way: a pod that may be
// there or not could not be removed.
func (t *Trust) startPod(ctx context.Context) (kube.PodState, error) {
	out, cancel := context.WithTimeout(context.WithoutCancel(ctx), podGone)
	defer cancel()
	name := podPrefix + strings.ToLower(rand.Text()[:8])
	manifest := t.PodManifest(Manifest{Name: name, Image: or(t.cfg.PodImage, DefaultPodImage)})
	p, err := t.kube.RunPod(out, manifest, kube.PodRun{
		Name: name, Owner: t.facts.credentials.Object, Lifetime: t.podTime() + time.Minute,
	})
	switch kube.ReasonOf(err) {
	case kube.Timeout, kube.Canceled, kube.Unreachable, kube.Unavailable:
		// The pod may have been made and only the answer be lost.
		_ = t.removePod(ctx, kube.Object{Namespace: t.w.Namespace, Name: name})
	}
	return p, err
}

// followPod looks at the pod until nothing more will come of it, or the time is up.
func (t *Trust) followPod(ctx context.Context, p kube.PodState) (podSeen, error) {
	began, pause, bound := time.Now(), podFirst, t.podTime()
	out := context.WithoutCancel(ctx) // for what is still read when the time is up
	for seen := (podSeen{PodState: p}); ; {
		now, err := t.seePod(out, p)
		switch {
		case err == nil:
			seen = now
		case !passing(err):
			return seen, err
		}
		seen.after = time.Since(began)
		if seen.settled() || seen.after >= bound || ctx.Err() != nil {
			t.readLog(out, &seen)
			return seen, nil
		}
		pipeline.Tell(ctx, pipeline.Wait{For: seen.now(), Elapsed: seen.after, Bound: bound})
		timer := time.NewTimer(min(pause, bound-seen.after))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
		pause = min(2*pause, podLongest)
	}
}

// passing reports whether a later look may well be answered.
func passing(err error) bool {
	switch kube.ReasonOf(err) {
	case kube.Unavailable, kube.Timeout, kube.Unreachable:
		return true
	default:
		return false
	}
}

// seePod is one look at the pod. What is read when the run was stopped is bounded, too.
func (t *Trust) seePod(ctx context.Context, p kube.PodState) (podSeen, error) {
	ctx, cancel := context.WithTimeout(ctx, podGone)
	defer cancel()
	now, found, err := t.kube.Pod(ctx, p.Object)
	if err != nil || !found {
		return podSeen{PodState: p, vanished: !found}, err
	}
	events, err := t.kube.Warnings(ctx, p.Object)
	if kube.ReasonOf(err) == kube.Forbidden {
		err = nil // the pod's status still says most of it
	}
	return podSeen{PodState: now, events: events}, err
}

func (t *Trust) readLog(ctx context.Context, s *podSeen) {
	if s.Stage == "Pending" || s.vanished {
		return // nothing ran
	}
	ctx, cancel := context.WithTimeout(ctx, podGone)
	defer cancel()
	text, err := t.kube.PodLog(ctx, s.PodState, logLines, logBytes)
	s.log, s.logErr = readable(text), err
}

// removePod deletes the pod, even when the run was stopped, and waits until it is gone.
func (t *Trust) removePod(ctx context.Context, o kube.Object) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), podGone)
	defer cancel()
	err := t.kube.DeletePod(ctx, o)
	if kube.ReasonOf(err) == kube.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	tick := time.NewTicker(podFirst)
	defer tick.Stop()
	stays := &stayingError{}
	for {
		now, found, err := t.kube.Pod(ctx, o)
		if err == nil && !found {
			return nil
		}
		if err == nil {
			stays.held = now.Held
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return stays
		}
	}
}

// stayingError is that of a pod that does not go.
type stayingError struct {
	held []string // by these finalizers
}

func (e *stayingError) Error() string {
	said := fmt.Sprintf("it was asked to go, and is still there after %s", podGone)
	if len(e.held) > 0 {
		said += ", held by " + strings.Join(e.held, ", ")
	}
	return said
}

// podIsGone is what is found of the pod's end.
func (t *Trust) podIsGone(err error, p kube.PodState) []pipeline.Finding {
	if err == nil {
		return []pipeline.Finding{{Code: "WIF658", Verdict: pipeline.Pass}}
	}
	return []pipeline.Finding{{
		Code: "WIF658", Verdict: pipeline.Warn, Detail: p.String() + ": " + err.Error(), Remedy: t.podStays(err, p),
	}}
}

// podStays is what removes a pod that did not go. One whose node died waits for it for ever,
// and kubectl with it, unless it is forced
// (https://kubernetes.io/docs/tasks/run-application/force-delete-stateful-set-pod/).
func (t *Trust) podStays(err error, p kube.PodState) pipeline.Remedy {
	if s, ok := errors.AsType[*stayingError](err); ok && len(s.held) > 0 {
		return remedy("WIF658", "the controllers of these finalizers have not let it go yet; this shows whether they have by now",
			t.kubectl("get", "pod", p.Name, "--namespace="+p.Namespace, "--ignore-not-found", "-o", "yaml"))
	}
	return remedy("WIF658", "often its node has died. The cluster ends the pod by itself, and removes it with its ConfigMap; this removes it now, and does not wait for the node",
		t.kubectl("delete", "pod", p.Name, "--namespace="+p.Namespace, "--ignore-not-found", "--force"))
}
