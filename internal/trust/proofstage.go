package trust

import (
	"errors"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// refusedAt is the Observation of a proof that failed at a stage. All policies were seen
// to be right before: what was changed in this run, or listed minutes ago, may not be
// enforced everywhere yet, and so may what somebody changed who says --wait; else only a
// person can mend it.
func (t *Trust) refusedAt(stage, code string, err error) (pipeline.Observation, error) {
	if gcp.Unanswered(err) {
		return pipeline.Observation{Remedy: t.googleRemedy(err)}, &pipeline.UnansweredError{Claim: code, Err: err}
	}
	detail := stage + ": " + err.Error()
	obs := blocked(detail, t.stageRemedy(code, err))
	changed := t.wrote.Load() || t.enabled.Load() || t.record.recent()
	if mayPass(err) && (t.asksToWait() || changed && !t.ungranted(code)) {
		obs.Status, obs.Pending = pipeline.Drifted, true
		obs.Detail = "not enforced everywhere yet: " + detail
	}
	return obs, nil
}

// asksToWait reports whether a verify was told to wait. A setup always is.
func (t *Trust) asksToWait() bool { return t.purpose == ToVerify && t.cfg.Wait > 0 }

// ungranted reports whether a refusal is most likely for want of the grant: the bucket's
// policy does not have it in the form that we know.
func (t *Trust) ungranted(code string) bool { return code == "WIF631" && t.facts.grantOpen != "" }

// mayPass reports whether Google gives this answer while a change of ours is on its way.
func mayPass(err error) bool {
	switch gcp.ReasonOf(err) {
	case gcp.PermissionDenied, gcp.APIDisabled, gcp.InvalidTarget, gcp.ConditionRejected, gcp.NotFound, gcp.IssuerUnreachable:
		return true
	default:
		return false
	}
}

// stageRemedy says what lies behind a refusal where policies and resources look right.
func (t *Trust) stageRemedy(code string, err error) pipeline.Remedy {
	var e *gcp.Error
	if !errors.As(err, &e) {
		return pipeline.Remedy{Code: code}
	}
	switch e.Reason {
	case gcp.PermissionDenied:
		if t.pod != nil {
			return t.notSeenInPod(code)
		}
		if t.ungranted(code) {
			return remedy(code, "the bucket's policy does not give "+t.w.GSA+" the role "+t.grant().role+", and it seems not to come by way of "+t.facts.grantOpen+" either", t.grant().command("add"))
		}
		return remedy(code, "the policies read right, so this is a change still on its way (up to ten minutes), or a deny policy",
			t.verifyAgain("--wait", "10m"))
	case gcp.Perimeter:
		return t.perimeter(code, e)
	case gcp.BillingRequired:
		return t.unbilled(code)
	case gcp.RequesterPays:
		return t.requesterPays()
	case gcp.APIDisabled:
		return remedy(code, e.Service+" is not enabled in the project", t.enableCommand(e.Service))
	case gcp.InvalidTarget:
		return remedy(code, "pool or provider is absent, disabled or deleted", t.providers("describe"), t.wifctl("setup"))
	case gcp.AudienceMismatch:
		return remedy(code, "the provider lists audiences of its own", t.providers("describe"), t.wifctl("setup"))
	case gcp.IssuerUnreachable:
		return remedy(code, "Google could not read the issuer's keys from the internet, or does not know the token's key yet", curl(t.facts.issuer))
	case gcp.ConditionRejected:
		return remedy(code, "the provider's condition turned the token away", append([]string{t.providers("describe")}, t.outside()...)...)
	case gcp.StaleToken:
		return remedy(code, "Google finds the token out of date: the clocks of the cluster and of Google differ by more than a minute", t.kubectl("get", "--raw", "/version", "-v=8"))
	}
	if code == "WIF611" && e.Reason == gcp.Invalid {
		return remedy(code, "Google says what it does not take of the token; this shows the provider that it judges it by", t.providers("describe"))
	}
	return remedy(code, "Google's answer has no known remedy")
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
