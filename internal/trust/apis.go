package trust

import (
	"context"
	"strings"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// services are the APIs that a trust is made and used with. None of them costs anything
// or needs billing, and teardown leaves them on: others may use them.
var services = []string{
	"cloudresourcemanager.googleapis.com",
	"iam.googleapis.com",
	"iamcredentials.googleapis.com",
	"storage.googleapis.com",
	"sts.googleapis.com",
}

func (t *Trust) gcpAPIs() pipeline.Step {
	return pipeline.Step{
		Check: pipeline.Check{
			ID: GCPAPIs, Claims: t.claims(GCPAPIs),
			Claim:  "the " + plural(len(services), "API") + " it takes are enabled",
			Thing:  t.apis(),
			Facts:  []pipeline.ID{GCPProject},
			Needs:  []pipeline.ID{KubeAccess, CKSIssuer, GCPProject},
			Within: apiEnabled, Observe: t.lookAtAPIs,
		},
		Apply: t.enableAPIs,
	}
}

// apis is what setup changes, and teardown never takes back.
func (t *Trust) apis() string {
	if t.purpose == ToTearDown {
		return ""
	}
	return "the APIs"
}

func (t *Trust) lookAtAPIs(ctx context.Context) (pipeline.Observation, error) {
	enabled, err := t.google.Services(ctx, t.facts.project.ID, services)
	if gcp.ReasonOf(err) == gcp.APIDisabled {
		return blocked("the Service Usage API, which enables all others, is not enabled", remedy("WIF131",
			"gcloud can enable it, since it brings its own", t.enableCommand("serviceusage.googleapis.com"))), nil
	}
	if err != nil {
		return t.googleLook(err)
	}
	missing := disabled(enabled)
	if len(missing) == 0 {
		return pipeline.Observation{Status: pipeline.Met}, nil
	}
	obs := pipeline.Observation{
		Status: pipeline.Absent, Action: pipeline.ActionUpdate, Detail: "not enabled: " + strings.Join(missing, ", "),
		Remedy: remedy("WIF131", "setup enables them, and so does this", t.enableCommand(missing...)),
	}
	for _, s := range missing {
		obs.Diffs = append(obs.Diffs, pipeline.Diff{Path: s, Have: "disabled", Want: "enabled"})
	}
	return obs, nil
}

func disabled(enabled map[string]bool) []string {
	var missing []string
	for _, s := range services {
		if !enabled[s] {
			missing = append(missing, s)
		}
	}
	return missing
}

func (t *Trust) enableCommand(names ...string) string {
	return gcloud(append(append([]string{"services", "enable"}, names...), "--project="+t.projectName())...)
}

func (t *Trust) enableAPIs(ctx context.Context, obs pipeline.Observation) (pipeline.Outcome, error) {
	var missing []string
	for _, d := range obs.Diffs {
		missing = append(missing, d.Path)
	}
	if err := t.google.EnableServices(ctx, t.facts.project.ID, missing); err != nil {
		return "", t.googleFailed(err)
	}
	t.enabled.Store(true)
	return pipeline.Updated, nil
}
