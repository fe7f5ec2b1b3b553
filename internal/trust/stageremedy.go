package trust

import (
	"errors"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// stageRemedy says what lies behind a refusal in the proof: where policies and resources were seen
// to be right, what is in none of them; else also what could not be seen.
func (t *Trust) stageRemedy(code string, err error) pipeline.Remedy {
	var e *gcp.Error
	if !errors.As(err, &e) {
		return pipeline.Remedy{Code: code}
	}
	switch e.Reason {
	case gcp.PermissionDenied:
		return t.deniedRemedy(code)
	case gcp.Perimeter:
		return t.perimeter(code, e)
	case gcp.BillingRequired:
		return t.unbilled(code)
	case gcp.RequesterPays:
		return t.requesterPays()
	case gcp.ProjectDeleted:
		gone := t.undelete(t.projectName())
		return remedy(code, gone.Cause, gone.Run...)
	case gcp.APIDisabled:
		return remedy(code, e.Service+" is not enabled in the project", t.enableCommand(e.Service))
	case gcp.NotFound:
		return remedy(code, "there is no such service account, or not any more; setup makes it, and gives it what it takes", t.wifctl("setup"))
	case gcp.IssuerUnreachable:
		return t.keysUnread(code)
	case gcp.StaleToken:
		return remedy(code, "Google finds the token out of date: the clocks of the cluster and of Google differ by more than a minute", t.kubectl("get", "--raw", "/version", "-v=8"))
	}
	if cause, known := exchangeCause[e.Reason]; known {
		return remedy(code, cause, append(append([]string{t.providers("describe")}, t.outside()...), t.wifctl("setup"))...)
	}
	return remedy(code, "Google's answer has no known remedy")
}

// exchangeCause is what is the matter with the provider where Google refuses to exchange a token.
var exchangeCause = map[gcp.Reason]string{
	gcp.InvalidTarget:     "pool or provider is absent, disabled or deleted",
	gcp.AudienceMismatch:  "the provider lists audiences of its own",
	gcp.IssuerMismatch:    "the provider trusts another issuer, and Google compares them byte for byte",
	gcp.BadSignature:      "keys were uploaded to the provider, and they are not the cluster's",
	gcp.ConditionRejected: "the provider's condition turned the token away",
	gcp.NoSubject:         "the provider's mapping makes no google.subject of the token",
	gcp.SubjectTooLong:    "the provider's mapping makes a google.subject of more than 127 bytes",
	gcp.MappingNotString:  "the provider's mapping makes something else than a string of a claim",
	gcp.Invalid:           "Google says what it does not take of the token or of the provider's mapping",
}

// deniedRemedy is for a refusal that tells no cause.
func (t *Trust) deniedRemedy(code string) pipeline.Remedy {
	const tells = ". Where there is a Google login that may look, verify tells which it is, and setup mends it"
	switch {
	case t.pod != nil:
		return t.notSeenInPod(code)
	case t.ungranted(code):
		return remedy(code, "the bucket's policy does not give "+t.w.GSA+" the role "+t.grant().role+", and it seems not to come by way of "+t.facts.grantOpen+" either", t.grant().command("add"))
	case code == "WIF621" && !t.facts.bindingSeen:
		return remedy(code, "from here it can't be seen why: the GSA's policy may not name the workload, the GSA may be disabled, or the provider's mapping may make another principal of the token"+tells, t.wifctl("setup"))
	case code == "WIF631" && !t.facts.grantSeen:
		return remedy(code, "from here it can't be seen why: the policy of "+t.grantedOn()+" may not give "+t.w.GSA+" the role, or there may be no such bucket"+tells, t.wifctl("setup"))
	}
	return remedy(code, "the policies read right, so this is a change still on its way (up to ten minutes), or a deny policy",
		t.verifyAgain("--wait", "10m"))
}

// notSeenInPod is what lies behind a refusal where no policy can be read.
func (t *Trust) notSeenInPod(code string) pipeline.Remedy {
	missing := "the GSA's policy does not name ServiceAccount " + t.w.Namespace + "/" + t.w.ServiceAccount + ", which the pod runs as"
	if code != "WIF621" {
		missing = "the policy of bucket " + t.w.Bucket + " does not name the GSA"
	}
	return remedy(code, missing+", or not yet everywhere. No policy can be read from inside the pod; outside of it, the first of these tells which",
		append(t.outside(), t.verifyAgain("--wait", "10m"))...)
}

// outside is the verify that sees more than one inside a pod; none where we are outside.
func (t *Trust) outside() []string {
	if t.pod == nil {
		return nil
	}
	return []string{t.wifctl("verify")}
}

// keysUnread is for a token whose key Google does not have.
func (t *Trust) keysUnread(code string) pipeline.Remedy {
	if t.facts.mapping != nil { // the provider was looked at, and takes the issuer's own
		return remedy(code, "Google could not read the issuer's keys from the internet, or does not know the token's key yet", curl(t.facts.issuer))
	}
	return remedy(code, "Google could not read the issuer's keys from the internet, does not know the token's key yet, or goes by keys that were uploaded to the provider",
		curl(t.facts.issuer), t.providers("describe"), t.wifctl("setup"))
}
