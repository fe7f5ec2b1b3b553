package trust

import (
	"context"
	"fmt"
	"time"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// readOnly is all that the proof may do with what it is given.
const readOnly = "https://www.googleapis.com/auth/devstorage.read_only"

// tokenLife is the least that Kubernetes grants. The token is used at once.
const tokenLife = 10 * time.Minute

// podTokenLife is what the pods' volume asks for.
const podTokenLife = time.Hour

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
	if kube.ReasonOf(err) == kube.AdmissionDenied {
		return blocked(err.Error(), t.refusedByPolicy(ctx, "WIF601", err)), nil
	}
	if err != nil {
		return t.kubeLook(err)
	}
	if !found {
		return blocked("there is no ServiceAccount "+t.w.ServiceAccount, t.setupMends("WIF211")), nil
	}
	if bad := t.checkToken(ctx, token); bad != nil {
		return t.badToken(*bad), nil
	}
	federated, err := t.google.Exchange(ctx, gcp.ExchangeAudience(t.exchangeAudience()), token.Reveal())
	clocks := t.clusterClock(token, minted, err)
	if err != nil && clocks.Verdict == pipeline.Fail {
		return blocked(clocks.Detail, clocks.Remedy), nil
	}
	refused := func(stage, code string, err error) (pipeline.Observation, error) {
		obs, unanswered := t.refusedAt(stage, code, err)
		obs = t.laidToDenial(ctx, code, err, obs)
		obs.Findings = []pipeline.Finding{clocks}
		return obs, unanswered
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

func readDetail(r gcp.Reading) string {
	if r.Object == "" {
		return "the bucket was listed; it is empty, so no object was read"
	}
	return fmt.Sprintf("read %s (%s)", r.Object, plural(int(r.Bytes), "byte"))
}
