package trust

import (
	"context"
	"strings"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/wif"
)

// gcpLint looks at what surrounds the trust: it works without, and is weaker than it seems.
//
// https://docs.cloud.google.com/iam/docs/best-practices-for-using-workload-identity-federation
func (t *Trust) gcpLint() pipeline.Step {
	return pipeline.Step{Check: pipeline.Check{
		ID: Lint, Claims: t.claims(Lint),
		Claim: "nothing around it makes it weaker",
		Facts: []pipeline.ID{CKSIssuer, GCPProject, GCPPool, GCPServiceAccount, GCPBinding},
		Observe: func(ctx context.Context) (pipeline.Observation, error) {
			obs := pipeline.Observation{Status: pipeline.Met, Learned: true}
			obs.Findings = append(t.lintProviders(ctx), t.lintKeys(ctx), t.lintProject(ctx))
			return obs, nil
		},
	}}
}

// unseenLint is a lint that could not be looked at. Nothing hangs on it.
func (t *Trust) unseenLint(code string, err error) pipeline.Finding {
	r := t.googleRemedy(err)
	return pipeline.Finding{Code: code, Verdict: pipeline.Skip, Detail: err.Error(), Remedy: r}
}

func warn(code, detail string, r pipeline.Remedy) pipeline.Finding {
	return pipeline.Finding{Code: code, Verdict: pipeline.Warn, Detail: detail, Remedy: r}
}

// lintProviders sees whether two issuers can be taken for each other in the pool: a member
// names the pool, and never the provider that a token came through.
func (t *Trust) lintProviders(ctx context.Context) []pipeline.Finding {
	providers, err := t.google.Providers(ctx, t.poolName(), false)
	switch {
	case gcp.ReasonOf(err) == gcp.NotFound:
		return []pipeline.Finding{pass("WIF331", ""), pass("WIF332", "")}
	case err != nil:
		return []pipeline.Finding{t.unseenLint("WIF331", err), t.unseenLint("WIF332", err)}
	}
	return []pipeline.Finding{t.lintIssuers(providers), t.lintSubjects(providers)}
}

func (t *Trust) lintIssuers(providers []gcp.Provider) pipeline.Finding {
	by := make(map[string]string)
	for _, p := range providers {
		first, twice := by[p.Issuer]
		if p.Kind != gcp.KindOIDC || p.State == gcp.Deleted {
			continue
		}
		id := lastPart(p.Name)
		if twice {
			return warn("WIF331", "providers "+first+" and "+id+" both trust "+p.Issuer, t.twoProviders(first, id))
		}
		by[p.Issuer] = id
	}
	return pass("WIF331", "")
}

// twoProviders is what to do about two providers of one issuer: ours stays.
func (t *Trust) twoProviders(a, b string) pipeline.Remedy {
	other := b
	if b == t.providerID() {
		other = a
	}
	in := "--workload-identity-pool=" + t.cfg.Pool
	return remedy("WIF331", "what one of them turns away, the other may let in: when nobody comes through "+other+" any more, delete it",
		t.pools("providers", "list", in), t.pools("providers", "delete", other, in, "--quiet"))
}

func (t *Trust) lintSubjects(providers []gcp.Provider) pipeline.Finding {
	var active []string
	for _, p := range providers {
		if p.State != gcp.Deleted && !p.Disabled {
			active = append(active, lastPart(p.Name))
		}
	}
	prefix := "principal:" + wif.Host + t.poolName() + "/subject/"
	for _, b := range t.facts.impersonators.Bindings {
		for _, m := range b.Members {
			if subject, ok := strings.CutPrefix(m, prefix); ok && len(active) > 1 {
				return warn("WIF332", "subject "+subject+" may come through any of "+strings.Join(active, ", "),
					remedy("WIF332", "the same namespace and name in another cluster of the pool is let in too; setup binds the cluster with the name, and is what a verify without --principal looks for", t.wifctl("setup", "--principal", "workload"), t.memberCommand(b.Role, m, "remove")))
			}
		}
	}
	return pass("WIF332", "")
}

// lintKeys counts the stored keys of the GSA: what federation is there to replace.
func (t *Trust) lintKeys(ctx context.Context) pipeline.Finding {
	if t.facts.gsa.Email == "" {
		return pipeline.Finding{Code: "WIF403", Verdict: pipeline.Skip, Detail: "needs WIF401"}
	}
	keys, err := t.google.UserManagedKeys(ctx, t.email())
	switch {
	case err != nil:
		return t.unseenLint("WIF403", err)
	case len(keys) == 0:
		return pass("WIF403", "")
	}
	on := []string{"--iam-account=" + t.email(), "--project=" + t.projectName()}
	run := []string{gcloud(append([]string{"iam", "service-accounts", "keys", "list", "--managed-by=user"}, on...)...)}
	for _, id := range keys {
		run = append(run, gcloud(append([]string{"iam", "service-accounts", "keys", "delete", id, "--quiet"}, on...)...))
	}
	return warn("WIF403", t.w.GSA+" has "+plural(len(keys), "key")+" that somebody keeps",
		remedy("WIF403", "a stored key works from anywhere until it is deleted; find out who uses it, and then delete it", run...))
}

// lintProject sees whether the project's policy lets anybody become every GSA in it.
func (t *Trust) lintProject(ctx context.Context) pipeline.Finding {
	policy, err := t.google.Policy(ctx, gcp.ProjectPolicy(t.facts.project.ID))
	if err != nil {
		return t.unseenLint("WIF517", err)
	}
	var who, run []string
	for _, e := range impersonators(policy) {
		who, run = append(who, wif.ShortMember(e.member)), append(run, t.projectCommand(e))
	}
	if len(who) == 0 {
		return pass("WIF517", "")
	}
	return warn("WIF517", someOf(who)+" may impersonate every GSA of project "+t.facts.project.ID,
		remedy("WIF517", "give the role on the one GSA that it is for, and then remove it from the project", run...))
}

// given is one member that has one role.
type given struct{ role, member string }

// impersonators are who may become every GSA of the project whose policy it is: all who
// have the role for it, and workloads that have it by the role for people.
func impersonators(project gcp.Policy) (all []given) {
	for _, m := range project.Members(workloadIdentityUser) {
		all = append(all, given{workloadIdentityUser, m})
	}
	for _, m := range project.Members(tokenCreator) {
		if strings.HasPrefix(m, "principal") {
			all = append(all, given{tokenCreator, m})
		}
	}
	return all
}

func (t *Trust) projectCommand(g given) string {
	return gcloud("projects", "remove-iam-policy-binding", t.projectName(), "--role="+g.role, "--member="+g.member, "--condition=None")
}
