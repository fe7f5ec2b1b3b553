package trust

import (
	"errors"
	"testing"
	"time"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// A refusal is waited for only where a change explains it; anything else ends at once.
func TestARefusedProofMayPassOnlyAfterAChange(t *testing.T) {
	nothing := func(*Trust) {}
	wrote := func(t *Trust) { _, _ = t.changed(pipeline.Updated, nil) }
	enabled := func(t *Trust) { t.enabled.Store(true) }
	recorded := func(age time.Duration) func(*Trust) {
		return func(t *Trust) {
			t.facts.credentials.Annotations = map[string]string{addedAnnotation: t.binding().entry()}
			t.facts.credentials.Applied = time.Now().Add(-age)
		}
	}
	waits := func(t *Trust) { t.purpose, t.cfg.Wait = ToVerify, time.Minute }
	for _, c := range []struct {
		name    string
		before  func(*Trust)
		reason  gcp.Reason
		pending bool
	}{
		{"denied, and nothing was changed", nothing, gcp.PermissionDenied, false},
		{"denied after a change of this run", wrote, gcp.PermissionDenied, true},
		{"denied after this run enabled APIs", enabled, gcp.PermissionDenied, true},
		{"denied a minute after an earlier run's change", recorded(time.Minute), gcp.PermissionDenied, true},
		{"denied an hour after it", recorded(time.Hour), gcp.PermissionDenied, false},
		{"denied, and asked to wait", waits, gcp.PermissionDenied, true},
		{"the condition turned it away after a change", wrote, gcp.ConditionRejected, true},
		{"the wrong audience does not pass", wrote, gcp.AudienceMismatch, false},
		{"a VPC service perimeter does not pass", waits, gcp.Perimeter, false},
		{"a bad signature does not pass", wrote, gcp.BadSignature, false},
		{"a subject that is too long does not pass", wrote, gcp.SubjectTooLong, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := known()
			c.before(tr)
			obs, err := tr.refusedAt("impersonation", "WIF621", &gcp.Error{Op: "impersonate", Reason: c.reason})
			if err != nil {
				t.Fatal(err)
			}
			if obs.Pending != c.pending || (obs.Status == pipeline.Blocked) == c.pending {
				t.Errorf("got pending %t, %s; want pending %t", obs.Pending, obs.Status, c.pending)
			}
			if obs.Remedy.Code != "WIF621" || obs.Remedy.Cause == "" {
				t.Errorf("got remedy %+v", obs.Remedy)
			}
		})
	}
	_, err := known().refusedAt("federation", "WIF611", &gcp.Error{Reason: gcp.Unreachable})
	var dark *pipeline.UnansweredError
	if !errors.As(err, &dark) || dark.Claim != "WIF611" {
		t.Errorf("unreachable: got %v, want no verdict on WIF611", err)
	}
}
