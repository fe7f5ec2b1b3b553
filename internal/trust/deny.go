package trust

import (
	"context"
	"strings"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/shell"
	"github.com/wifctl/wifctl/internal/wif"
)

// everybody is who a deny policy means that means everybody
// (https://docs.cloud.google.com/iam/docs/principal-identifiers#deny).
const everybody = "principalSet://goog/public:all"

// refusedUse is what was refused in the proof, and to whom.
type refusedUse struct {
	gcp.Use
	exactly string // nobody else goes by this
}

// laidToDenial looks for a deny policy behind a refusal that the allow policies do not
// explain. Time does not mend that. The look is for whoever may: without it the remedy says
// that nobody looked.
func (t *Trust) laidToDenial(ctx context.Context, code string, err error, obs pipeline.Observation) pipeline.Observation {
	if gcp.ReasonOf(err) != gcp.PermissionDenied || !t.readRight(code) {
		return obs
	}
	project := t.deniedIn(ctx, code)
	policies, unread := t.google.DenyPolicies(ctx, project)
	if unread != nil {
		obs.Remedy.Cause += "; those of the project could not be looked at: " + unread.Error()
		obs.Remedy.Run = append(obs.Remedy.Run, t.denyPolicies(project, "list"))
		return obs
	}
	use := t.refusedUse(code)
	perhaps := "; none of the project's names us"
	for _, d := range policies {
		switch d.Denies(use.Use) {
		case gcp.SurelyDenied:
			obs.Status, obs.Pending, obs.Remedy = pipeline.Blocked, false, t.deniedBy(code, project, d, use)
			obs.Detail += "; deny policy " + d.ID + " of the project"
			return obs
		case gcp.PerhapsDenied:
			perhaps = "; whether deny policy " + d.ID + " of the project means us can't be looked at"
			obs.Remedy.Run = append(obs.Remedy.Run, t.denyPolicies(project, "get", d.ID))
		}
	}
	obs.Remedy.Cause += perhaps
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
		gsa := "principal:" + wif.Host + "projects/-/serviceAccounts/" + t.email()
		all := "principalSet://cloudresourcemanager.googleapis.com/projects/" + t.facts.project.Number + "/type/ServiceAccount"
		return refusedUse{gcp.Use{
			Permissions: []string{"storage.objects.list", "storage.objects.get"},
			Principals:  []string{gsa, all, everybody},
			Perhaps: func(p string) bool {
				return strings.HasPrefix(p, "principalSet:") && !strings.HasPrefix(p, "principalSet:"+wif.Host)
			},
		}, gsa}
	}
	as := append(t.principals(t.w.ServiceAccount).both(), everybody)
	return refusedUse{gcp.Use{
		Permissions: []string{"iam.serviceAccounts.getAccessToken"},
		Principals:  append(as, t.assertion().Members(t.poolName(), t.facts.mapping)...),
		Perhaps:     t.mayBeTheWorkload,
	}, t.member()}
}

// mayBeTheWorkload reports whether a principal may stand for the workload though it is none that
// it is known to go by: sets of a project or an organisation, and where the provider's mapping
// could not be looked at, those of the pool.
func (t *Trust) mayBeTheWorkload(principal string) bool {
	return strings.HasPrefix(principal, "principalSet://cloudresourcemanager.googleapis.com/") ||
		t.facts.mapping == nil && strings.Contains(principal, ":"+wif.Host+t.poolName()+"/")
}

// deniedBy excepts us, and nobody else, from a deny policy.
func (t *Trust) deniedBy(code, project string, d gcp.DenyPolicy, use refusedUse) pipeline.Remedy {
	cause := "deny policy " + d.ID + " of the project denies this, whatever allow policies say; whoever answers for it (roles/iam.denyAdmin, which owners do not have) may except "
	if cause += t.w.GSA; code == "WIF621" {
		cause += "'s workload"
	}
	policy, err := d.Excepting(use.Use, use.exactly)
	if err != nil {
		return remedy(code, cause, t.denyPolicies(project, "get", d.ID))
	}
	return remedy(code, cause, shell.Line("printf", "%s", policy)+" | "+t.denyPolicies(project, "update", d.ID)+" --policy-file=/dev/stdin")
}

// denyPolicies is a gcloud command on the deny policies of a project, or one of them.
func (t *Trust) denyPolicies(project string, args ...string) string {
	if project == t.facts.project.Number {
		project = t.projectName()
	}
	args = append([]string{"iam", "policies"}, args...)
	return gcloud(append(args, "--kind=denypolicies", "--attachment-point=cloudresourcemanager.googleapis.com/projects/"+project)...)
}
