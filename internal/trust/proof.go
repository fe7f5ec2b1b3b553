package trust

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/wif"
)

// readOnly is all that the proof may do with what it is given.
const readOnly = "https://www.googleapis.com/auth/devstorage.read_only"

// tokenLife is the least that Kubernetes grants. The token is used at once.
const tokenLife = 10 * time.Minute

func (t *Trust) proof() pipeline.Step {
	return pipeline.Step{Check: pipeline.Check{
		ID: Proof, Claims: t.claims(Proof),
		Claim: t.w.Namespace + "/" + t.w.ServiceAccount + " reads " + t.w.Bucket + ", and others do not",
		Needs: []pipeline.ID{
			KubeAccess, CKSIssuer, GCPProject, GCPAPIs, KubeNamespace, KubeServiceAccount, GCPPool, GCPProvider,
			GCPServiceAccount, KubeCredentials, GCSBucket, GCSGrant, GCPBinding,
		},
		Within: t.wait(), Observe: t.prove,
	}}
}

func (t *Trust) wait() time.Duration {
	if t.cfg.Wait > 0 {
		return t.cfg.Wait
	}
	return DefaultWait
}

// prove goes the whole way of a pod: token, federation, impersonation, object. Then it
// sees another ServiceAccount refused.
func (t *Trust) prove(ctx context.Context) (pipeline.Observation, error) {
	if t.facts.onPod != "" {
		return t.onlyAPodProves(), nil
	}
	minted := time.Now()
	token, found, err := t.mint(ctx, t.w.ServiceAccount)
	if err != nil {
		return t.kubeLook(err)
	}
	if !found {
		return blocked("there is no ServiceAccount "+t.w.ServiceAccount, t.setupMends("WIF211")), nil
	}
	if code, why := t.checkToken(ctx, token); why != "" {
		return t.badToken(code, why), nil
	}
	federated, err := t.google.Exchange(ctx, gcp.ExchangeAudience(t.exchangeAudience()), token.Reveal())
	clocks := t.clusterClock(token, minted, err)
	if err != nil && clocks.Verdict == pipeline.Fail {
		return blocked(clocks.Detail, clocks.Remedy), nil
	}
	refused := func(stage, code string, err error) (pipeline.Observation, error) {
		obs, err := t.refusedAt(stage, code, err)
		obs.Findings = []pipeline.Finding{clocks}
		return obs, err
	}
	if err != nil {
		return refused("federation", "WIF611", err)
	}
	access, err := t.google.Impersonate(ctx, federated, t.email(), tokenLife, readOnly)
	if err != nil {
		return refused("impersonation", "WIF621", err)
	}
	read, err := t.google.ReadBucket(ctx, access, t.w.Bucket)
	if err != nil {
		return refused("storage", "WIF631", err)
	}
	return t.proveNegative(ctx, clocks, pass("WIF631", readDetail(read)))
}

// onlyAPodProves is the end of a proof that Google would refuse, whatever a pod can do.
func (t *Trust) onlyAPodProves() pipeline.Observation {
	if t.purpose != ToVerify {
		return blocked(t.facts.onPod, t.runPod("WIF611"))
	}
	obs := barred(t.facts.onPod)
	obs.Remedy = t.runPod("WIF316")
	return obs
}

// mint gives a token of a ServiceAccount; inside a pod that is the pod's own.
func (t *Trust) mint(ctx context.Context, account string) (token kube.Token, found bool, err error) {
	if t.pod != nil {
		return t.pod.token, true, nil
	}
	token, err = t.kube.Token(ctx, t.w.Namespace, account, t.audience(), tokenLife)
	if kube.ReasonOf(err) == kube.NotFound {
		return kube.Token{}, false, nil
	}
	return token, err == nil, err
}

// checkToken holds a token against what Google will ask of it, and gives the code of the
// claim that it belies. Empty: it will do.
func (t *Trust) checkToken(ctx context.Context, token kube.Token) (code, why string) {
	c, err := token.Claims()
	if err != nil {
		return "WIF602", err.Error()
	}
	switch subject := wif.Subject(t.w.Namespace, t.w.ServiceAccount); {
	case c.Issuer != t.facts.issuer:
		return "WIF602", "the token's issuer is " + c.Issuer + ", wanted " + t.facts.issuer + ": " + cks.Difference(c.Issuer, t.facts.issuer)
	case c.Subject != subject:
		return "WIF602", "the token's subject is " + c.Subject + ", wanted " + subject
	case !t.accepts(c.Audience):
		return "WIF602", fmt.Sprintf("the token's audience is %v, wanted %s", c.Audience, t.audience())
	case !c.Expires.After(time.Now()):
		return "WIF602", "the token expired at " + c.Expires.UTC().Format(time.RFC3339) + ", by the local clock"
	}
	if err := t.checkSignature(ctx, token); err != nil {
		return "WIF603", err.Error()
	}
	return "", ""
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
func (t *Trust) badToken(code, why string) pipeline.Observation {
	obs := blocked(why, t.tokenRemedy(code))
	if code == "WIF603" && t.asksToWait() {
		obs.Status, obs.Pending = pipeline.Drifted, true
		obs.Detail = "the issuer has not published the key yet: " + why
	}
	return obs
}

// tokenRemedy is what to look at where the cluster's token is not one for Google.
func (t *Trust) tokenRemedy(code string) pipeline.Remedy {
	if code == "WIF603" {
		return remedy(code, "the cluster signs with a key that the issuer does not publish, or not yet. These show the cluster's keys and where the published ones are, and wait for the key",
			t.kubectl("get", "--raw", "/openid/v1/jwks"), curl(t.facts.issuer), t.verifyAgain("--wait", "10m"))
	}
	return remedy(code, "Google would refuse this token; this shows the issuer that the cluster names",
		t.kubectl("get", "--raw", "/.well-known/openid-configuration"))
}

// accepts reports whether one of a token's audiences is the provider, with or without the
// scheme: https://docs.cloud.google.com/iam/docs/workload-identity-federation-with-kubernetes
func (t *Trust) accepts(audience []string) bool {
	return slices.Contains(audience, t.audience()) || slices.Contains(audience, t.exchangeAudience())
}

func readDetail(r gcp.Reading) string {
	if r.Object == "" {
		return "the bucket was listed; it is empty, so no object was read"
	}
	return fmt.Sprintf("read %s (%s)", r.Object, plural(int(r.Bytes), "byte"))
}
