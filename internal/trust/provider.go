package trust

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/wif"
)

func (t *Trust) gcpProvider() pipeline.Step {
	return pipeline.Step{
		Check: pipeline.Check{
			ID: GCPProvider, Claims: t.claims(GCPProvider),
			Claim:  "the provider believes the issuer about " + t.w.Namespace,
			Thing:  "the provider's trust in namespace " + t.w.Namespace,
			Facts:  []pipeline.ID{CKSIssuer, GCPProject, GCPPool},
			Needs:  []pipeline.ID{GCPPool},
			Within: poolVisible, Observe: t.lookAtProvider,
		},
		Apply:  t.applyProvider,
		Keep:   t.keepProvider,
		Remove: t.removeProvider,
	}
}

func (t *Trust) lookAtProvider(ctx context.Context) (pipeline.Observation, error) {
	if t.facts.poolAbsent {
		return t.providerAbsent(), nil // there is no provider before there is a pool
	}
	p, found, err := t.google.Provider(ctx, t.providerName())
	switch {
	case err != nil:
		obs, err := t.googleLook(err)
		return unlessThere(obs, err, fields(t.newProvider()))
	case !found:
		return t.providerAbsent(), nil
	case t.purpose == ToVerify && p.State == gcp.Deleted && t.facts.pool.State == gcp.Deleted:
		return pipeline.Observation{Status: pipeline.Unknown, Until: GCPPool, Detail: "it went with its pool"}, nil
	case t.servesOthersOnly(p):
		return pipeline.Observation{Status: pipeline.Absent, Detail: "it serves other namespaces only"}, nil
	}
	t.facts.mapping, t.facts.life = p.Mapping, lifeFor(p)
	t.seeClaims(ctx)
	return t.judgeProvider(p), nil
}

// lifeFor is how long a token lives that the provider judges as it would a pod's: the shortest,
// unless the condition is about a token's life.
func lifeFor(p gcp.Provider) time.Duration {
	if aboutLife.MatchString(p.Condition) {
		return podTokenLife
	}
	return tokenLife
}

var aboutLife = regexp.MustCompile(`\bexp\b`)

// assertion is the claims that the provider will judge: those of a real token, where one
// was seen.
func (t *Trust) assertion() wif.Assertion {
	if t.facts.claims != nil {
		return t.facts.claims
	}
	return wif.Foreseen(t.facts.issuer, t.audience(), t.w.Namespace, t.w.ServiceAccount)
}

// seeClaims looks at the claims of a real token, for a verify to judge the provider by.
func (t *Trust) seeClaims(ctx context.Context) {
	if t.purpose != ToVerify || t.clusterless || t.facts.claims != nil {
		return
	}
	token, found, err := t.mint(ctx, t.w.ServiceAccount)
	if err != nil || !found {
		return // the proof tells; here the claims that a token would have will do
	}
	if claims, err := token.Payload(); err == nil {
		t.facts.claims = asPodsHave(claims)
	}
}

// asPodsHave are the claims with the life that the tokens in pods have (manifest/podspec.yaml): a
// condition may be about it.
func asPodsHave(claims map[string]any) map[string]any {
	if issued, known := claims["iat"].(float64); known {
		claims["exp"] = issued + podTokenLife.Seconds()
	}
	return claims
}

func (t *Trust) providerAbsent() pipeline.Observation {
	return pipeline.Observation{Status: pipeline.Absent, Diffs: fields(t.newProvider()), Remedy: t.setupMends("WIF311")}
}

// judgeProvider says what is to be done about a provider that is there.
func (t *Trust) judgeProvider(p gcp.Provider) pipeline.Observation {
	owner := ownerOf(p.Description)
	gap := t.compare(p, owner)
	if p.State == gcp.Deleted {
		return t.deletedProvider(p, owner, gap)
	}
	t.facts.onPod = gap.onPod
	obs := pipeline.Observation{Owner: owner, Diffs: gap.diffs, Detail: t.providerID(), Findings: gap.findings}
	switch {
	case gap.refused != "":
		obs.Status, obs.Detail, obs.Remedy = pipeline.Blocked, gap.refused, gap.remedy
	case len(gap.diffs) > 0:
		obs = t.refuseTheirs(t.differs(obs, gap))
	default:
		obs.Status, obs.Detail = pipeline.Met, gap.note
	}
	return obs
}

// deletedProvider can be restored, and then set right: Google changes nothing about it before. Where
// setup would not set it right, somebody has to restore it first.
func (t *Trust) deletedProvider(p gcp.Provider, owner pipeline.Owner, gap gap) pipeline.Observation {
	obs := pipeline.Observation{
		Status: pipeline.Absent, Action: pipeline.ActionRestore, Owner: owner, Diffs: gap.diffs,
		Detail: "it was deleted and can be restored until " + day(p.Expires),
		Remedy: remedy("WIF312", "the provider was deleted; its id stays taken for 30 days, and setup restores it",
			t.providers("undelete"), t.wifctl("setup")),
	}
	if gap.refused != "" || len(gap.diffs) > 0 && !t.mayMend(owner) {
		obs.Status, obs.Action = pipeline.Blocked, pipeline.ActionRefuse
		obs.Detail += "; besides, " + or(gap.refused, t.differs(obs, gap).Detail)
		obs.Remedy = remedy("WIF312", "the provider was deleted; its id stays taken for 30 days. Restore it: nothing else of it can be mended before, and setup leaves that to you",
			t.providers("undelete"))
	}
	return obs
}

