package trust

import (
	"errors"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/wif"
)

// stranger is a namespace that no condition names.
const stranger = "wifctl-stranger"

// compareCondition accepts any condition that admits the workload. It adds to one in our
// own form, and does not rewrite one in another form: that is somebody's decision.
func (t *Trust) compareCondition(g *gap, p gcp.Provider) {
	want := t.wantedCondition(p)
	d := pipeline.Diff{Path: gcp.FieldCondition, Have: p.Condition, Want: want}
	r := remedy("WIF316", "the provider's condition turns the workload's tokens away", t.providers("update-oidc", "--attribute-condition="+want))
	switch _, canonical := wif.ConditionNamespaces(p.Condition); {
	case p.Condition == want:
	case p.Condition == "" && !t.tidies(p): // it admits the workload, and lintProvider warns of it
	case canonical, p.Condition == "":
		g.find(pipeline.Finding{Code: r.Code, Verdict: pipeline.Fail, Remedy: r,
			Detail: "the condition is " + or(p.Condition, "empty") + t.assertion().Beside(p.Mapping, p.Condition)})
		g.add(d, r)
	default:
		t.compareForeignCondition(g, p, d)
	}
}

// compareForeignCondition judges a condition in another form. The command that mends it
// leaves in whom it admits already.
func (t *Trust) compareForeignCondition(g *gap, p gcp.Provider, d pipeline.Diff) {
	turnsAway, err := t.turnsAway(p)
	r := remedy("WIF316", "the provider's condition turns the workload's tokens away; it is somebody's decision, so ask before you widen it",
		t.providers("update-oidc", "--attribute-condition=("+p.Condition+") || "+t.admitting(p)))
	switch {
	case turnsAway && t.assertion().AdmitsSomePod(p.Mapping, p.Condition):
		t.leaveOpen(g, "WIF316", "the condition "+p.Condition)
	case turnsAway && t.cfg.Adopt:
		g.add(d, r)
	case turnsAway && err != nil:
		g.refuse("its condition can't be evaluated on the workload's token ("+firstLine(err)+") and was not written by wifctl: "+p.Condition, r)
	case turnsAway:
		g.refuse("its condition turns the workload away and was not written by wifctl: "+p.Condition+t.assertion().Beside(p.Mapping, p.Condition), r)
	case err != nil:
		g.note = "its condition could not be judged beforehand: " + p.Condition
	default:
		g.note = "its condition admits the workload: " + p.Condition
	}
}

// leaveOpen notes that what is judged hangs on the pod that a token is for. We are no pod,
// and the cluster gives such a token to nobody else.
func (t *Trust) leaveOpen(g *gap, code, what string) {
	g.onPod = what + " is about the pod that a token is for, so it can't be judged with a token that is no pod's"
	g.find(pipeline.Finding{Code: code, Verdict: pipeline.Skip, Detail: g.onPod, Remedy: t.runPod(code)})
}

// runPod is what to do where only a pod can tell.
func (t *Trust) runPod(code string) pipeline.Remedy {
	return remedy(code, "a pod can tell, and this runs one; in a pod of the workload verify --token-file can", t.wifctl("verify", "--pod"))
}

// turnsAway reports whether a condition keeps the workload out, however its claims are
// mapped: a condition that is misled by the mapping is not at fault. On claims that are
// only foreseen, an expression that fails tells nothing.
func (t *Trust) turnsAway(p gcp.Provider) (bool, error) {
	a := t.assertion()
	if admitted, _ := a.Admits(p.Mapping, p.Condition); admitted {
		return false, nil
	}
	admitted, err := a.Admits(mergeMapping(p.Mapping, wif.Mapping(t.facts.cluster)), p.Condition)
	var failed *wif.EvaluationError
	if err != nil && (t.facts.claims == nil || !errors.As(err, &failed)) {
		return false, err
	}
	return !admitted, err
}

// conditionToBe is the condition once setup has done what it may.
func (t *Trust) conditionToBe(p gcp.Provider) string {
	if _, canonical := wif.ConditionNamespaces(p.Condition); canonical || p.Condition == "" || !t.cfg.Adopt {
		return p.Condition
	}
	if turnsAway, _ := t.turnsAway(p); turnsAway {
		return t.wantedCondition(p)
	}
	return p.Condition
}

// wantedCondition adds our namespace to a condition in our form.
func (t *Trust) wantedCondition(p gcp.Provider) string {
	namespaces, _ := wif.ConditionNamespaces(p.Condition)
	return wif.Condition(append(namespaces, t.w.Namespace))
}

// admitting is an expression that admits the workload's namespace under the mapping that
// is there.
func (t *Trust) admitting(p gcp.Provider) string {
	condition := wif.Condition([]string{t.w.Namespace})
	if admitted, _ := t.assertion().Admits(p.Mapping, condition); admitted {
		return condition
	}
	return "assertion['kubernetes.io']['namespace'] == '" + t.w.Namespace + "'"
}
