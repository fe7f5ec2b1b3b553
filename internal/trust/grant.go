package trust

import (
	"context"
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/wif"
)

func (t *Trust) gcsGrant() pipeline.Step {
	return pipeline.Step{
		Check: pipeline.Check{
			ID: GCSGrant, Claims: t.claims(GCSGrant),
			Claim:  t.w.GSA + " may read " + t.grantedOn(),
			Thing:  "the grant on " + t.grantedOn(),
			Facts:  []pipeline.ID{GCPProject, GCPServiceAccount, KubeCredentials, GCSBucket},
			Needs:  []pipeline.ID{KubeCredentials, GCPServiceAccount, GCSBucket},
			Within: policyVisible, Observe: t.lookAtGrant,
		},
		Apply: func(ctx context.Context, _ pipeline.Observation) (pipeline.Outcome, error) {
			return t.addMember(ctx, t.grant())
		},
		Keep:   t.keepGrant,
		Remove: func(ctx context.Context, _ pipeline.Observation) error { return t.removeMember(ctx, t.grant()) },
	}
}

// keepGrant leaves what other workloads read with, whoever granted it.
func (t *Trust) keepGrant(ctx context.Context, _ pipeline.Observation) (string, error) {
	others, err := t.otherUsers(ctx, isWorkload)
	if err != nil || len(others) == 0 {
		return "", err
	}
	return t.w.GSA + " is also used by " + someOf(others), nil
}

// isWorkload reports whether a member of a GSA's policy is a federated workload that may
// become the GSA.
func isWorkload(role, member string) bool {
	return role == workloadIdentityUser && strings.HasPrefix(member, "principal")
}

func (t *Trust) grantedOn() string {
	if t.w.Grant == GrantProject {
		return "project " + t.cfg.Project
	}
	return "bucket " + t.w.Bucket
}

// member is one member that the workload needs in one policy.
type member struct {
	on     gcp.PolicyTarget
	where  string // of the record: the policy's resource name
	role   string
	member string

	noun  []string // of gcloud's commands for such a policy: "storage", "buckets"
	name  string   // what they call the resource
	flags []string // what else they take
}

// entry is how the record lists it.
func (m member) entry() string { return m.where + " " + m.role + " " + m.member }

// command is gcloud's command to "add" or "remove" it.
func (m member) command(verb string) string {
	args := append(slices.Clone(m.noun), verb+"-iam-policy-binding", m.name, "--role="+m.role, "--member="+m.member)
	return gcloud(append(args, m.flags...)...)
}

func (t *Trust) grant() member { return t.grantOn(t.w.Grant) }

func (t *Trust) grantOn(scope GrantScope) member {
	m := member{role: t.w.Role, member: wif.ServiceAccountMember(t.email())}
	if scope == GrantProject {
		m.on, m.where = gcp.ProjectPolicy(t.facts.project.ID), "projects/"+t.facts.project.Number
		m.noun, m.name, m.flags = []string{"projects"}, t.projectName(), []string{"--condition=None"}
		return m
	}
	m.on, m.where = gcp.BucketPolicy(t.w.Bucket), "projects/_/buckets/"+t.w.Bucket
	m.noun, m.name, m.flags = []string{"storage", "buckets"}, "gs://"+t.w.Bucket, []string{"--condition=None"}
	return m
}

func (t *Trust) lookAtGrant(ctx context.Context) (pipeline.Observation, error) {
	if obs, err := t.mayGrant(); err != nil || obs.Status != pipeline.Met {
		return obs, err
	}
	m := t.grant()
	absent := pipeline.Observation{
		Status: pipeline.Absent,
		Diffs:  []pipeline.Diff{{Path: bindingPath(m), Want: m.member}},
		Remedy: remedy("WIF502", "the policy of "+t.grantedOn()+" does not give "+t.w.GSA+" the role "+m.role, m.command("add")),
	}
	if t.facts.bucketAbsent && t.w.Grant != GrantProject {
		return absent, nil // there is no policy before there is a bucket
	}
	policy, err := t.google.Policy(ctx, m.on)
	if err != nil {
		return t.googleLook(err)
	}
	t.facts.grantSeen = true
	twins := t.twins(policy)
	if policy.Has(m.role, m.member) {
		obs := pipeline.Observation{Status: pipeline.Met, Owner: t.memberOwner(m, t.gsaIsOurs()), Findings: twins}
		if t.purpose == ToTearDown {
			obs.Diffs = without([]member{m})
		}
		return obs, nil
	}
	wider, found, err := t.readsAnyway(ctx, policy)
	if err != nil {
		return t.googleLook(err)
	}
	if found {
		return pipeline.Observation{Status: pipeline.Met, Owner: pipeline.Theirs, Findings: append(twins, wider)}, nil
	}
	absent.Detail, absent.Findings = t.nearGrant(policy, m), twins
	if absent.Detail == "" && len(twins) > 0 {
		absent.Detail = twins[0].Detail
	}
	return absent, nil
}

