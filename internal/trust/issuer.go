package trust

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
)

func (t *Trust) cksIssuer() pipeline.Step {
	s := pipeline.Step{Check: pipeline.Check{
		ID: CKSIssuer, Claims: t.claims(CKSIssuer),
		Claim:   "one issuer, and anybody can read its keys",
		Observe: t.lookAtIssuer,
	}}
	if t.cfg.Issuer == "" {
		s.Facts = []pipeline.ID{KubeAccess} // the cluster must say
	}
	return s
}

// lookAtIssuer asks every source for the issuer and, as Google will, the issuer itself,
// without credentials.
func (t *Trust) lookAtIssuer(ctx context.Context) (pipeline.Observation, error) {
	sources, warning, err := t.issuerSources(ctx)
	switch {
	case kube.Unanswered(err):
		return t.kubeUnanswered(err)
	case coreweaveSilent(err):
		return unanswered(t.sourceRemedy(err), err)
	case err != nil:
		obs, err := t.unseen(t.sourceRemedy(err), err)
		obs.Learned = false // who issues the tokens is not known
		return obs, err
	}
	issuer, err := cks.Agree(sources)
	if err != nil {
		return blocked(err.Error(), t.disagreement(err)), nil
	}
	t.facts.issuer, t.facts.cluster = issuer, cks.ClusterID(issuer)
	published, err := cks.Discover(ctx, t.anonymous, issuer)
	if ctx.Err() != nil {
		return pipeline.Observation{}, ctx.Err()
	}
	if err != nil {
		obs := blocked(err.Error(), t.unreadable(issuer, err))
		obs.Learned = obs.Remedy.Code != "WIF114" // there is nothing at Google for what is no issuer
		return obs, nil
	}
	t.facts.published = published
	return pipeline.Observation{Status: pipeline.Met, Detail: issuerDetail(sources, published) + warning}, nil
}

func issuerDetail(sources []cks.Source, d cks.Discovery) string {
	names := make([]string, len(sources))
	for i, s := range sources {
		names[i] = s.Name
	}
	return fmt.Sprintf("said by %s; %s", strings.Join(names, " and "), plural(len(d.Usable()), "usable key"))
}

// flagIssuer is the name of what the user says.
const flagIssuer = "--issuer"

// issuerSources asks the cluster, CoreWeave's API where there is a token, and the user.
func (t *Trust) issuerSources(ctx context.Context) (sources []cks.Source, warning string, err error) {
	if t.pod != nil {
		return []cks.Source{{Name: "the pod's token", Issuer: t.pod.claims.Issuer}}, "", nil
	}
	own, err := t.clusterIssuer(ctx)
	switch {
	case err == nil:
		sources = append(sources, own)
	case t.cfg.Issuer == "" && t.coreweave == nil:
		return nil, "", kubeBarred(err)
	default:
		warning = "; the cluster itself would not say"
	}
	if t.coreweave != nil {
		c, err := t.coreweave.Find(ctx, cks.Query{IDOrName: t.cfg.Cluster, Zone: t.cfg.Zone, Server: t.server()})
		if err != nil {
			return nil, "", coreweaveBarred(err)
		}
		sources = append(sources, cks.Source{Name: "the CoreWeave API", Issuer: c.Issuer()})
		if c.Warning != "" {
			warning += "; " + c.Warning
		}
	}
	if t.cfg.Issuer != "" {
		sources = append(sources, cks.Source{Name: flagIssuer, Issuer: t.cfg.Issuer})
	}
	return sources, warning, nil
}

// clusterIssuer asks the cluster, where there is one to ask. One that publishes no issuer
// names it in its tokens all the same.
func (t *Trust) clusterIssuer(ctx context.Context) (cks.Source, error) {
	if t.clusterless {
		return cks.Source{}, &AccessError{Detail: "needs " + string(KubeAccess) + ", or --issuer"}
	}
	d, err := t.kube.Discovery(ctx)
	if kube.ReasonOf(err) == kube.NoIssuer {
		if issuer := t.issuerOfTokens(ctx); issuer != "" {
			return cks.Source{Name: "the cluster's tokens", Issuer: issuer}, nil
		}
	}
	return cks.Source{Name: "the cluster", Issuer: d.Issuer}, err
}

// issuerOfTokens is the issuer of a token that is for nobody; empty if none is to be had.
func (t *Trust) issuerOfTokens(ctx context.Context) string {
	for _, account := range []string{t.w.ServiceAccount, otherServiceAccount} {
		token, err := t.kube.Token(ctx, t.w.Namespace, account, forNobody, tokenLife)
		if err != nil {
			continue
		}
		if c, err := token.Claims(); err == nil {
			return c.Issuer
		}
	}
	return ""
}

// forNobody is an audience that nothing accepts.
const forNobody = "wifctl"

// server is the API server of the kubeconfig, by which the CKS API knows the cluster.
func (t *Trust) server() string {
	if t.kube == nil {
		return ""
	}
	return t.kube.Target().Server
}

// coreweaveBarred marks what keeps us from asking CoreWeave's API at all.
func coreweaveBarred(err error) error {
	api, ok := errors.AsType[*cks.APIError](err)
	if !ok || api.Kind != cks.KindUnauthenticated && api.Kind != cks.KindNotAllowed {
		return err
	}
	return &AccessError{Detail: err.Error(), Err: err}
}

// coreweaveSilent reports whether CoreWeave's API did not answer.
func coreweaveSilent(err error) bool {
	api, ok := errors.AsType[*cks.APIError](err)
	return ok && (api.Kind == cks.KindUnavailable || api.Kind == cks.KindRateLimited)
}
