package trust

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// judgePod is what the pod's end says about the trust.
func (t *Trust) judgePod(ctx context.Context, s podSeen) pipeline.Observation {
	if s.succeeded() {
		return pipeline.Observation{Status: pipeline.Met, Detail: "it ran on " + s.Node, Said: s.log}
	}
	detail, mend := t.podTrouble(ctx, s)
	if s.logErr != nil {
		detail += "; its log could not be read: " + s.logErr.Error()
	}
	obs := blocked(detail, mend)
	obs.Said = s.log
	if t.asksToWait() && slices.Contains(onTheirWay, mend.Code) {
		obs.Status, obs.Pending = pipeline.Drifted, true
	}
	return obs
}

// onTheirWay are refusals that a change just made brings along until it is enforced.
var onTheirWay = []string{"WIF662", "WIF663", "WIF664"}

// podTrouble tells what kept the pod from its end, or what that end was.
func (t *Trust) podTrouble(ctx context.Context, s podSeen) (string, pipeline.Remedy) {
	switch {
	case s.vanished:
		return "somebody deleted the pod while it was followed", remedy("WIF656", "it can be run again", t.podAgain())
	case slices.Contains(imageTrouble, s.Waiting):
		return s.Waiting + ": " + oneLine(s.Message), t.imageRemedy(s)
	case slices.Contains(startTrouble, s.Waiting):
		return s.Waiting + ": " + oneLine(s.Message), remedy("WIF656", "the node can't start the container; this runs the standard image", t.podAgain("--image", DefaultPodImage))
	case s.Init != "":
		return s.now(), remedy("WIF656", "the pod has no init container as wifctl makes it: something in the cluster adds this one, and its owner can say why it fails. This shows what changes pods",
			t.webhooks())
	case s.Stage == "Pending" && s.Node == "":
		return s.now() + ", after " + pipeline.Spell(s.after), t.scheduleRemedy(s)
	case s.Stage == "Pending" && s.told("FailedMount") != "":
		return s.told("FailedMount"), t.mountRemedy(ctx, s.told("FailedMount"))
	case s.Stage == "Pending" && s.told("FailedCreatePodSandBox") != "":
		return s.now() + ", after " + pipeline.Spell(s.after), remedy("WIF656", "the node can't make what the pod runs in: its network or its container runtime is not in order. This shows the node, and runs the pod again",
			t.kubectl("describe", "node", s.Node), t.podAgain())
	case s.Stage == "Pending" && strings.HasPrefix(s.Waiting, "ErrImage"):
		return s.Waiting + ": " + oneLine(s.Message), t.imageRemedy(s)
	case s.Stage == "Pending":
		return s.now() + ", after " + pipeline.Spell(s.after), remedy("WIF656", "the node takes its time; --wait gives it more", t.podAgain("--wait", "15m"))
	}
	return t.endTrouble(s)
}

// endTrouble tells of a pod whose program was started.
func (t *Trust) endTrouble(s podSeen) (string, pipeline.Remedy) {
	if detail, r, known := t.readEnd(s.log); known {
		return detail, r
	}
	switch {
	case s.Ended == "OOMKilled":
		return "its program took more memory than it may have (OOMKilled)", remedy("WIF656", "that is 1Gi, if nothing in the cluster gives it less; this shows the namespace's limits, and runs the standard image",
			t.kubectl("describe", "namespace", t.w.Namespace), t.podAgain("--image", DefaultPodImage))
	case s.Reason != "" && s.Reason != "DeadlineExceeded":
		return s.Reason + ": " + oneLine(s.Message), remedy("WIF656", "the cluster ended the pod; it can be run again", t.podAgain())
	case s.Stage == "Running" && s.logErr != nil:
		return "the cluster has it still running after " + pipeline.Spell(s.after), remedy("WIF657", "its node does not answer, so nobody can see what the program does. This shows the nodes, and runs the pod again",
			t.kubectl("get", "nodes", "-o", "wide"), t.podAgain())
	case s.Stage == "Running" || s.Reason == "DeadlineExceeded":
		return "it was still running after " + pipeline.Spell(s.after), remedy("WIF657", "its program hangs: often a network that drops packets to Google instead of refusing them",
			t.kubectl("get", "networkpolicies", "--namespace="+t.w.Namespace))
	case s.ExitCode == 126 || s.ExitCode == 127 || s.Ended == "StartError" || s.Ended == "ContainerCannotRun":
		return fmt.Sprintf("its program could not be started (exit status %d) %s", s.ExitCode, oneLine(s.Message)),
			remedy("WIF656", "the image must have sh and gcloud", t.podAgain("--image", DefaultPodImage))
	}
	return fmt.Sprintf("its program ended with exit status %d", s.ExitCode), remedy("WIF657", "its log says why", t.podAgain())
}

