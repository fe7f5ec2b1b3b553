package trust

import (
	"context"
	"slices"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/wif"
)

// workloadIdentityUser is the least role that lets a principal become a GSA.
const workloadIdentityUser = "roles/iam.workloadIdentityUser"

// tokenCreator lets its members become a GSA, too: it is meant for people.
const tokenCreator = "roles/iam.serviceAccountTokenCreator"

func (t *Trust) gcpBinding() pipeline.Step {
	return pipeline.Step{
		Check: pipeline.Check{
			ID: GCPBinding, Claims: t.claims(GCPBinding),
			Claim:  t.w.Namespace + "/" + t.w.ServiceAccount + " may impersonate " + t.w.GSA,
			Thing:  "the right of " + t.w.Namespace + "/" + t.w.ServiceAccount + " to impersonate " + t.w.GSA,
			Facts:  []pipeline.ID{CKSIssuer, GCPProject, GCPPool, GCPServiceAccount, KubeCredentials},
			Needs:  []pipeline.ID{KubeCredentials, GCPPool, GCPProvider, GCPServiceAccount},
			Within: policyVisible, Observe: t.lookAtBinding,
		},
		Apply: func(ctx context.Context, _ pipeline.Observation) (pipeline.Outcome, error) {
			return t.addMember(ctx, t.binding())
		},
		Remove: t.removeBinding,
	}
}

func (t *Trust) binding() member { return t.bindingOf(t.member()) }

func (t *Trust) bindingOf(principal string) member {
	return member{
		on:    gcp.ServiceAccountPolicy(t.facts.project.ID, t.email()),
		where: "serviceAccounts/" + t.email(), role: workloadIdentityUser, member: principal,
		noun: []string{"iam", "service-accounts"}, name: t.email(),
		flags: []string{"--project=" + t.projectName(), "--condition=None"},
	}
}

// principals are a ServiceAccount in both forms in which a setup may have bound it.
type principals struct{ workload, subject string }

func (t *Trust) principals(account string) principals {
	number, pool, ns := t.facts.project.Number, t.cfg.Pool, t.w.Namespace
	return principals{
		workload: wif.WorkloadMember(number, pool, t.facts.cluster, ns, account),
		subject:  wif.SubjectMember(number, pool, ns, account),
	}
}

func (p principals) both() []string { return []string{p.workload, p.subject} }

// bound are the bindings of the workload, in either form, that a policy holds.
func (t *Trust) bound(policy gcp.Policy) (all []member) {
	for _, p := range t.principals(t.w.ServiceAccount).both() {
		if m := t.bindingOf(p); policy.Has(m.role, m.member) {
			all = append(all, m)
		}
	}
	return all
}

// bindingOwner says whose a binding is: it hangs on the GSA and names the pool.
func (t *Trust) bindingOwner(m member) pipeline.Owner {
	poolIsOurs := t.facts.pool.Name != "" && ownerOf(t.facts.pool.Description) == pipeline.Ours
	return t.memberOwner(m, t.gsaIsOurs() || poolIsOurs)
}

// removeBinding takes away the workload's leave in every form that setup gave it.
func (t *Trust) removeBinding(ctx context.Context, _ pipeline.Observation) error {
	for _, m := range t.bound(t.facts.impersonators) {
		if t.bindingOwner(m) != pipeline.Ours {
			continue
		}
		if err := t.removeMember(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (t *Trust) lookAtBinding(ctx context.Context) (pipeline.Observation, error) {
	m := t.binding()
	absent := pipeline.Observation{
		Status: pipeline.Absent, Learned: true,
		Diffs:  []pipeline.Diff{{Path: bindingPath(m), Want: m.member}},
		Remedy: remedy("WIF511", "the GSA's policy does not name the workload", m.command("add")),
	}
	if t.facts.gsaAbsent {
		return absent, nil // there is no policy before there is a service account
	}
	policy, err := t.google.Policy(ctx, m.on)
	if gcp.ReasonOf(err) == gcp.NotFound {
		return absent, nil
	}
	if err != nil {
		obs, err := t.googleLook(err)
		return unlessThere(obs, err, absent.Diffs)
	}
	t.facts.impersonators, t.facts.bindingSeen = policy, true
	if bound := t.bound(policy); t.purpose == ToTearDown && len(bound) > 0 {
		obs := pipeline.Observation{Status: pipeline.Met, Owner: pipeline.Theirs}
		ours := slices.DeleteFunc(bound, func(m member) bool { return t.bindingOwner(m) != pipeline.Ours })
		if len(ours) > 0 {
			obs.Owner, obs.Diffs = pipeline.Ours, without(ours)
		}
		return obs, nil
	}
	warnings := t.lintMembers(policy)
	if policy.Has(m.role, m.member) {
		return pipeline.Observation{Status: pipeline.Met, Owner: t.bindingOwner(m), Findings: warnings}, nil
	}
	absent.Detail, absent.Findings = t.nearMiss(policy, m), warnings
	if onlyIf(policy, m) != "" {
		absent.Remedy.Cause = conditional
	}
	return absent, nil
}

// nearMiss says what the policy has that comes close to the member.
func (t *Trust) nearMiss(policy gcp.Policy, m member) string {
	if condition := onlyIf(policy, m); condition != "" {
		return condition
	}
	if forms := t.principals(t.w.ServiceAccount); m.member == forms.workload && policy.Has(m.role, forms.subject) {
		return "it is named as a subject, without its cluster: --principal subject takes that"
	}
	for _, b := range policy.Bindings {
		if b.Role != m.role && slices.Contains(b.Members, m.member) {
			return "it is named with another role, " + b.Role + ", wanted " + m.role
		}
	}
	return wif.Nearest(policy.Members(m.role), m.member)
}

// conditional is the cause where onlyIf says something.
const conditional = "wifctl does not evaluate the condition, which may have come to its end; this gives the role without one"

// onlyIf says that a policy has the member under a condition, if that is all it has of it.
func onlyIf(policy gcp.Policy, m member) string {
	for _, b := range policy.Bindings {
		if b.Role == m.role && b.Condition != nil && slices.Contains(b.Members, m.member) {
			return "it is there under a condition only: " + b.Condition.Expression
		}
	}
	return ""
}
