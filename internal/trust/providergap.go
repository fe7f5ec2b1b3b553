package trust

import (
	"maps"
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/shell"
	"github.com/wifctl/wifctl/internal/wif"
)

// newProvider is a provider as setup would make it.
func (t *Trust) newProvider() gcp.Provider {
	return gcp.Provider{
		Name:        t.providerName(),
		DisplayName: "CKS",
		Description: mark(t.facts.issuer),
		Issuer:      t.facts.issuer,
		Mapping:     wif.Mapping(t.facts.cluster),
		Condition:   wif.Condition([]string{t.w.Namespace}),
	}
}

// fields are what a plan shows of a provider that is not there yet.
func fields(p gcp.Provider) []pipeline.Diff {
	diffs := []pipeline.Diff{{Path: gcp.FieldCondition, Want: p.Condition}}
	for _, key := range slices.Sorted(maps.Keys(p.Mapping)) {
		diffs = append(diffs, pipeline.Diff{Path: mappingPath(key), Want: p.Mapping[key]})
	}
	return append(diffs, pipeline.Diff{Path: gcp.FieldIssuer, Want: p.Issuer})
}

func mappingPath(key string) string { return gcp.FieldMapping + "[" + key + "]" }

// gap is how a provider differs from what the workload needs.
type gap struct {
	diffs   []pipeline.Diff // sorted by Path; what a patch would change
	refused string          // a difference that is not ours to change
	note    string          // worth knowing, not in the way
	onPod   string          // what only a pod's token can tell; empty: nothing
	remedy  pipeline.Remedy // of the first difference

	findings []pipeline.Finding // each difference by its own code
}

func (g *gap) add(d pipeline.Diff, r pipeline.Remedy) {
	g.diffs = append(g.diffs, d)
	detail := d.Path + " is " + or(d.Have, "empty") + ", wanted " + or(d.Want, "none")
	g.find(pipeline.Finding{Code: r.Code, Verdict: pipeline.Fail, Detail: detail, Remedy: r})
	if g.remedy.Code == "" {
		g.remedy = r
	}
}

// find keeps what is found of a claim first, one mapping may differ in many keys; but a
// failure says more than a warning.
func (g *gap) find(f pipeline.Finding) {
	i := slices.IndexFunc(g.findings, func(have pipeline.Finding) bool { return have.Code == f.Code })
	switch {
	case i < 0:
		g.findings = append(g.findings, f)
	case f.Verdict == pipeline.Fail && g.findings[i].Verdict == pipeline.Warn:
		g.findings[i] = f
	}
}

func (g *gap) refuse(why string, r pipeline.Remedy) {
	g.find(pipeline.Finding{Code: r.Code, Verdict: pipeline.Fail, Detail: why, Remedy: r})
	if g.refused == "" {
		g.refused, g.remedy = why, r
	}
}

// compare holds a provider against what the workload needs. What is ours must be as we
// would write it; what is somebody else's need only do for the workload.
func (t *Trust) compare(p gcp.Provider, owner pipeline.Owner) gap {
	var g gap
	if p.Kind != gcp.KindOIDC {
		g.refuse("it is not an OIDC provider", remedy("WIF311", "another name is needed: this one is taken by a provider of another kind",
			t.wifctl("setup", "--provider", t.providerID()+"-2")))
		return g
	}
	t.compareCondition(&g, p)
	t.compareMapping(&g, p, owner)
	if p.Disabled {
		g.add(pipeline.Diff{Path: gcp.FieldDisabled, Have: "true", Want: "false"},
			remedy("WIF313", "no token is accepted while the provider is disabled", t.providers("update-oidc", "--no-disabled")))
	}
	t.compareAudiences(&g, p, owner)
	t.compareIssuer(&g, p, owner)
	t.compareKeys(&g, p, owner)
	t.lintProvider(&g, p)
	return g
}

// compareAudiences wants the audience of our tokens in a list that takes the place of the
// default one. Ours has no list; somebody else's keeps what others ask for.
func (t *Trust) compareAudiences(g *gap, p gcp.Provider, owner pipeline.Owner) {
	if len(p.Audiences) == 0 || slices.Contains(p.Audiences, t.audience()) {
		return
	}
	d := pipeline.Diff{Path: gcp.FieldAudiences, Have: strings.Join(p.Audiences, ", ")}
	mend := t.wifctl("setup")
	if owner != pipeline.Ours {
		all := append(slices.Clone(p.Audiences), t.audience())
		d.Want, mend = strings.Join(all, ", "), t.providers("update-oidc", shell.GcloudList("--allowed-audiences", all...))
	}
	g.add(d, remedy("WIF317", "a list of audiences takes the place of the default one, which the pods' tokens carry: "+t.audience(), mend))
}

// compareIssuer refuses another issuer wherever it was not ours that was changed by hand:
// whoever controls that issuer would be let in.
func (t *Trust) compareIssuer(g *gap, p gcp.Provider, owner pipeline.Owner) {
	if p.Issuer == t.facts.issuer {
		return
	}
	r := remedy("WIF314", "Google compares the issuer byte for byte, and the provider's "+cks.Difference(t.facts.issuer, p.Issuer),
		t.providers("update-oidc", "--issuer-uri="+t.facts.issuer))
	if owner != pipeline.Ours || p.Description != mark(t.facts.issuer) {
		if strings.TrimSuffix(p.Issuer, "/") != strings.TrimSuffix(t.facts.issuer, "/") {
			r.Cause += ". It may be another cluster's, whose pods this would cut off: then leave it, and make one of another name: " + t.wifctl("setup", "--provider", t.providerID()+"-2")
		}
		g.refuse("it trusts another issuer: found "+p.Issuer+", wanted "+t.facts.issuer, r)
		return
	}
	g.add(pipeline.Diff{Path: gcp.FieldIssuer, Have: p.Issuer, Want: t.facts.issuer}, r)
}

// mergeMapping adds what we want to what is there.
func mergeMapping(have, want map[string]string) map[string]string {
	merged := make(map[string]string, len(have)+len(want))
	maps.Copy(merged, have)
	maps.Copy(merged, want)
	return merged
}

// mappingFlag is the whole mapping as gcloud takes it: an update replaces all of it.
func mappingFlag(have, want map[string]string) string {
	merged := mergeMapping(have, want)
	pairs := make([]string, 0, len(merged))
	for _, key := range slices.Sorted(maps.Keys(merged)) {
		pairs = append(pairs, key+"="+merged[key])
	}
	return shell.GcloudList("--attribute-mapping", pairs...)
}