// podAgain is the command that runs the pod once more.
func (t *Trust) podAgain(extra ...string) string {
	if t.cfg.PodImage != "" && !slices.Contains(extra, "--image") {
		extra = append(extra, "--image", t.cfg.PodImage)
	}
	return t.wifctl("verify", append([]string{"--pod"}, extra...)...)
}

func (t *Trust) imageRemedy(s podSeen) pipeline.Remedy {
	if s.Image == DefaultPodImage {
		return remedy("WIF655", "the nodes can't pull it from gcr.io: give the name of a copy that they can pull with --image")
	}
	return remedy("WIF655", "there is no such image, or the nodes may not pull it; this runs the standard one", t.podAgain("--image", DefaultPodImage))
}

// scheduleRemedy is what to do about a pod that no node takes.
func (t *Trust) scheduleRemedy(s podSeen) pipeline.Remedy {
	switch {
	case s.Unschedulable == "":
		return remedy("WIF653", "the cluster's scheduler is not at work; whoever runs the control plane can mend that. This shows when it last was",
			t.kubectl("get", "lease", "kube-scheduler", "--namespace=kube-system", "-o", "yaml"))
	case strings.Contains(s.Unschedulable, "scheduling gates"):
		return remedy("WIF653", "something in the cluster holds new pods back by a scheduling gate, as a queue does; its owner can let this namespace's through. This shows what changes pods",
			t.webhooks())
	}
	return remedy("WIF653", "the pod asks for 100m of CPU, 256Mi of memory and nothing else, and tolerates no taint; this shows the nodes' taints and what is left of them",
		t.kubectl("describe", "nodes"))
}

func (t *Trust) mountRemedy(ctx context.Context, told string) pipeline.Remedy {
	missing := missingObject.FindString(told)
	switch {
	case kube.RefusalIn(told) != kube.Refusal{}:
		return t.refusedByPolicy(ctx, "WIF654", &kube.Error{Message: told})
	case strings.HasPrefix(missing, "serviceaccount"):
		return remedy("WIF651", "the ServiceAccount is gone; setup makes it", t.wifctl("setup"))
	case strings.Contains(told, "configmap"):
		return remedy("WIF654", "the ConfigMap with the credential file is not there; setup makes it", t.wifctl("setup"))
	}
	return remedy("WIF654", "the node can't make the pod's volumes; this shows what it says", t.kubectl("get", "events", "--namespace="+t.w.Namespace))
}

// podRefused is the Observation of a pod that the API server did not take.
func (t *Trust) podRefused(ctx context.Context, err error) (pipeline.Observation, error) {
	none := []pipeline.Finding{{Code: "WIF658", Verdict: pipeline.Skip, Detail: "there was none"}}
	e, _ := errors.AsType[*kube.Error](err)
	detail := oneLine(err.Error())
	if e != nil {
		detail = oneLine(e.Message)
	}
	var obs pipeline.Observation
	switch {
	case kube.IsMissingServiceAccount(err):
		obs = blocked(detail, remedy("WIF651", "a pod won't start without its ServiceAccount; setup makes it", t.wifctl("setup")))
	case kube.ReasonOf(err) == kube.AdmissionDenied, kube.ReasonOf(err) == kube.Invalid:
		obs = blocked(detail, t.refusedByPolicy(ctx, "WIF652", err))
	case kube.ReasonOf(err) == kube.Terminating:
		obs = blocked(detail, remedy("WIF652", "the namespace is being deleted", t.kubectl("describe", "namespace", t.w.Namespace)))
	default:
		obs, err = t.kubeLook(err)
		obs.Findings = none
		return obs, err
	}
	obs.Findings = none
	return obs, nil
}
