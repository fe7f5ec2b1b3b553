package trust

import (
	"errors"
	"strings"
	"time"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/shell"
)

// How long Google may take to let the rest of Google see what was just written. Of the
// numbers that Google or measurements give, these are about the double.
const (
	apiEnabled    = 5 * time.Minute // "wait a few minutes for the action to propagate"
	poolVisible   = 3 * time.Minute // as a member of a policy: up to about 60 s
	gsaVisible    = 3 * time.Minute // "60 seconds or more"
	policyVisible = 3 * time.Minute // of the above, whichever the policy names
)

// googleLook is the answer of a step whose look at Google failed.
func (t *Trust) googleLook(err error) (pipeline.Observation, error) {
	if t.mayNotAct(err) {
		return t.unseen(t.googleRemedy(err), &AccessError{Detail: err.Error(), Err: err})
	}
	if gcp.Unanswered(err) {
		return unanswered(t.googleRemedy(err), err)
	}
	switch gcp.ReasonOf(err) {
	case gcp.APIDisabled:
		if t.enabled.Load() {
			return pipeline.Observation{}, pipeline.Pending(err)
		}
		return t.notEnabled(err), nil
	case gcp.PermissionDenied:
		if t.enabled.Load() {
			return pipeline.Observation{}, pipeline.Pending(err)
		}
		if t.echo(err) {
			return pipeline.Observation{Status: pipeline.Unknown, Learned: true, Pending: true, Detail: err.Error()}, nil
		}
	}
	return t.unseen(t.googleRemedy(err), googleBarred(err))
}

// unseen is the answer of a step whose look failed. A verify goes on where it was for want
// of access: what comes after may be seen, and the proof speaks for itself.
func (t *Trust) unseen(r pipeline.Remedy, err error) (pipeline.Observation, error) {
	_, barred := errors.AsType[*AccessError](err)
	return pipeline.Observation{Remedy: r, Barred: barred, Learned: barred && t.purpose == ToVerify}, err
}

// loginless reports whether a verify goes on without a Google login: what the cluster says,
// and the proof, need none.
func (t *Trust) loginless(err error) bool {
	return t.purpose == ToVerify && t.cfg.TokenFile == "" && gcp.ReasonOf(err) == gcp.NoCredentials
}

// echo reports whether a denial contradicts what Google said of our permissions a moment
// ago. For a minute or so after an API was enabled it denies everybody: by a run before
// this one, perhaps, that was stopped.
func (t *Trust) echo(err error) bool {
	e, ok := errors.AsType[*gcp.Error](err)
	return ok && e.Reason == gcp.PermissionDenied && t.purpose == ToSetUp && t.facts.permitted && strings.HasPrefix(e.Permission, "iam.")
}

// notEnabled is what a look comes to while the API to look with is not enabled: setup
// enables it first, and looks again.
func (t *Trust) notEnabled(err error) pipeline.Observation {
	obs := pipeline.Observation{Status: pipeline.Unknown, Learned: true, Until: GCPAPIs, Detail: "cannot be looked at before gcp-apis"}
	if e, ok := errors.AsType[*gcp.Error](err); ok && e.Service != "" {
		obs.Detail = "cannot be looked at while " + e.Service + " is not enabled"
		obs.Remedy = remedy("WIF131", "the API to look with is not enabled", t.enableCommand(e.Service))
	}
	return obs
}

// googleBarred marks what only more access can mend.
func googleBarred(err error) error {
	switch gcp.ReasonOf(err) {
	case gcp.PermissionDenied, gcp.NotLoggedIn, gcp.NoCredentials, gcp.LoginExpired, gcp.QuotaProject, gcp.RequesterPays, gcp.Perimeter, gcp.Unreachable:
		return &AccessError{Detail: err.Error(), Err: err}
	default:
		return err
	}
}

// created is changed for what somebody else may have made a moment earlier.
func (t *Trust) created(err error) (pipeline.Outcome, error) {
	if gcp.ReasonOf(err) == gcp.AlreadyExists {
		return pipeline.Unchanged, nil
	}
	return t.changed(pipeline.Created, err)
}

