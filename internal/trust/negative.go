package trust

import (
	"context"
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// otherServiceAccount is the one that must be refused. Every namespace has it.
const otherServiceAccount = "default"

// proveNegative sees that another ServiceAccount of the namespace is refused. It is the
// only proof that the trust is as narrow as it claims. so are what was proved before.
func (t *Trust) proveNegative(ctx context.Context, so ...pipeline.Finding) (pipeline.Observation, error) {
	other := t.w.Namespace + "/" + otherServiceAccount
	if why := t.nobodyToTry(other); why != "" {
		return proved(append(so, untried(why))), nil
	}
	token, found, err := t.mint(ctx, otherServiceAccount)
	if t.purpose == ToVerify && kube.ReasonOf(err) == kube.AdmissionDenied {
		skip := untried(err.Error())
		skip.Remedy = t.refusedByPolicy(ctx, "WIF641", err)
		return proved(append(so, skip)), nil
	}
	if t.purpose == ToVerify && kube.ReasonOf(err) == kube.Forbidden {
		skip := untried(err.Error())
		skip.Remedy = t.kubeRemedy(err)
		return proved(append(so, skip)), nil
	}
	if err != nil {
		obs, err := t.kubeLook(err)
		obs.Findings = so
		return obs, onlyOf("WIF641", err)
	}
	if !found {
		return proved(append(so, untried("there is no "+other+" to be refused"))), nil
	}
	federated, err := t.google.Exchange(ctx, gcp.ExchangeAudience(t.exchangeAudience()), token.Reveal())
	if err == nil {
		_, err = t.google.Impersonate(ctx, federated, t.email(), tokenLife, readOnly)
	}
	switch {
	case err == nil:
		obs := t.letIn(ctx, other)
		obs.Findings = so
		return obs, nil
	case refusal(err):
		return proved(append(so, pass("WIF641", other+" was refused"))), nil
	}
	obs, err := t.googleLook(err)
	obs.Findings = so
	return obs, onlyOf("WIF641", err)
}

// nobodyToTry says why no other ServiceAccount is tried; empty: one is.
func (t *Trust) nobodyToTry(other string) string {
	switch {
	case t.pod != nil:
		return "a pod has no other token than its own"
	case slices.Contains(t.cfg.Skip, "WIF641"):
		return "it was not wanted"
	case t.w.ServiceAccount == otherServiceAccount:
		return "no other ServiceAccount was tried"
	case t.mayImpersonate(otherServiceAccount):
		return other + " has a grant of its own, so nobody was tried"
	}
	return ""
}

// letIn is the end of a proof in which another was not refused. Where no member lets it in, one
// that did may have been removed a moment ago.
func (t *Trust) letIn(ctx context.Context, other string) pipeline.Observation {
	cause, run := t.tooWide(ctx)
	detail := other + " may impersonate " + t.email() + " too"
	if len(run) > 0 {
		return blocked(detail, remedy("WIF641", cause, run...))
	}
	if !t.facts.bindingSeen {
		return blocked(detail, remedy("WIF641", "a member of the GSA's policy, or of the project's, is wider than one ServiceAccount. From here neither can be seen: these show them, and a verify with a Google login that may look names the member",
			t.showPolicies()...))
	}
	obs := blocked(detail, remedy("WIF641", "none of the members that are known to be too wide lets it in. One was removed a moment ago, or a condition, a role of your own or a policy above the project lets it in. This waits for it to be refused, and these show the policies",
		append([]string{t.verifyAgain("--wait", "10m")}, t.showPolicies()...)...))
	if t.asksToWait() {
		obs.Status, obs.Pending = pipeline.Drifted, true
		obs.Detail = "not refused everywhere yet: " + detail
	}
	return obs
}

// showPolicies are the commands that show who may become the GSA.
func (t *Trust) showPolicies() []string {
	return []string{
		gcloud("iam", "service-accounts", "get-iam-policy", t.email(), "--project="+t.projectName()),
		gcloud("projects", "get-iam-policy", t.projectName()),
	}
}

// tooWide are the commands that remove the members by which another is let in, from the GSA's
// policy or the project's. None: there are none to be seen.
func (t *Trust) tooWide(ctx context.Context) (cause string, run []string) {
	for _, b := range t.facts.impersonators.Bindings {
		for _, m := range b.Members {
			if b.Condition == nil && mayBecome(b.Role) && t.matchesOther(m) {
				run = append(run, t.memberCommand(b.Role, m, "remove"))
			}
		}
	}
	if len(run) > 0 {
		return "the GSA's policy names more than one ServiceAccount at once; bind those that need it one by one, and then remove it", run
	}
	project, err := t.google.Policy(ctx, gcp.ProjectPolicy(t.facts.project.ID))
	if err != nil {
		return "", nil
	}
	for _, g := range impersonators(project) {
		if t.matchesOther(g.member) {
			run = append(run, t.projectCommand(g))
		}
	}
	return "the project's policy lets more than one ServiceAccount become every GSA; bind those that need it one by one, and then remove it", run
}

// mayBecome reports whether a role may let its members become a GSA. What a role of the
// customer's own does is not known.
func mayBecome(role string) bool {
	return role == workloadIdentityUser || role == tokenCreator || !strings.HasPrefix(role, "roles/")
}

// matchesOther reports whether a token of the other ServiceAccount is a member. By which names it
// goes at Google, the provider's mapping tells.
func (t *Trust) matchesOther(member string) bool {
	if t.facts.mapping == nil || strings.HasPrefix(member, "all") { // allUsers
		code, _ := wide(member)
		return code != "" && code != "WIF515"
	}
	other := t.assertion().Of(t.w.Namespace, otherServiceAccount)
	return slices.Contains(other.Members(t.poolName(), t.facts.mapping), member)
}

// proved is the Observation of a proof that went well, told in one line.
func proved(so []pipeline.Finding) pipeline.Observation {
	obs := pipeline.Observation{Status: pipeline.Met, Findings: so}
	for _, f := range so {
		switch {
		case f.Detail == "" || f.Verdict == pipeline.Warn:
		case obs.Detail == "":
			obs.Detail = f.Detail
		default:
			obs.Detail += "; " + f.Detail
		}
	}
	return obs
}

func pass(code, detail string) pipeline.Finding {
	return pipeline.Finding{Code: code, Verdict: pipeline.Pass, Detail: detail}
}

func untried(why string) pipeline.Finding {
	return pipeline.Finding{Code: "WIF641", Verdict: pipeline.Skip, Detail: why}
}

// mayImpersonate reports whether somebody gave a ServiceAccount of the namespace, by name
// and nobody else with it, the leave that the workload has.
func (t *Trust) mayImpersonate(account string) bool {
	return slices.ContainsFunc(t.principals(account).both(), func(p string) bool {
		return t.facts.impersonators.Has(workloadIdentityUser, p)
	})
}

// refusal reports whether err is Google saying no, and not Google failing to answer.
func refusal(err error) bool {
	switch gcp.ReasonOf(err) {
	case gcp.PermissionDenied, gcp.ConditionRejected:
		return true
	default:
		return false
	}
}
