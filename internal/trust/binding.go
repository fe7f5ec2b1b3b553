package trust

import (
	"context"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// workloadIdentityUser is the least role that lets a principal become a GSA.
const workloadIdentityUser = "roles/iam.workloadIdentityUser"

func (t *Trust) gcpBinding() pipeline.Step {
	return pipeline.Step{
		Check: pipeline.Check{
			ID: GCPBinding, Code: "WIF511",
			Claim:  t.w.Namespace + "/" + t.w.ServiceAccount + " may impersonate " + t.w.GSA,
			Thing:  "leave of " + t.w.Namespace + "/" + t.w.ServiceAccount + " to impersonate " + t.w.GSA,
			Facts:  []pipeline.ID{CKSIssuer, GCPProject, GCPPool, GCPServiceAccount, KubeCredentials},
			Needs:  []pipeline.ID{KubeCredentials, GCPPool, GCPProvider, GCPServiceAccount},
			Within: policyVisible, Observe: t.lookAtBinding,
		},
		Apply: func(ctx context.Context, obs pipeline.Observation) (pipeline.Outcome, error) {
			return t.addMember(ctx, t.binding(), obs)
		},
		Remove: func(ctx context.Context, _ pipeline.Observation) error { return t.removeMember(ctx, t.binding()) },
	}
}

func (t *Trust) binding() member {
	return member{
		on:    gcp.ServiceAccountPolicy(t.facts.project.ID, t.email()),
		where: "serviceAccounts/" + t.email(), role: workloadIdentityUser, member: t.member(),
	}
}

func (t *Trust) lookAtBinding(ctx context.Context) (pipeline.Observation, error) {
	m := t.binding()
	absent := pipeline.Observation{
		Status: pipeline.Absent,
		Diffs:  []pipeline.Diff{{Path: "bindings[" + m.role + "]", Want: m.member}},
		Remedy: remedy("WIF511", "the GSA's policy does not name the workload", gcloud("iam", "service-accounts", "add-iam-policy-binding",
			t.email(), "--project="+t.projectName(), "--role="+m.role, "--member="+m.member, "--condition=None")),
	}
	if t.facts.gsa.Email == "" {
		return absent, nil // there is no policy before there is a service account
	}
	policy, err := t.google.Policy(ctx, m.on)
	if gcp.ReasonOf(err) == gcp.NotFound {
		return absent, nil
	}
	if err != nil {
		return t.googleLook(err)
	}
	t.facts.impersonators = policy
	if policy.Has(m.role, m.member) {
		ours := t.gsaIsOurs() || t.facts.pool.Name != "" && ownerOf(t.facts.pool.Description) == pipeline.Ours
		return pipeline.Observation{Status: pipeline.Met, Owner: t.memberOwner(m, ours)}, nil
	}
	if others := policy.Members(m.role); len(others) > 0 {
		for i, m := range others {
			others[i] = shortMember(m)
		}
		absent.Detail = "the role is given to " + someOf(others)
	}
	return absent, nil
}