// changed is the outcome of a change, or what its failure means: lost races are looked at
// again, and echoes of our own earlier writes are waited for.
func (t *Trust) changed(done pipeline.Outcome, err error) (pipeline.Outcome, error) {
	switch gcp.ReasonOf(err) {
	case gcp.MemberNotVisible, gcp.RateLimited, gcp.Aborted, gcp.ConditionNotMet:
		return "", pipeline.Pending(err)
	case gcp.Unavailable, gcp.StillRunning:
		t.wrote.Store(true)
		return done, pipeline.Pending(err) // it may have taken effect: look before trying again
	case gcp.PermissionDenied, gcp.APIDisabled:
		if t.enabled.Load() || t.echo(err) {
			return "", pipeline.Pending(err)
		}
	}
	if err != nil {
		return "", t.googleFailed(err)
	}
	t.wrote.Store(true)
	return done, nil
}

// googleFailed is the error of a change at Google that failed, with what to do about it.
func (t *Trust) googleFailed(err error) error {
	if err == nil {
		return nil
	}
	return &pipeline.RemediedError{Err: googleBarred(err), Remedy: t.googleRemedy(err)}
}

// googleRemedy says what to do about an answer of Google's that is not about the claim.
func (t *Trust) googleRemedy(err error) pipeline.Remedy {
	e, ok := errors.AsType[*gcp.Error](err)
	if !ok {
		return pipeline.Remedy{}
	}
	if t.mayNotAct(err) {
		if e.Reason == gcp.NotFound {
			return t.noSuchAccount(e.Resource)
		}
		return remedy("WIF123", "your login may not act as "+e.Resource+", or there is no such service account; whoever administers it can allow it",
			gcloud("iam", "service-accounts", "add-iam-policy-binding", e.Resource, "--role="+tokenCreator, "--condition=None")+
				` --member="user:$(gcloud config get-value account)"`)
	}
	switch e.Reason {
	case gcp.NoCredentials, gcp.NotLoggedIn, gcp.LoginExpired:
		if t.cfg.TokenFile != "" {
			return remedy("WIF123", tokenCause(e.Reason, t.cfg.TokenFile)+"; this writes a fresh one",
				gcloud("auth", "print-access-token")+" > "+shell.Quote(t.cfg.TokenFile))
		}
		if who := t.google.Login(); who.Provider != "" {
			return t.federatedLogin(e, who)
		}
		cause := loginCause[e.Reason]
		if e.Reason == gcp.NotLoggedIn && e.Resource != "" {
			cause = e.Resource + " holds no credentials that Google's libraries can read. This makes some where they look when GOOGLE_APPLICATION_CREDENTIALS names no file"
		}
		return remedy("WIF123", cause, gcloud("auth", "application-default", "login"))
	case gcp.QuotaProject:
		return t.otherQuotaProject()
	case gcp.PermissionDenied:
		return t.missing("WIF122", e.Permission)
	case gcp.OrgPolicy:
		return t.orgPolicy(e)
	case gcp.Perimeter:
		return t.perimeter("WIF122", e)
	case gcp.RequesterPays:
		return t.requesterPays()
	case gcp.ProjectDeleted:
		return t.undelete(e.Project)
	case gcp.BillingRequired:
		return t.unbilled("WIF501")
	}
	if gcp.Unanswered(err) {
		return t.silence(e)
	}
	return pipeline.Remedy{}
}

// undelete is what to do about a project that was deleted.
func (t *Trust) undelete(project string) pipeline.Remedy {
	return remedy("WIF121", "the project is being deleted; for 30 days it can be restored, with all that is in it", gcloud("projects", "undelete", project))
}

// unbilled is what to do about a project that nobody pays for.
func (t *Trust) unbilled(code string) pipeline.Remedy {
	return remedy(code, "the project has no billing account, or a closed one, and Cloud Storage serves and makes nothing then; these show what it has, and the accounts that somebody can link it to",
		gcloud("billing", "projects", "describe", t.projectName()), gcloud("billing", "accounts", "list"))
}

