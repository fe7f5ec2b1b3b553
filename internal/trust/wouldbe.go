package trust

import (
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// What a plan shows of things that are not there yet: the fields that setup writes, as the
// APIs spell them.

// workloadsName is the display name of what setup makes at Google.
const workloadsName = "CKS workloads"

// made are the fields of a pool or GSA that setup makes.
func (t *Trust) made() []pipeline.Diff {
	return []pipeline.Diff{{Path: gcp.FieldDescription, Want: mark(t.facts.issuer)}, {Path: gcp.FieldDisplayName, Want: workloadsName}}
}

// labelled is what tells an object of ours from others.
func labelled() pipeline.Diff {
	return pipeline.Diff{Path: "metadata.labels[" + kube.ManagedByLabel + "]", Want: kube.ManagedBy}
}

// unlessThere gives a look that had to wait for the APIs what setup will write if the thing
// is not there.
func unlessThere(obs pipeline.Observation, err error, wanted []pipeline.Diff) (pipeline.Observation, error) {
	if obs.Until == GCPAPIs && err == nil {
		obs.Diffs = wanted
	}
	return obs, err
}

// without are the members that go when these are taken out of their policies.
func without(members []member) (diffs []pipeline.Diff) {
	for _, m := range members {
		diffs = append(diffs, pipeline.Diff{Path: bindingPath(m), Have: m.member})
	}
	slices.SortFunc(diffs, func(a, b pipeline.Diff) int { return strings.Compare(a.Have, b.Have) })
	return diffs
}

func bindingPath(m member) string { return "bindings[" + m.role + "]" }
