package trust

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/wif"
)

// mint gives a token of a ServiceAccount; inside a pod that is the pod's own.
func (t *Trust) mint(ctx context.Context, account string) (token kube.Token, found bool, err error) {
	if t.pod != nil {
		return t.pod.token, true, nil
	}
	token, err = t.kube.Token(ctx, t.w.Namespace, account, t.audience(), max(tokenLife, t.facts.life))
	if kube.ReasonOf(err) == kube.NotFound {
		return kube.Token{}, false, nil
	}
	return token, err == nil, err
}

// A tokenFault is why Google would refuse a token, and what to do about it.
type tokenFault struct {
	why    string
	remedy pipeline.Remedy
}

// checkToken holds a token against what Google will ask of it. Nil: it will do.
func (t *Trust) checkToken(ctx context.Context, token kube.Token) *tokenFault {
	c, err := token.Claims()
	if err != nil {
		return &tokenFault{err.Error(), t.rewritten()}
	}
	switch subject := wif.Subject(t.w.Namespace, t.w.ServiceAccount); {
	case c.Issuer != t.facts.issuer:
		return &tokenFault{"the token's issuer is " + c.Issuer + ", wanted " + t.facts.issuer + ": " + cks.Difference(c.Issuer, t.facts.issuer),
			remedy("WIF602", "the API server signs with another issuer than the one it publishes; this shows that one",
				t.kubectl("get", "--raw", "/.well-known/openid-configuration"))}
	case c.Subject != subject:
		return &tokenFault{"the token's subject is " + c.Subject + ", wanted " + subject, t.rewritten()}
	case !t.accepts(c.Audience):
		return &tokenFault{fmt.Sprintf("the token's audience is %v, wanted %s", c.Audience, t.audience()), t.rewritten()}
	case !c.Expires.After(time.Now()):
		return &tokenFault{"the token expired at " + c.Expires.UTC().Format(time.RFC3339) + ", by the local clock, which says " + time.Now().UTC().Format(time.RFC3339), t.expired()}
	}
	if err := t.checkSignature(ctx, token); err != nil {
		return &tokenFault{err.Error(),
			remedy("WIF603", "the cluster signs with a key that the issuer does not publish, or not yet. These show the cluster's keys and where the published ones are, and wait for the key",
				t.kubectl("get", "--raw", "/openid/v1/jwks"), curl(t.facts.issuer), t.verifyAgain("--wait", "10m"))}
	}
	return nil
}

// rewritten is what to do about a token that is not the one that was asked for.
func (t *Trust) rewritten() pipeline.Remedy {
	if t.pod != nil {
		return remedy("WIF602", "the pod's volume asks for another token than the provider takes; outside of the pod, this prints one whose volume asks for the right one", t.wifctl("manifest pod"))
	}
	return remedy("WIF602", "something in the cluster changes requests for tokens, and so it will those of pods; these show what may: webhooks, and the policies that newer clusters have",
		t.adminKubectl("get", "mutatingwebhookconfigurations", "--output=yaml"), t.adminKubectl("get", "mutatingadmissionpolicies", "--output=yaml"))
}

// expired is what to do about a token that is past.
func (t *Trust) expired() pipeline.Remedy {
	if t.pod != nil {
		return remedy("WIF602", "the kubelet renews the file of a projected token in time, and a copy of it nobody; or the clock here is wrong. Outside of the pod, this prints one that has such a file", t.wifctl("manifest pod"))
	}
	return remedy("WIF602", "it was given a moment ago, for ten minutes, so the clock here or that of the cluster is wrong; these show both",
		"date -u", t.kubectl("get", "--raw", "/version", "-v=8"))
}

// checkSignature holds a token against the published keys. If they don't do, they are fetched
// again: the cluster may have come to a new key since, and the issuer published it.
func (t *Trust) checkSignature(ctx context.Context, token kube.Token) error {
	err := cks.VerifySignature(token.Reveal(), t.facts.published)
	if err == nil {
		return nil
	}
	now, failed := cks.Discover(ctx, t.anonymous, t.facts.issuer)
	if failed != nil {
		return err
	}
	return cks.VerifySignature(token.Reveal(), now)
}

// badToken is the end of a proof whose token Google would refuse. That a new key is published
// is a thing to wait for.
func (t *Trust) badToken(bad tokenFault) pipeline.Observation {
	obs := blocked(bad.why, bad.remedy)
	if bad.remedy.Code == "WIF603" && t.asksToWait() {
		obs.Status, obs.Pending = pipeline.Drifted, true
		obs.Detail = "the issuer has not published the key yet: " + bad.why
	}
	return obs
}

// accepts reports whether one of a token's audiences is the provider, with or without the
// scheme: https://docs.cloud.google.com/iam/docs/workload-identity-federation-with-kubernetes
func (t *Trust) accepts(audience []string) bool {
	return slices.Contains(audience, t.audience()) || slices.Contains(audience, t.exchangeAudience())
}
