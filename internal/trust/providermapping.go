package trust

import (
	"maps"
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/wif"
)

const subjectKey = "google.subject"

// compareMapping judges a mapping by what it makes of tokens: the workload's principal of
// the workload's, and of nobody else's. What is ours and differs without effect is set
// right by a setup, and a warning to a verify.
func (t *Trust) compareMapping(g *gap, p gcp.Provider, owner pipeline.Owner) {
	want := wif.Mapping(t.facts.cluster)
	for _, key := range slices.Sorted(maps.Keys(mergeMapping(p.Mapping, want))) {
		have, wanted := p.Mapping[key], want[key]
		if have == wanted {
			continue
		}
		r, wrong := t.mappingFault(p, key)
		switch {
		case wanted == "" && wrong && t.assertion().ValueInSomePod(have):
			t.leaveOpen(g, "WIF315", mappingPath(key)+", which is "+have+",")
		case wanted == "" && wrong: // setup did not write it, and does not rewrite it
			g.refuse(mappingPath(key)+" is "+have, r)
		case wanted == "":
		case wrong, t.tidies(p):
			g.add(pipeline.Diff{Path: mappingPath(key), Have: have, Want: wanted}, r)
		case owner == pipeline.Ours:
			g.find(warn(r.Code, mappingPath(key)+" is "+or(have, "empty")+", where setup writes "+wanted,
				remedy(r.Code, "somebody edited it; the workload comes through, and setup sets it right", t.wifctl("setup"))))
		}
	}
}

// mappingFault says what is wrong with one expression of a mapping, and what mends it.
func (t *Trust) mappingFault(p gcp.Provider, key string) (r pipeline.Remedy, wrong bool) {
	want := wif.Mapping(t.facts.cluster)
	have := maps.Clone(p.Mapping)
	if want[key] == "" {
		delete(have, key)
	}
	mend := t.providers("update-oidc", mappingFlag(have, want))
	value, err := t.assertion().Value(p.Mapping[key])
	if key == wif.GroupsKey {
		_, err = t.assertion().Groups(p.Mapping[key])
	}
	switch {
	case key == subjectKey && len(value) > maxSubject:
		return remedy("WIF319", "google.subject would be "+plural(len(value), "byte")+", and Google refuses one of more than 127: "+value, mend), true
	case t.isBound(key):
		why := t.otherPrincipal(p, key)
		return remedy("WIF315", or(why, "it is not as setup writes it"), mend), why != ""
	case p.Mapping[key] != "" && err != nil && (t.facts.claims != nil || key == subjectKey):
		return remedy("WIF315", "Google refuses a token on which an expression of the mapping fails: "+firstLine(err), mend), true
	case t.misleads(p, key):
		return remedy("WIF315", "the condition reads "+key+", and this makes "+or(quoted(value), "nothing")+" of it", mend), true
	}
	return remedy("WIF315", "it is not as setup writes it", mend), false
}

// isBound reports whether the binding names the workload by this key of a mapping.
func (t *Trust) isBound(key string) bool {
	if t.cfg.Principal == PrincipalSubject {
		return key == subjectKey
	}
	return key == wif.WorkloadAttribute
}

// otherPrincipal says how the principal that a mapping makes of the workload's token is not
// the one that is bound, or not the workload's alone; empty: it is.
func (t *Trust) otherPrincipal(p gcp.Provider, key string) string {
	have := p.Mapping[key]
	if have == "" {
		return "tokens are not mapped to the principal that the binding names"
	}
	bound, _ := t.assertion().Value(wif.Mapping(t.facts.cluster)[key])
	switch got, err := t.assertion().Value(have); {
	case err != nil:
		return "Google refuses a token on which an expression of the mapping fails: " + firstLine(err)
	case got != bound:
		return "it makes " + quoted(got) + " of the workload's token, and the binding names " + quoted(bound)
	}
	for _, other := range t.bystanders() {
		a := t.assertion().Of(other.namespace, other.account)
		got, err := a.Value(have)
		if admitted, _ := a.Admits(p.Mapping, p.Condition); err == nil && got == bound && admitted {
			return "it takes " + other.namespace + "/" + other.account + " for " + t.w.Namespace + "/" + t.w.ServiceAccount
		}
	}
	return ""
}

type bystander struct{ namespace, account string }

// bystanders are who must not be taken for the workload, one of each kind.
func (t *Trust) bystanders() []bystander {
	return []bystander{{t.w.Namespace, otherServiceAccount}, {stranger, t.w.ServiceAccount}}
}

// misleads reports whether a condition would admit the workload, were only this key mapped
// as setup does.
func (t *Trust) misleads(p gcp.Provider, key string) bool {
	condition := t.conditionToBe(p)
	if condition == "" || !strings.Contains(condition, key) {
		return false
	}
	asIs, _ := t.assertion().Admits(p.Mapping, condition)
	mended, _ := t.assertion().Admits(mergeMapping(p.Mapping, wif.Mapping(t.facts.cluster)), condition)
	return !asIs && mended
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return "'" + s + "'"
}