// differs is the Observation of a provider that can be set right.
func (t *Trust) differs(obs pipeline.Observation, gap gap) pipeline.Observation {
	paths := make([]string, len(gap.diffs))
	for i, d := range gap.diffs {
		paths[i] = d.Path
	}
	obs.Status, obs.Action, obs.Remedy = pipeline.Drifted, mend(obs.Owner), gap.remedy
	obs.Detail = t.providerID() + " differs in " + strings.Join(paths, ", ")
	return obs
}

func (t *Trust) applyProvider(ctx context.Context, obs pipeline.Observation) (pipeline.Outcome, error) {
	if obs.Next() == pipeline.ActionCreate {
		return t.created(t.google.CreateProvider(ctx, t.newProvider()))
	}
	if obs.Next() == pipeline.ActionRestore {
		if err := t.google.UndeleteProvider(ctx, t.providerName()); err != nil {
			return t.changed("", err)
		}
	}
	if err := t.patchProvider(ctx, obs.Diffs); err != nil {
		return t.changed("", err)
	}
	return t.changed(outcome(obs.Next()), nil)
}

// patchProvider sets exactly the fields that differ. It reads the provider once more,
// since a patch replaces a whole mapping, and somebody may have added to it.
func (t *Trust) patchProvider(ctx context.Context, diffs []pipeline.Diff) error {
	if len(diffs) == 0 {
		return nil
	}
	now, _, err := t.google.Provider(ctx, t.providerName())
	if err != nil {
		return err
	}
	want := t.newProvider()
	want.Condition = t.wantedCondition(now)
	if ownerOf(now.Description) != pipeline.Ours && len(now.Audiences) > 0 {
		want.Audiences = append(slices.Clone(now.Audiences), t.audience()) // others ask for those that are there
	}
	want.Mapping = mergeMapping(now.Mapping, want.Mapping)
	return t.google.PatchProvider(ctx, want, masks(diffs)...)
}

// masks are the fields of an update mask that cover the differences.
func masks(diffs []pipeline.Diff) []string {
	var out []string
	for _, d := range diffs {
		field, _, _ := strings.Cut(d.Path, "[")
		out = appendOnce(out, field)
	}
	return out
}

// others are who comes through our provider beside the workload.
type others struct {
	namespaces []string // other namespaces that the condition admits
	configMap  string   // of a workload in our own namespace; empty: none
	condition  string   // that somebody else wrote, for whom we can't tell; empty: it is ours
}

func (o others) any() bool { return len(o.namespaces) > 0 || o.configMap != "" || o.condition != "" }

func (t *Trust) otherWorkloads(ctx context.Context) (others, error) {
	p, found, err := t.google.Provider(ctx, t.providerName())
	if err != nil || !found {
		return others{}, t.googleFailed(err)
	}
	var o others
	namespaces, ours := wif.ConditionNamespaces(p.Condition)
	if !ours {
		o.condition = p.Condition
	}
	o.namespaces = slices.DeleteFunc(namespaces, func(ns string) bool { return ns == t.w.Namespace })
	maps, err := t.kube.ConfigMaps(ctx, t.w.Namespace)
	if err != nil {
		return others{}, t.kubeFailed(err)
	}
	for _, m := range maps {
		if m.Name != t.configMap() && strings.Contains(m.Data[credentialsKey], `"`+t.exchangeAudience()+`"`) {
			o.configMap = m.Namespace + "/" + m.Name
		}
	}
	t.facts.others = o
	return o, nil
}

// keepProvider leaves a provider, and our namespace in its condition, while other pods of
// the namespace come through it, or nobody can tell who does.
func (t *Trust) keepProvider(ctx context.Context, _ pipeline.Observation) (string, error) {
	o, err := t.otherWorkloads(ctx)
	switch {
	case err != nil:
		return "", err
	case o.configMap != "":
		return "ConfigMap " + o.configMap + " sends other pods through it", nil
	case o.condition != "":
		return "its condition was not written by wifctl: " + o.condition, nil
	}
	return "", nil
}

// removeProvider deletes the provider or, where it serves other namespaces, takes ours out
// of its condition.
func (t *Trust) removeProvider(ctx context.Context, _ pipeline.Observation) error {
	o, err := t.otherWorkloads(ctx)
	if err != nil {
		return err
	}
	if len(o.namespaces) == 0 {
		return t.googleFailed(t.google.DeleteProvider(ctx, t.providerName()))
	}
	p := gcp.Provider{Name: t.providerName(), Condition: wif.Condition(o.namespaces)}
	return t.googleFailed(t.google.PatchProvider(ctx, p, gcp.FieldCondition))
}

// servesOthersOnly reports whether a provider of ours admits other namespaces and no
// longer the workload's: for a teardown there is nothing left of the workload in it.
func (t *Trust) servesOthersOnly(p gcp.Provider) bool {
	namespaces, canonical := wif.ConditionNamespaces(p.Condition)
	return t.purpose == ToTearDown && ownerOf(p.Description) == pipeline.Ours && canonical && !slices.Contains(namespaces, t.w.Namespace)
}
