package trust

import (
	"context"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/shell"
)

// everybody is who a deny policy means that means everybody
// (https://docs.cloud.google.com/iam/docs/principal-identifiers#deny).
const everybody = "principalSet://goog/public:all"

// refusedUse is what was refused in the proof, and to whom, in the words of deny policies.
type refusedUse struct {
	permissions []string
	principals  []string // all that it goes by
	exactly     string   // nobody else goes by this
}

// laidToDenial looks for a deny policy behind a refusal that the allow policies do not
// explain. Time does not mend that. The look is for whoever may: without it the remedy says
// that nobody looked.
func (t *Trust) laidToDenial(ctx context.Context, code string, err error, obs pipeline.Observation) pipeline.Observation {
	if gcp.ReasonOf(err) != gcp.PermissionDenied || t.purpose != ToVerify || !t.readRight(code) {
		return obs
	}
	project := t.deniedIn(ctx, code)
	policies, unread := t.google.DenyPolicies(ctx, project)
	if unread != nil {
		obs.Remedy.Cause += "; those of the project could not be looked at: " + unread.Error()
		return obs
	}
	use := t.refusedUse(code)
	for _, d := range policies {
		if d.Denies(use.permissions, use.principals) {
			obs.Status, obs.Pending, obs.Remedy = pipeline.Blocked, false, t.deniedBy(code, project, d, use)
			obs.Detail += "; deny policy " + d.ID + " of the project"
			return obs
		}
	}
	obs.Remedy.Cause += "; none of the project's names us"
	return obs
}

// deniedIn is the project, by number, whose deny policies count: that of what was to be used.
// A bucket may be in another than the GSA; where that can't be seen, it is taken to be in the same.
func (t *Trust) deniedIn(ctx context.Context, code string) string {
	if code == "WIF631" {
		if b, found, err := t.google.Bucket(ctx, t.w.Bucket); err == nil && found {
			return b.ProjectNumber
		}
	}
	return t.facts.project.Number
}

// readRight reports whether all allow policies were seen to give what was refused.
func (t *Trust) readRight(code string) bool {
	switch {
	case t.pod != nil || t.facts.project.Number == "":
		return false
	case code == "WIF621":
		return t.facts.bindingSeen
	case code == "WIF631":
		return t.facts.grantSeen && !t.ungranted(code)
	}
	return false
}

func (t *Trust) refusedUse(code string) refusedUse {
	if code == "WIF631" {
		gsa := "principal://iam.googleapis.com/projects/-/serviceAccounts/" + t.email()
		all := "principalSet://cloudresourcemanager.googleapis.com/projects/" + t.facts.project.Number + "/type/ServiceAccount"
		return refusedUse{[]string{"storage.objects.list", "storage.objects.get"}, []string{gsa, all, everybody}, gsa}
	}
	as := append(t.assertion().Members(t.poolName(), t.facts.mapping), everybody)
	return refusedUse{[]string{"iam.serviceAccounts.getAccessToken"}, as, t.member()}
}

// deniedBy excepts us, and nobody else, from a deny policy.
func (t *Trust) deniedBy(code, project string, d gcp.DenyPolicy, use refusedUse) pipeline.Remedy {
	cause := "deny policy " + d.ID + " of the project denies this, whatever allow policies say; whoever answers for it (roles/iam.denyAdmin, which owners do not have) may except "
	if cause += t.w.GSA; code == "WIF621" {
		cause += "'s workload"
	}
	if project == t.facts.project.Number {
		project = t.projectName()
	}
	where := []string{"--kind=denypolicies", "--attachment-point=cloudresourcemanager.googleapis.com/projects/" + project}
	policy, err := d.Excepting(use.permissions, use.principals, use.exactly)
	if err != nil {
		return remedy(code, cause, gcloud(append([]string{"iam", "policies", "get", d.ID}, where...)...))
	}
	update := append([]string{"iam", "policies", "update", d.ID}, where...)
	return remedy(code, cause, shell.Line("printf", "%s", policy)+" | "+gcloud(append(update, "--policy-file=/dev/stdin")...))
}