// requesterPays is what to do about a bucket that wants its readers to say who pays.
func (t *Trust) requesterPays() pipeline.Remedy {
	return remedy("WIF631", "the bucket's readers pay for what they read (requester pays), and neither wifctl nor the pods' credential file names a project to bill; this makes its owner pay",
		gcloud("storage", "buckets", "update", "gs://"+t.w.Bucket, "--no-requester-pays"))
}

// perimeter is what to do about a VPC service perimeter: nobody is told more than the id of
// an entry in the log.
func (t *Trust) perimeter(code string, e *gcp.Error) pipeline.Remedy {
	return remedy(code, "a VPC service perimeter keeps this request out; whoever administers it can let it in by an ingress rule. This shows who came from where, and which perimeter it was",
		gcloud("logging", "read", `log_id("cloudaudit.googleapis.com/policy") AND "`+e.LoggedAs+`"`, "--project="+t.projectName()))
}

// mayNotAct reports whether the login was refused to act as somebody else, which says
// nothing about what was to be looked at.
func (t *Trust) mayNotAct(err error) bool {
	e, ok := errors.AsType[*gcp.Error](err)
	if !ok || t.google == nil {
		return false
	}
	as := t.google.Login().As
	return as != "" && e.Resource == as && e.Op == "impersonate service account" && (e.Reason == gcp.PermissionDenied || e.Reason == gcp.NotFound)
}

// missing is the remedy for permissions that are not held: the roles that carry them.
func (t *Trust) missing(code string, permissions ...string) pipeline.Remedy {
	var run []string
	seen := make(map[string]bool)
	for _, p := range permissions {
		role := gcp.RoleFor(p)
		if t.purpose == ToVerify {
			role = or(gcp.ReadingRoleFor(p), role)
		}
		if role == "" || seen[role] {
			continue
		}
		seen[role] = true
		run = append(run, t.grantRole(role))
	}
	return remedy(code, "whoever administers the project can give the roles that carry them"+t.tellAccount(), run...)
}

// grantRole is the administrator's command.
func (t *Trust) grantRole(role string) string {
	return gcloud("projects", "add-iam-policy-binding", t.projectName(), "--role="+role, "--condition=None") + " " + t.memberFlag()
}

// memberFlag is gcloud's flag for ourselves. Where the credentials don't tell who that is,
// the shell fills it in.
func (t *Trust) memberFlag() string {
	if who := t.loggedIn(); who != "" {
		return shell.Quote("--member=" + who)
	}
	return `--member="user:$(gcloud config get-value account)"`
}

// tellAccount is what to say beside a command that the shell fills in.
func (t *Trust) tellAccount() string {
	if t.loggedIn() != "" {
		return ""
	}
	return "; if that is somebody else, tell them your account in place of $(…)"
}

// loggedIn is the member of a policy that we are, as far as the credentials tell.
func (t *Trust) loggedIn() string {
	login := t.google.Login()
	who := or(login.As, login.Account)
	switch {
	case !strings.Contains(who, "@"):
		return ""
	case strings.HasSuffix(who, ".gserviceaccount.com"):
		return "serviceAccount:" + who
	}
	return "user:" + who
}

// orgPolicy is the remedy for what an organisation policy forbids.
func (t *Trust) orgPolicy(e *gcp.Error) pipeline.Remedy {
	cause := "the organisation policy " + e.Constraint + " forbids it; whoever administers the organisation can allow it"
	if e.Constraint == "constraints/iam.workloadIdentityPoolProviders" {
		cause += ". The issuer to allow is " + t.facts.issuer
	}
	if e.Constraint == "" {
		return remedy("WIF125", "an organisation policy forbids it; whoever administers the organisation can allow it")
	}
	return remedy("WIF125", cause, gcloud("org-policies", "describe", e.Constraint, "--effective", "--project="+t.projectName()))
}
