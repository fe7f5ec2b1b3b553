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
	if err != nil {
		obs := blocked(err.Error(), remedy(discoveryCode(err),
			"Google reads these documents from the internet, without credentials, before it believes a token", curlFailed(issuer, err)))
		obs.Learned = true
		return obs, nil
	}
	t.facts.published = published
	return pipeline.Observation{Status: pipeline.Met, Detail: issuerDetail(sources, published) + warning}, nil
}

// discoveryCode is the code of the claim that an unreadable issuer belies.
func discoveryCode(err error) string {
	e, ok := errors.AsType[*cks.DiscoveryError](err)
	switch {
	case ok && e.Fault == cks.FaultBadIssuer:
		return "WIF114"
	case ok && e.Fault == cks.FaultNoUsableKey:
		return "WIF116"
	case ok && e.Stage == cks.StageJWKS:
		return "WIF115"
	}
	return "WIF113"
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
	d, err := t.clusterIssuer(ctx)
	switch {
	case err == nil:
		sources = append(sources, cks.Source{Name: "the cluster", Issuer: d.Issuer})
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

// clusterIssuer asks the cluster, where there is one to ask.
func (t *Trust) clusterIssuer(ctx context.Context) (kube.Discovery, error) {
	if t.clusterless {
		return kube.Discovery{}, &AccessError{Detail: "needs " + string(KubeAccess) + ", or --issuer"}
	}
	return t.kube.Discovery(ctx)
}

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