// nearGrant says what the policy has that comes close to the grant.
func (t *Trust) nearGrant(policy gcp.Policy, m member) string {
	if condition := onlyIf(policy, m); condition != "" {
		return condition
	}
	namesake := func(other string) bool { return !strings.HasPrefix(other, "serviceAccount:"+t.w.GSA+"@") }
	if near := wif.Nearest(slices.DeleteFunc(policy.Members(m.role), namesake), m.member); near != "" {
		return near
	}
	for _, b := range policy.Bindings {
		if b.Condition == nil && slices.Contains(b.Members, m.member) {
			return "it is given another role, " + b.Role + ", which does not do"
		}
	}
	return ""
}

// twins warns of deleted accounts of the GSA's name: they look like the GSA, and are
// granted what it is not.
func (t *Trust) twins(policy gcp.Policy) (found []pipeline.Finding) {
	m := t.grant()
	own := m.member
	var detail string
	var run []string
	for _, b := range policy.Bindings {
		for _, twin := range (gcp.Policy{Bindings: []gcp.Binding{b}}).DeletedTwins(own) {
			m.role, m.member = b.Role, twin
			detail = or(detail, "the role "+b.Role+" is still given to a deleted account of the same name: "+twin)
			run = append(run, m.command("remove"))
		}
	}
	if len(run) == 0 {
		return nil
	}
	return []pipeline.Finding{warn("WIF504", detail, remedy("WIF504", "it stands for nobody, and reads as if it stood for "+t.w.GSA, run...))}
}

// mayGrant says, before anything is changed, whether we may do with the policy of a bucket
// that is there what is needed. A bucket that setup makes is its project's, and so ours.
func (t *Trust) mayGrant() (pipeline.Observation, error) {
	missing := t.facts.bucketMissing
	if t.w.Grant == GrantProject || len(missing) == 0 {
		return pipeline.Observation{Status: pipeline.Met}, nil
	}
	detail := "missing on bucket " + t.w.Bucket + ": " + strings.Join(missing, ", ") + " (or there is no such bucket)"
	give := gcloud("storage", "buckets", "add-iam-policy-binding", "gs://"+t.w.Bucket, "--role=roles/storage.admin", "--condition=None") + " " + t.memberFlag()
	if t.purpose == ToVerify { // which only looks; no role of a bucket's own does no more
		give = t.grantRole(gcp.ReadingRoleFor("storage.buckets.getIamPolicy"))
	}
	obs := blocked(detail, remedy("WIF503", "if it is yours, whoever administers it can give the role"+t.tellAccount()+
		". All of Google's users share the names of buckets, so it may be somebody else's. Where nobody is left who may, an owner of its project can take the role on the project: "+t.grantRole("roles/storage.admin"),
		give))
	obs.Barred = t.purpose == ToVerify // the proof shows whether the grant is there
	return obs, &AccessError{Detail: detail}
}

func (t *Trust) gsaIsOurs() bool {
	return t.facts.gsa.Email != "" && ownerOf(t.facts.gsa.Description) == pipeline.Ours
}

// memberOwner says whose a member is: ours where setup listed it before it added it, and
// wherever it hangs on something of ours that goes with it. Access that is left behind is
// worse than a husk.
func (t *Trust) memberOwner(m member, onOurs bool) pipeline.Owner {
	if onOurs || t.record.has(m.entry()) {
		return pipeline.Ours
	}
	return pipeline.Theirs
}

// addMember lists the member in the record and then adds it to the policy. A deleted
// account of the same name leaves the binding: it stands for nobody any more.
func (t *Trust) addMember(ctx context.Context, m member) (pipeline.Outcome, error) {
	if err := t.record.add(ctx, m.entry()); err != nil {
		return "", err
	}
	changed, err := t.google.EditPolicy(ctx, m.on, func(p *gcp.Policy) bool {
		for _, twin := range p.DeletedTwins(m.member) {
			gcp.RemoveMember(m.role, twin)(p)
		}
		return gcp.AddMember(m.role, m.member)(p)
	})
	if !changed && err == nil {
		return pipeline.Unchanged, nil
	}
	return t.changed(pipeline.Created, err)
}

// removeMember takes exactly our member away, and its line in the record where the
// ConfigMap is somebody else's and stays.
func (t *Trust) removeMember(ctx context.Context, m member) error {
	_, err := t.google.EditPolicy(ctx, m.on, gcp.RemoveMember(m.role, m.member))
	if err != nil {
		return t.googleFailed(err)
	}
	if t.facts.credentials.Name == "" || t.facts.credentials.Managed {
		return nil
	}
	return t.record.drop(ctx, m.entry())
}
