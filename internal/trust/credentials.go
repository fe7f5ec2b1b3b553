package trust

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// Where a pod finds the two files, as in Google's guide.
//
// https://docs.cloud.google.com/iam/docs/workload-identity-federation-with-kubernetes
const (
	TokenFile      = "/var/run/service-account/token" //nolint:gosec // a path, not a credential
	credentialsKey = "credential-configuration.json"
)

// configMap is the name of the ConfigMap with the credential file.
func (t *Trust) configMap() string { return t.w.ServiceAccount + "-gcp-credentials" }

// CredentialFile is the external_account file of the workload. The project must be known.
func (t *Trust) CredentialFile() []byte { return kube.CredentialFile(t.credentialConfig()) }

func (t *Trust) credentialConfig() kube.CredentialConfig {
	return kube.CredentialConfig{
		Audience:    t.exchangeAudience(),
		TokenFile:   TokenFile,
		Impersonate: t.email(),
		Endpoint:    t.cfg.Endpoint,
	}
}

func (t *Trust) kubeCredentials() pipeline.Step {
	return pipeline.Step{
		Check: pipeline.Check{
			ID: KubeCredentials, Claims: t.claims(KubeCredentials),
			Claim:  "ConfigMap " + t.w.Namespace + "/" + t.configMap() + " is right",
			Thing:  "ConfigMap " + t.w.Namespace + "/" + t.configMap(),
			Facts:  []pipeline.ID{KubeAccess, CKSIssuer, GCPProject},
			Needs:  []pipeline.ID{KubeNamespace},
			Within: objectAccepted, Observe: t.lookAtCredentials,
		},
		Apply:  t.applyCredentials,
		Remove: t.removeCredentials,
	}
}

func (t *Trust) lookAtCredentials(ctx context.Context) (pipeline.Observation, error) {
	m, found, err := t.kube.ConfigMap(ctx, t.w.Namespace, t.configMap())
	if err != nil {
		return t.kubeLook(err)
	}
	t.facts.credentials = m
	if !found {
		wanted := []pipeline.Diff{{Path: "data[" + credentialsKey + "]", Want: string(t.CredentialFile())}, labelled()}
		return pipeline.Observation{Status: pipeline.Absent, Learned: true, Diffs: wanted, Remedy: t.setupMends("WIF411")}, nil
	}
	if m.Deleting {
		return t.leaving("WIF411", m.Object), nil
	}
	owner := objectOwner(m.Object)
	want := string(t.CredentialFile())
	if m.Data[credentialsKey] == want {
		return pipeline.Observation{Status: pipeline.Met, Owner: owner}, nil
	}
	fault := fileFault([]byte(m.Data[credentialsKey]), []byte(want))
	if fault == "" && (owner != pipeline.Ours || locked(m)) { // it says the same in other words
		return pipeline.Observation{Status: pipeline.Met, Owner: owner}, nil
	}
	if fault == "" && t.purpose == ToVerify {
		return pipeline.Observation{Status: pipeline.Met, Owner: owner, Findings: []pipeline.Finding{warn("WIF412",
			"its "+credentialsKey+" says the same in other words", remedy("WIF412", "somebody edited it; setup writes it anew", t.wifctl("setup")))}}, nil
	}
	obs := t.refuseTheirs(pipeline.Observation{
		Status: pipeline.Drifted, Learned: true, Owner: owner, Action: mend(owner), Detail: or(fault, "its "+credentialsKey+" differs"),
		Diffs:  []pipeline.Diff{{Path: "data[" + credentialsKey + "]", Have: m.Data[credentialsKey], Want: want}},
		Remedy: remedy("WIF412", "pods do what this file says", t.wifctl("setup")),
	})
	if owner != pipeline.Ours {
		obs.Remedy.Run = []string{t.wifctl("setup", "--adopt")}
	}
	return t.unlockFirst(obs, m), nil
}

// unlockFirst is for a ConfigMap that setup can't write as it is: somebody has to make it one
// that can be written, and keep the record of what setup added.
func (t *Trust) unlockFirst(obs pipeline.Observation, m kube.ConfigMap) pipeline.Observation {
	name, in := t.configMap(), "--namespace="+t.w.Namespace
	switch {
	case m.Immutable:
		obs.Detail += "; it is immutable"
		obs.Remedy.Cause = "pods do what this file says, and an immutable ConfigMap can only be made anew: this does, and then setup writes the file"
		obs.Remedy.Run = slices.Concat([]string{t.kubectl("get", "configmap", name, in, "-o", "yaml") +
			" | sed '/^immutable: true$/d' | " + t.kubectl("replace", "--force", "-f", "-")}, obs.Remedy.Run)
	case slices.Contains(m.Binary, credentialsKey):
		obs.Detail += "; it is in binaryData"
		obs.Remedy.Cause = "pods do what this file says, and setup writes it as text: what is in its place has to go first"
		obs.Remedy.Run = slices.Concat([]string{t.kubectl("patch", "configmap", name, in, "--type=merge",
			`--patch={"binaryData":{"`+credentialsKey+`":null}}`)}, obs.Remedy.Run)
	default:
		return obs
	}
	if t.purpose != ToVerify {
		obs.Status, obs.Action = pipeline.Blocked, pipeline.ActionRefuse
	}
	return obs
}

// locked reports whether setup can't write the file of a ConfigMap as it is.
func locked(m kube.ConfigMap) bool { return m.Immutable || slices.Contains(m.Binary, credentialsKey) }

func (t *Trust) applyCredentials(ctx context.Context, obs pipeline.Observation) (pipeline.Outcome, error) {
	t.record.mu.Lock()
	defer t.record.mu.Unlock()
	m, err := t.applyConfigMap(ctx, t.record.entries(), obs.Status == pipeline.Drifted)
	if e, ok := errors.AsType[*kube.Error](err); ok && (e.Reason == kube.Terminating || e.Reason == kube.NotFound || e.Reason == kube.Conflict) {
		return "", pipeline.Pending(err)
	}
	if err != nil {
		return "", t.changeFailed(ctx, "WIF411", err)
	}
	t.facts.credentials = m
	return outcome(obs.Next()), nil
}

// applyConfigMap says all that we want of the ConfigMap: the file, and the record. The
// label goes on what we make and on nothing else.
func (t *Trust) applyConfigMap(ctx context.Context, entries []string, force bool) (kube.ConfigMap, error) {
	seen := t.facts.credentials
	want := kube.ConfigMapApply{
		Namespace: t.w.Namespace, Name: t.configMap(),
		Data:            map[string]string{credentialsKey: string(t.CredentialFile())},
		Managed:         seen.Name == "" || seen.Managed,
		UID:             seen.UID,
		ResourceVersion: seen.ResourceVersion,
		Force:           force,
	}
	if len(entries) > 0 {
		want.Annotations = map[string]string{addedAnnotation: strings.Join(entries, "\n")}
	}
	return t.kube.ApplyConfigMap(ctx, want)
}

func (t *Trust) removeCredentials(ctx context.Context, _ pipeline.Observation) error {
	m, found, err := t.kube.ConfigMap(ctx, t.w.Namespace, t.configMap())
	if err != nil || !found {
		return t.kubeFailed(err)
	}
	return t.unlessGone(t.kube.DeleteConfigMap(ctx, m.Object))
}
