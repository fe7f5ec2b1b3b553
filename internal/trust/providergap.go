package trust

import (
	"maps"
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
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

// find keeps what is found of a claim first: one mapping may differ in many keys.
func (g *gap) find(f pipeline.Finding) {
	if !slices.ContainsFunc(g.findings, func(have pipeline.Finding) bool { return have.Code == f.Code }) {
		g.findings = append(g.findings, f)
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
	if len(p.Audiences) > 0 && !slices.Contains(p.Audiences, t.audience()) {
		d := pipeline.Diff{Path: gcp.FieldAudiences, Have: strings.Join(p.Audiences, ", ")}
		all := append(slices.Clone(p.Audiences), t.audience())
		if owner != pipeline.Ours {
			d.Want = strings.Join(all, ", ")
		}
		g.add(d, remedy("WIF317", "a list of audiences takes the place of the default one, which our tokens carry",
			t.providers("update-oidc", "--allowed-audiences="+strings.Join(all, ","))))
	}
	t.compareIssuer(&g, p, owner)
	t.compareKeys(&g, p, owner)
	t.lintProvider(&g, p)
	return g
}

// compareIssuer refuses another issuer wherever it was not ours that was changed by hand:
// whoever controls that issuer would be let in.
func (t *Trust) compareIssuer(g *gap, p gcp.Provider, owner pipeline.Owner) {
	if p.Issuer == t.facts.issuer {
		return
	}
	r := remedy("WIF314", "Google compares the issuer byte for byte: "+cks.Difference(p.Issuer, t.facts.issuer),
		t.providers("update-oidc", "--issuer-uri="+t.facts.issuer))
	if owner != pipeline.Ours || p.Description != mark(t.facts.issuer) {
		g.refuse("it trusts another issuer: found "+p.Issuer+", wanted "+t.facts.issuer, r)
		return
	}
	g.add(pipeline.Diff{Path: gcp.FieldIssuer, Have: p.Issuer, Want: t.facts.issuer}, r)
}

func (t *Trust) compareMapping(g *gap, p gcp.Provider, owner pipeline.Owner) {
	want := wif.Mapping(t.facts.cluster)
	for _, key := range slices.Sorted(maps.Keys(want)) {
		have := p.Mapping[key]
		if have == want[key] || owner != pipeline.Ours && t.does(have, key, want[key]) {
			continue
		}
		g.add(pipeline.Diff{Path: mappingPath(key), Have: have, Want: want[key]},
			remedy("WIF315", "tokens are not mapped to the principal that the binding names",
				t.providers("update-oidc", "--attribute-mapping="+mappingFlag(p.Mapping, want))))
	}
}

// does reports whether somebody else's expression does for the workload: it is not
// needed, or yields the same value.
func (t *Trust) does(have, key, want string) bool {
	needed := key == "google.subject" || key == wif.WorkloadAttribute && t.cfg.Principal != PrincipalSubject
	if !needed {
		return true
	}
	if have == "" {
		return false
	}
	a := t.assertion()
	got, err := a.Value(have)
	if err != nil {
		return false
	}
	expected, err := a.Value(want)
	return err == nil && got == expected
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
	return strings.Join(pairs, ",")
}

// compareCondition accepts any condition that admits the workload. It adds to one in our
// own form, and does not rewrite one in another form: that is somebody's decision.
func (t *Trust) compareCondition(g *gap, p gcp.Provider) {
	want := t.wantedCondition(p)
	r := remedy("WIF316", "the provider's condition turns the workload's tokens away", t.providers("update-oidc", "--attribute-condition="+want))
	d := pipeline.Diff{Path: gcp.FieldCondition, Have: p.Condition, Want: want}
	switch _, canonical := wif.ConditionNamespaces(p.Condition); {
	case p.Condition == want:
	case p.Condition == "" && !t.tidies(p): // it admits the workload, and lintProvider warns of it
	case canonical, p.Condition == "":
		g.find(pipeline.Finding{Code: r.Code, Verdict: pipeline.Fail, Remedy: r,
			Detail: "the condition is " + or(p.Condition, "empty") + t.assertion().Beside(p.Mapping, p.Condition)})
		g.add(d, r)
	default:
		t.compareForeignCondition(g, p, d, r)
	}
}

func (t *Trust) compareForeignCondition(g *gap, p gcp.Provider, d pipeline.Diff, r pipeline.Remedy) {
	a := t.assertion()
	admitted, err := a.Admits(p.Mapping, p.Condition)
	switch {
	case err != nil:
		g.note = "its condition could not be judged beforehand: " + p.Condition
	case admitted:
		g.note = "its condition admits the workload: " + p.Condition
	case t.cfg.Adopt:
		g.add(d, r)
	default:
		g.refuse("its condition turns the workload away and was not written by wifctl: found "+p.Condition+", wanted "+d.Want+a.Beside(p.Mapping, p.Condition), r)
	}
}

// wantedCondition adds our namespace to a condition in our form.
func (t *Trust) wantedCondition(p gcp.Provider) string {
	namespaces, _ := wif.ConditionNamespaces(p.Condition)
	return wif.Condition(append(namespaces, t.w.Namespace))
}
