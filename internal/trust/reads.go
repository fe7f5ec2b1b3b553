package trust

import (
	"context"
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// reach is what a role may do of what reading takes.
type reach struct{ list, get bool }

func (r reach) and(o reach) reach { return reach{r.list || o.list, r.get || o.get} }

func (r reach) reads() bool { return r.list && r.get }

// readers are the predefined roles that may list or get objects.
//
// https://docs.cloud.google.com/storage/docs/access-control/iam-roles
var readers = map[string]reach{
	"roles/storage.objectViewer":       {list: true, get: true},
	"roles/storage.objectUser":         {list: true, get: true},
	"roles/storage.objectAdmin":        {list: true, get: true},
	"roles/storage.admin":              {list: true, get: true},
	"roles/storage.legacyBucketReader": {list: true},
	"roles/storage.legacyBucketWriter": {list: true},
	"roles/storage.legacyBucketOwner":  {list: true},
	"roles/storage.legacyObjectReader": {get: true},
	"roles/storage.legacyObjectOwner":  {get: true},
}

// basicRoles of a project stand in its buckets' policies as members of their own.
//
// https://docs.cloud.google.com/storage/docs/access-control/iam#convenience-values
var basicRoles = map[string]string{"roles/owner": "projectOwner:", "roles/editor": "projectEditor:", "roles/viewer": "projectViewer:"}

// readsAnyway tells a verify of a grant that is not the one looked for, and does: on the
// whole project, as tutorials have it, a greater role on the bucket, or two that do
// together; or everybody reads the bucket. Where nobody can tell, such as by a policy that the
// login may not read, the proof is left to show it.
func (t *Trust) readsAnyway(ctx context.Context, bucket gcp.Policy) (f pipeline.Finding, found bool, err error) {
	m := t.grant()
	if t.purpose != ToVerify || t.w.Grant == GrantProject {
		return f, false, nil
	}
	if role, does := t.oneReader(bucket, m.member); does {
		return t.wider(t.w.GSA+" reads it by "+role+", which is wider than "+m.role, "setup grants the narrower role; then the wider one can go", m, role), true, nil
	}
	project, err := t.google.Policy(ctx, gcp.ProjectPolicy(t.facts.project.ID))
	if err != nil && !denied(err) {
		return f, false, err
	}
	hidden := err
	if role, does := t.oneReader(project, m.member); does {
		return t.wider(t.w.GSA+" reads it because it may read every bucket of project "+t.facts.project.ID+" ("+role+")",
			"setup grants it on the bucket alone; then the project's grant can go", t.grantOn(GrantProject), role), true, nil
	}
	if ways := t.waysToRead(bucket, project); len(ways) > 0 && m.role == DefaultRole {
		return warn("WIF502", t.w.GSA+" reads it by "+strings.Join(ways, " and ")+", and not by "+m.role+" of its own",
			remedy("WIF502", "setup grants it on the bucket; then the other can go", t.wifctl("setup"))), true, nil
	}
	if hidden != nil {
		return t.leftToProof("the project's policy, which you may not read",
			"whether the project's does can't be looked at: "+hidden.Error(), t.googleRemedy(hidden)), true, nil
	}
	by, why := t.mayRead(bucket, project)
	return t.leftToProof(by, why, pipeline.Remedy{}), by != "", nil
}

// leftToProof is a grant that may be there in a form that can't be looked at: by what, and why
// not. The proof shows whether it does.
func (t *Trust) leftToProof(by, why string, r pipeline.Remedy) pipeline.Finding {
	t.facts.grantOpen = by
	return pipeline.Finding{
		Code: "WIF502", Verdict: pipeline.Skip, Remedy: r,
		Detail: "the bucket's policy does not give " + t.w.GSA + " " + t.grant().role + ", and " + why,
	}
}

// mayRead says by what a policy may let the GSA read although nobody can tell: a role of the
// customer's own, or somebody whom the GSA may be one of.
func (t *Trust) mayRead(policies ...gcp.Policy) (by, why string) {
	own := t.grant()
	for _, policy := range policies {
		for _, b := range policy.Bindings {
			custom := !strings.HasPrefix(b.Role, "roles/")
			for _, m := range b.Members {
				switch {
				case b.Condition != nil:
				case custom && m == own.member:
					return b.Role, "what " + b.Role + ", which it has, lets it do is not looked at"
				case many(m) && (custom || b.Role == own.role || readers[b.Role].reads()):
					return m, "whether it is one of " + m + ", who have " + b.Role + ", can't be looked at"
				}
			}
		}
	}
	return "", ""
}

// many reports whether a member stands for some whom only somebody else can list.
func many(member string) bool {
	return strings.HasPrefix(member, "group:") || strings.HasPrefix(member, "domain:") ||
		strings.HasPrefix(member, "principalSet://cloudresourcemanager.googleapis.com/")
}

// denied reports whether Google did not let us look, or not yet.
func denied(err error) bool {
	reason := gcp.ReasonOf(err)
	return reason == gcp.PermissionDenied || reason == gcp.APIDisabled
}

// oneReader is a role that lets a member read as the wanted one does, all by itself.
func (t *Trust) oneReader(policy gcp.Policy, member string) (string, bool) {
	if want := t.grant().role; policy.Has(want, member) {
		return want, true
	}
	for _, b := range policy.Bindings {
		if t.grant().role == DefaultRole && readers[b.Role].reads() && policy.Has(b.Role, member) {
			return b.Role, true
		}
	}
	return "", false
}

// waysToRead are the grants on a bucket by which the GSA reads it as one of many, or by
// several roles together; none if they do not suffice.
func (t *Trust) waysToRead(bucket, project gcp.Policy) (ways []string) {
	own := t.grant().member
	members := []string{own, "allUsers", "allAuthenticatedUsers"}
	for role, prefix := range basicRoles {
		if project.Has(role, own) {
			members = append(members, prefix+t.facts.project.ID)
		}
	}
	var may reach
	for _, b := range bucket.Bindings {
		for _, m := range b.Members {
			if r := readers[b.Role]; b.Condition == nil && slices.Contains(members, m) && may.and(r) != may {
				may = may.and(r)
				ways = append(ways, b.Role+" of "+m)
			}
		}
	}
	if !may.reads() {
		return nil
	}
	return ways
}

func (t *Trust) wider(detail, cause string, m member, role string) pipeline.Finding {
	m.role = role
	return warn("WIF502", detail, remedy("WIF502", cause, t.wifctl("setup"), m.command("remove")))
}
