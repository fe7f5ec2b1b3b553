package trust

import (
	"context"
	"slices"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/wif"
)

// A new service account is believed to be there when it was seen this often in a row:
// Google's replicas do not learn of it at the same time.
const readsInARow = 3

func (t *Trust) gcpServiceAccount() pipeline.Step {
	made := false // in this run
	return pipeline.Step{
		Check: pipeline.Check{
			ID: GCPServiceAccount, Claims: t.claims(GCPServiceAccount),
			Claim:   t.w.GSA + " exists and is enabled",
			Thing:   "Google service account " + t.w.GSA,
			Facts:   []pipeline.ID{CKSIssuer, GCPProject},
			Needs:   []pipeline.ID{GCPAPIs},
			Within:  gsaVisible,
			Observe: func(ctx context.Context) (pipeline.Observation, error) { return t.lookAtGSA(ctx, made) },
		},
		Apply: func(ctx context.Context, obs pipeline.Observation) (pipeline.Outcome, error) {
			out, err := t.applyGSA(ctx, obs)
			made = made || out == pipeline.Created
			return out, err
		},
		Keep:   t.keepGSA,
		Remove: t.removeGSA,
	}
}

func (t *Trust) lookAtGSA(ctx context.Context, made bool) (pipeline.Observation, error) {
	reads := 1
	if made {
		reads = readsInARow
	}
	var sa gcp.ServiceAccount
	for range reads {
		var found bool
		var err error
		sa, found, err = t.google.ServiceAccount(ctx, t.facts.project.ID, t.email())
		if err != nil {
			obs, err := t.googleLook(err)
			return unlessThere(obs, err, t.made())
		}
		if !found {
			t.facts.gsa, t.facts.gsaAbsent = gcp.ServiceAccount{}, true
			return t.gsaAbsent(made), nil
		}
	}
	t.facts.gsa, t.facts.gsaAbsent = sa, false
	obs := t.judgeGSA(sa)
	obs.Learned = true
	return obs, nil
}

func (t *Trust) gsaAbsent(made bool) pipeline.Observation {
	obs := pipeline.Observation{Status: pipeline.Absent, Learned: true, Diffs: t.made(), Remedy: t.setupMends("WIF401")}
	if made {
		obs.Pending, obs.Detail = true, "the new service account is not visible everywhere yet"
	}
	return obs
}

func (t *Trust) judgeGSA(sa gcp.ServiceAccount) pipeline.Observation {
	owner := ownerOf(sa.Description)
	if !sa.Disabled {
		return pipeline.Observation{Status: pipeline.Met, Owner: owner}
	}
	return t.refuseTheirs(pipeline.Observation{
		Status: pipeline.Drifted, Owner: owner, Action: mend(owner), Detail: sa.Email + " is disabled",
		Diffs: []pipeline.Diff{{Path: "disabled", Have: "true", Want: "false"}},
		Remedy: remedy("WIF402", "nobody gets a token for a disabled service account",
			gcloud("iam", "service-accounts", "enable", sa.Email, "--project="+t.projectName())),
	})
}

func (t *Trust) applyGSA(ctx context.Context, obs pipeline.Observation) (pipeline.Outcome, error) {
	if obs.Next() == pipeline.ActionCreate {
		_, err := t.google.CreateServiceAccount(ctx, t.facts.project.ID, t.w.GSA, workloadsName, mark(t.facts.issuer))
		return t.created(err)
	}
	return t.changed(outcome(obs.Next()), t.google.EnableServiceAccount(ctx, t.facts.project.ID, t.email()))
}

// keepGSA leaves a service account that somebody else may use.
func (t *Trust) keepGSA(ctx context.Context, _ pipeline.Observation) (string, error) {
	others, err := t.otherUsers(ctx, func(string, string) bool { return true })
	if err != nil || len(others) == 0 {
		return "", err
	}
	return "it is also used by " + someOf(others), nil
}

// otherUsers are the members of the GSA's policy beside our own that are of interest.
func (t *Trust) otherUsers(ctx context.Context, interest func(role, member string) bool) ([]string, error) {
	if t.facts.gsa.Email == "" {
		return nil, nil
	}
	policy, err := t.google.Policy(ctx, gcp.ServiceAccountPolicy(t.facts.project.ID, t.email()))
	if err != nil {
		return nil, t.googleFailed(err)
	}
	var others []string
	for _, b := range policy.Bindings {
		for _, m := range b.Members {
			own := b.Role == workloadIdentityUser && slices.Contains(t.principals(t.w.ServiceAccount).both(), m)
			if interest(b.Role, m) && !own {
				others = append(others, wif.ShortMember(m)+" ("+b.Role+")")
			}
		}
	}
	return others, nil
}

func (t *Trust) removeGSA(ctx context.Context, _ pipeline.Observation) error {
	return t.googleFailed(t.google.DeleteServiceAccount(ctx, t.facts.project.ID, t.email()))
}
