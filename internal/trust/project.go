package trust

import (
	"context"
	"fmt"
	"strings"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
)

func (t *Trust) gcpProject() pipeline.Step {
	return pipeline.Step{Check: pipeline.Check{
		ID: GCPProject, Claims: t.claims(GCPProject),
		Claim:   "project " + or(t.cfg.Project, "(which?)") + " allows what is needed",
		Observe: t.lookAtProject,
	}}
}

func (t *Trust) lookAtProject(ctx context.Context) (pipeline.Observation, error) {
	if t.cfg.Project == "" {
		return t.noProject(ctx)
	}
	p, err := t.google.Project(ctx, t.cfg.Project)
	if t.loginless(err) {
		return t.lookWithoutLogin(ctx, err)
	}
	if err != nil {
		obs, err := t.answers(t.googleLook(err))
		if denied := gcp.ReasonOf(err); !t.mayNotAct(err) && (denied == gcp.PermissionDenied || denied == gcp.NotFound) {
			obs.Remedy = t.unseenProject()
		}
		obs.Learned = false // neither id nor number is known
		return obs, err
	}
	if p.ID == "" {
		return blocked("only the project's number is known, since the Resource Manager API is not enabled in it",
			remedy("WIF121", "say --project with the project's id, or enable the API", t.enableCommand("cloudresourcemanager.googleapis.com"))), nil
	}
	t.facts.project = p
	if p.State != "ACTIVE" && p.State != "" {
		return blocked("project "+p.ID+" is "+p.State, t.undelete(p.ID)), nil
	}
	return t.lookAtPermissions(ctx, p)
}

// unseenProject is what to do about a project that is not there, or that the login may not see.
func (t *Trust) unseenProject() pipeline.Remedy {
	give := t.missing("WIF121", t.permissions()...)
	who := or(t.loggedIn(), "your login")
	return remedy("WIF121", "Google gives the same answer for a project that does not exist and for one that you may not see: is it the right project, and the right login? If they are, whoever administers the project can give "+who+" what it takes"+t.tellAccount(),
		append([]string{gcloud("projects", "describe", t.cfg.Project)}, give.Run...)...)
}

// noProject is what a preflight comes to without a project. Whether there is a login can be
// told all the same.
func (t *Trust) noProject(ctx context.Context) (pipeline.Observation, error) {
	if err := t.google.CheckLogin(ctx); err != nil {
		obs, err := t.googleLook(err)
		return obs, fmt.Errorf("%w; and %w", err, errNoProject)
	}
	return pipeline.Observation{Remedy: remedy("WIF121", "these are the projects that your login sees", gcloud("projects", "list"))}, errNoProject
}

// lookAtPermissions tests everything that a later step will do in the project, at once.
func (t *Trust) lookAtPermissions(ctx context.Context, p gcp.Project) (pipeline.Observation, error) {
	held, err := t.google.Permissions(ctx, p.ID, t.permissions())
	if gcp.ReasonOf(err) == gcp.APIDisabled {
		return pipeline.Observation{Status: pipeline.Met, Detail: "permissions not tested: the Resource Manager API is not enabled yet"}, nil
	}
	if err != nil {
		return t.answers(t.googleLook(err))
	}
	t.facts.permitted = len(held.Missing) == 0
	if t.facts.permitted {
		return pipeline.Observation{Status: pipeline.Met}, nil
	}
	return t.notPermitted("project "+p.ID, held.Missing)
}

// notPermitted tells each permission that is missing, beside a role that carries it. A
// verify has one line for it.
func (t *Trust) notPermitted(where string, missing []string) (pipeline.Observation, error) {
	obs := pipeline.Observation{
		Status: pipeline.Blocked, Learned: true, Barred: true, Remedy: t.missing("WIF122", missing...),
		Detail: "missing in " + where + ": " + strings.Join(missing, ", "),
	}
	if t.purpose != ToVerify {
		obs.Detail = plural(len(missing), "permission") + " missing in " + where + ", beside a role that carries it"
		for _, p := range missing {
			obs.Diffs = append(obs.Diffs, pipeline.Diff{Path: p, Want: or(gcp.RoleFor(p), "no role that we know")})
		}
	}
	return obs, &AccessError{Detail: obs.Detail}
}

// permissions are what this purpose does in the project. Those on the bucket are tested on
// the bucket, where they are usually given.
//
// https://docs.cloud.google.com/iam/docs/manage-workload-identity-pools-providers
func (t *Trust) permissions() []string {
	const pools, providers = "iam.googleapis.com/workloadIdentityPools.", "iam.googleapis.com/workloadIdentityPoolProviders."
	if t.purpose == ToName {
		return []string{"resourcemanager.projects.get"}
	}
	all := []string{
		"resourcemanager.projects.get", "serviceusage.services.list",
		pools + "get", providers + "get",
		"iam.serviceAccounts.get", "iam.serviceAccounts.getIamPolicy",
	}
	switch t.purpose {
	case ToSetUp:
		all = append(all, "serviceusage.services.enable", "serviceusage.operations.get",
			pools+"create", pools+"update", pools+"undelete",
			providers+"create", providers+"update", providers+"undelete",
			"iam.serviceAccounts.create", "iam.serviceAccounts.setIamPolicy")
	case ToTearDown:
		all = append(all, pools+"delete", providers+"list", providers+"update", providers+"delete",
			"iam.serviceAccounts.delete", "iam.serviceAccounts.setIamPolicy")
	}
	if t.purpose == ToSetUp && t.cfg.CreateBucket {
		all = append(all, "storage.buckets.create") // what is in a bucket comes to its project with it
	}
	if t.w.Grant == GrantProject {
		all = append(all, "resourcemanager.projects.getIamPolicy")
		if t.purpose != ToVerify {
			all = append(all, "resourcemanager.projects.setIamPolicy")
		}
	}
	return all
}
