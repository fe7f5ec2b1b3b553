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
)

// otherServiceAccount is the one that must be refused. Every namespace has it.
const otherServiceAccount = "default"

// readOnly is all that the proof may do with what it is given.
const readOnly = "https://www.googleapis.com/auth/devstorage.read_only"

// tokenLife is the least that Kubernetes grants. The token is used at once.
const tokenLife = 10 * time.Minute

func (t *Trust) proof() pipeline.Step {
	return pipeline.Step{Check: pipeline.Check{
		ID: Proof, Code: "WIF601",
		Claim: t.w.Namespace + "/" + t.w.ServiceAccount + " reads " + t.w.Bucket + ", and others do not",
		Needs: []pipeline.ID{
			KubeAccess, CKSIssuer, GCPProject, GCPAPIs, KubeNamespace, KubeServiceAccount, GCPPool, GCPProvider,
			GCPServiceAccount, KubeCredentials, GCSGrant, GCPBinding,
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
	token, found, err := t.mint(ctx, t.w.ServiceAccount)
	if err != nil {
		return t.kubeLook(err)
	}
	if !found {
		return blocked("there is no ServiceAccount "+t.w.ServiceAccount, t.setupMends("WIF211")), nil
	}
	if why := t.checkToken(token); why != "" {
		return blocked(why, remedy("WIF601", "the cluster signs tokens that Google would not accept; these show its keys, and where the published ones are",
			t.kubectl("get", "--raw", "/openid/v1/jwks"), curl(t.facts.issuer))), nil
	}
	federated, err := t.google.Exchange(ctx, gcp.ExchangeAudience(t.exchangeAudience()), token.Reveal())
	if err != nil {
		return t.refusedAt("federation", "WIF611", err)
	}
	access, err := t.google.Impersonate(ctx, federated, t.email(), tokenLife, readOnly)
	if err != nil {
		return t.refusedAt("impersonation", "WIF621", err)
	}
	read, err := t.google.ReadBucket(ctx, access, t.w.Bucket)
	if err != nil {
		return t.refusedAt("storage", "WIF631", err)
	}
	return t.proveNegative(ctx, readDetail(read))
}

func (t *Trust) mint(ctx context.Context, account string) (token kube.Token, found bool, err error) {
	token, err = t.kube.Token(ctx, t.w.Namespace, account, t.audience(), tokenLife)
	if kube.ReasonOf(err) == kube.NotFound {
		return kube.Token{}, false, nil
	}
	return token, err == nil, err
}

// checkToken holds a token against what Google will ask of it. Empty: it will do.
func (t *Trust) checkToken(token kube.Token) string {
	c, err := token.Claims()
	if err != nil {
		return err.Error()
	}
	switch subject := Subject(t.w.Namespace, t.w.ServiceAccount); {
	case c.Issuer != t.facts.issuer:
		return "the token's issuer is " + c.Issuer + ", wanted " + t.facts.issuer + ": " + cks.Difference(c.Issuer, t.facts.issuer)
	case c.Subject != subject:
		return "the token's subject is " + c.Subject + ", wanted " + subject
	case !slices.Contains(c.Audience, t.audience()):
		return fmt.Sprintf("the token's audience is %v, wanted %s", c.Audience, t.audience())
	case !c.Expires.After(time.Now()):
		return "the token expired at " + c.Expires.UTC().Format(time.RFC3339) + ", by the local clock"
	}
	if err := cks.VerifySignature(token.Reveal(), t.facts.published); err != nil {
		return err.Error()
	}
	return ""
}

func readDetail(r gcp.Reading) string {
	if r.Object == "" {
		return "the bucket was listed; it is empty, so no object was read"
	}
	return fmt.Sprintf("read %s (%s)", r.Object, plural(int(r.Bytes), "byte"))
}

// proveNegative sees that another ServiceAccount of the namespace is refused. It is the
// only proof that the trust is as narrow as it claims.
func (t *Trust) proveNegative(ctx context.Context, detail string) (pipeline.Observation, error) {
	met := pipeline.Observation{Status: pipeline.Met}
	other := t.w.Namespace + "/" + otherServiceAccount
	switch {
	case t.w.ServiceAccount == otherServiceAccount:
		met.Detail = detail + "; no other ServiceAccount was tried"
		return met, nil
	case t.mayImpersonate(otherServiceAccount):
		met.Detail = detail + "; " + other + " has a grant of its own, so nobody was tried"
		return met, nil
	}
	token, found, err := t.mint(ctx, otherServiceAccount)
	if err != nil {
		return t.kubeLook(err)
	}
	if !found {
		met.Detail = detail + "; there is no " + other + " to be refused"
		return met, nil
	}
	federated, err := t.google.Exchange(ctx, gcp.ExchangeAudience(t.exchangeAudience()), token.Reveal())
	if err == nil {
		_, err = t.google.Impersonate(ctx, federated, t.email(), tokenLife, readOnly)
	}
	switch {
	case err == nil:
		return blocked(other+" may impersonate "+t.email()+" too", remedy("WIF641", "a member of the GSA's or the project's policy is wider than this one ServiceAccount",
			gcloud("iam", "service-accounts", "get-iam-policy", t.email(), "--project="+t.projectName()))), nil
	case refusal(err):
		met.Detail = detail + "; " + other + " was refused"
		return met, nil
	}
	return t.googleLook(err)
}

// mayImpersonate reports whether somebody gave a ServiceAccount of the namespace, by name
// and nobody else with it, the leave that the workload has.
func (t *Trust) mayImpersonate(account string) bool {
	return slices.ContainsFunc(t.principals(account).both(), func(p string) bool {
		return t.facts.impersonators.Has(workloadIdentityUser, p)
	})
}

// refusal reports whether err is Google saying no, and not Google failing to answer.
func refusal(err error) bool {
	switch gcp.ReasonOf(err) {
	case gcp.PermissionDenied, gcp.ConditionRejected:
		return true
	default:
		return false
	}
}
