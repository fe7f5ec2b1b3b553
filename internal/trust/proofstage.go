package trust

import (
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
