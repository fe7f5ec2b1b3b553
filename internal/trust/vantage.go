package trust

import (
	"context"
	"os"
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/wif"
)

// A verify looks from where it stands: with a kubeconfig and a Google login, with one of
// the two, or from inside a pod with nothing but its token. The list is the same. What
// can't be seen from there is skipped with the reason, and the proof needs none of it.

// fromHere is the list as it can be looked along from where we stand.
func (t *Trust) fromHere(all []pipeline.Step) []pipeline.Step {
	for i, s := range all {
		switch {
		case t.pod != nil && s.ID == GCPProject:
			all[i].Observe = t.lookAtPodsProject
		case t.pod != nil && s.ID == KubeCredentials:
			all[i].Observe = t.lookAtPodsFile
		case t.pod != nil && s.ID != CKSIssuer && s.ID != Proof:
			all[i].Observe = excused
		case t.pod == nil && slices.Contains(clusterSteps, s.ID):
			all[i].Observe = t.ifCluster(s.Observe)
		}
	}
	return all
}

// clusterSteps are looks at the cluster, or ask it for a token, which say nothing new where it does not answer.
var clusterSteps = []pipeline.ID{KubeAccess, KubeNamespace, KubeServiceAccount, KubeCredentials, Proof, RunPod}

func excused(context.Context) (pipeline.Observation, error) {
	return pipeline.Observation{
		Status: pipeline.Unknown, Learned: true, Barred: true, Excused: true,
		Detail: "not from inside a pod: it has nothing but its token",
	}, nil
}

func (t *Trust) ifCluster(look func(context.Context) (pipeline.Observation, error)) func(context.Context) (pipeline.Observation, error) {
	return func(ctx context.Context) (pipeline.Observation, error) {
		switch {
		case t.clusterless && t.kube == nil:
			return barred("there is no kubeconfig, and no cluster to ask"), nil
		case t.clusterless:
			return barred("needs " + string(KubeAccess)), nil
		}
		return look(ctx)
	}
}

// barred is an Observation of what can't be looked at for want of access.
func barred(why string) pipeline.Observation {
	return pipeline.Observation{Status: pipeline.Unknown, Learned: true, Barred: true, Detail: why}
}

// lookWithoutLogin learns the project's names where nobody is logged in at Google: those of
// the credential file in the cluster, else a number that was given as such.
func (t *Trust) lookWithoutLogin(ctx context.Context, err error) (pipeline.Observation, error) {
	obs := barred("there is no Google login")
	obs.Remedy = t.googleRemedy(err)
	obs.Remedy.Code, obs.Remedy.Cause = "", "" // no claim is untrue: we can't ask
	file, found := t.credentialsSeen(ctx)
	if t.facts.project = projectOf(file); t.facts.project.Number == "" && isNumber(t.cfg.Project) {
		t.facts.project.Number = t.cfg.Project
	}
	obs.Learned = found && t.facts.project.ID != "" && t.facts.project.Number != ""
	return obs, nil
}

// credentialsSeen is the credential file of the ConfigMap.
func (t *Trust) credentialsSeen(ctx context.Context) (kube.CredentialConfig, bool) {
	if t.clusterless {
		return kube.CredentialConfig{}, false
	}
	m, found, err := t.kube.ConfigMap(ctx, t.w.Namespace, t.configMap())
	if err != nil || !found {
		return kube.CredentialConfig{}, false
	}
	file, err := kube.ParseCredentialFile([]byte(m.Data[credentialsKey]))
	return file, err == nil
}

// projectOf reads a project's names out of a credential file: the number of the audience,
// and the id of the GSA's email.
func projectOf(file kube.CredentialConfig) gcp.Project {
	number, _, _ := strings.Cut(strings.TrimPrefix(file.Audience, wif.Host+"projects/"), "/")
	_, domain, _ := strings.Cut(file.Impersonate, "@")
	id, ours := strings.CutSuffix(domain, wif.GSADomain)
	if !isNumber(number) || !ours {
		return gcp.Project{}
	}
	if name, scope, scoped := strings.Cut(id, "."); scoped {
		id = scope + ":" + name
	}
	return gcp.Project{ID: id, Number: number, State: "ACTIVE"}
}

