package trust

import (
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/shell"
	"github.com/wifctl/wifctl/internal/wif"
)

// tidies reports whether what works, and is not as we would write it, is set right: setup
// does so with what is ours. To a verify it is a warning.
func (t *Trust) tidies(p gcp.Provider) bool {
	return ownerOf(p.Description) == pipeline.Ours && t.purpose != ToVerify
}

// compareKeys holds uploaded keys, which take the place of those that the issuer publishes,
// against these. Ours has none; somebody else's must have those of today.
func (t *Trust) compareKeys(g *gap, p gcp.Provider, owner pipeline.Owner) {
	if p.JWKS == "" {
		return
	}
	r := remedy("WIF318", "uploaded keys go stale when the cluster's keys change; the issuer publishes them", t.wifctl("setup"))
	if t.tidies(p) {
		g.add(pipeline.Diff{Path: gcp.FieldJWKS, Have: "an uploaded key set"}, r)
		return
	}
	if owner != pipeline.Ours {
		const file = "cluster-keys.json"
		r.Run = []string{
			t.kubectl("get", "--raw", "/openid/v1/jwks") + " > " + file,
			t.providers("update-oidc", "--jwk-json-path="+file),
		}
	}
	uploaded, err := cks.ParseKeys([]byte(p.JWKS))
	missing := cks.Missing(t.facts.published.Usable(), uploaded)
	switch {
	case err != nil:
		g.refuse("its uploaded keys can't be read: "+err.Error(), r)
	case len(missing) > 0:
		g.refuse("keys were uploaded to it, and of those that the issuer publishes they lack "+someOf(missing), r)
	default:
		if owner != pipeline.Ours {
			r.Run = nil // to upload them again would mend nothing
		}
		g.find(warn(r.Code, "keys were uploaded to it; they are the issuer's today, and will not be after its next change of keys", r))
	}
}

// lintProvider warns of a provider that takes more than it has to, and sees to Google's
// limit on the subject.
func (t *Trust) lintProvider(g *gap, p gcp.Provider) {
	if open := t.letsStrangersIn(p); open != "" {
		r := remedy("WIF321", "admit the namespaces that use it, all of them", t.providers("update-oidc", "--attribute-condition="+t.admitting(p)))
		if _, canonical := wif.ConditionNamespaces(p.Condition); canonical {
			r = remedy("WIF321", "the mapping makes the same of every namespace", t.providers("update-oidc", mappingFlag(p.Mapping, wif.Mapping(t.facts.cluster))))
		}
		g.find(warn("WIF321", open, r))
	}
	own := []string{t.audience(), t.exchangeAudience()}
	others := slices.DeleteFunc(slices.Clone(p.Audiences), func(a string) bool { return slices.Contains(own, a) })
	if len(others) > 0 {
		g.find(warn("WIF322", "it also accepts tokens that were made for "+strings.Join(others, ", "),
			remedy("WIF322", "a token that another service was given could be used here; find out who asks for it",
				t.providers("update-oidc", shell.GcloudList("--allowed-audiences", t.audience())))))
	}
}

// letsStrangersIn says why a provider accepts tokens of any namespace; empty: it does not.
func (t *Trust) letsStrangersIn(p gcp.Provider) string {
	if p.Condition == "" {
		return "it has no condition: every token of the issuer is accepted"
	}
	if admitted, err := t.assertion().Of(stranger, stranger).Admits(p.Mapping, p.Condition); err != nil || !admitted {
		return ""
	}
	return "its condition keeps no namespace out: " + p.Condition
}