// pod is what a verify inside a pod has to go by.
type pod struct {
	token  kube.Token
	claims kube.Claims
	file   kube.CredentialConfig
}

// NewInPod gives the trust of the pod that we are in: its names come from its token and its
// credential file, and it is verified with nothing else.
func NewInPod(cfg Config, token kube.Token, file kube.CredentialConfig, c Clients) (*Trust, error) {
	claims, err := token.Claims()
	if err != nil {
		return nil, &InputError{Flag: "--token-file", Value: cfg.Pod.TokenFile, Rule: err.Error()}
	}
	project, pool, provider := projectOf(file), "", ""
	if rest, ok := strings.CutPrefix(file.Audience, wif.Host+wif.PoolName(project.Number, "")); ok {
		pool, provider, _ = strings.Cut(rest, "/providers/")
	}
	if project.ID == "" || pool == "" || provider == "" {
		return nil, &InputError{Flag: "--cred-file", Value: cfg.Pod.CredentialFile,
			Rule: "its audience names no provider, or it impersonates no Google service account"}
	}
	w := &cfg.Workloads[0]
	w.Namespace, w.ServiceAccount = claims.Namespace, claims.ServiceAccount
	w.GSA, _, _ = strings.Cut(file.Impersonate, "@")
	cfg.Project, cfg.Pool, cfg.Provider = project.ID, pool, provider
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	t := New(cfg, ToVerify, c)
	t.pod, t.clusterless = &pod{token: token, claims: claims, file: file}, true
	return t, nil
}

// lookAtPodsProject learns the project from the pod's credential file.
func (t *Trust) lookAtPodsProject(ctx context.Context) (pipeline.Observation, error) {
	t.facts.project = projectOf(t.pod.file)
	return excused(ctx)
}

// lookAtPodsFile holds the pod's credential file against what it should say. Whoever can
// change it can send the pod's token anywhere, so the hosts count.
func (t *Trust) lookAtPodsFile(context.Context) (pipeline.Observation, error) {
	want := t.credentialConfig()
	want.TokenFile = t.pod.file.TokenFile
	obs := pipeline.Observation{Status: pipeline.Met, Learned: true, Findings: []pipeline.Finding{{
		Code: "WIF411", Verdict: pipeline.Skip, Detail: "a pod sees the file, and not the ConfigMap",
	}}}
	if t.pod.file == want {
		return t.readsToken(obs), nil
	}
	obs.Status = pipeline.Blocked
	obs.Detail = t.cfg.Pod.CredentialFile + ": " + leadsElsewhere(t.pod.file, want)
	obs.Remedy = remedy("WIF412", "pods do what this file says", t.wifctl("setup"))
	return obs, nil
}

// readsToken sees that the credential file looks for the token where it is: programs in the
// pod know of no other.
func (t *Trust) readsToken(obs pipeline.Observation) pipeline.Observation {
	looks, err := os.Stat(t.pod.file.TokenFile)
	given, _ := os.Stat(t.cfg.Pod.TokenFile) // it was read a moment ago
	if err == nil && os.SameFile(looks, given) {
		return obs
	}
	detail := t.cfg.Pod.CredentialFile + ": it looks for the token in " + t.pod.file.TokenFile
	r := remedy("WIF412", "programs in the pod look for the token there; outside of the pod, this prints one that has it there", t.wifctl("manifest pod"))
	if err == nil {
		obs.Findings = append(obs.Findings, warn("WIF412", detail+", and not in "+t.cfg.Pod.TokenFile, r))
		return obs
	}
	obs.Status, obs.Detail, obs.Remedy = pipeline.Blocked, detail+", where there is none", r
	return obs
}
