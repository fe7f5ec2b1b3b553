package trust

import (
	"slices"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// Proofs are the codes of the claims in which the whole trust is proved: from here, and by a
// pod.
var Proofs = []string{"WIF631", "WIF664"}

// The catalogue is every claim that verify judges, in order, each under the step whose look
// finds it. A code is kept once it was released, and has a section in docs/errors.md.
//
// A claim names in Needs what must hold before it says anything, so that one cause is told
// once. Lint claims follow Google's best practices:
// https://docs.cloud.google.com/iam/docs/best-practices-for-using-workload-identity-federation
func (t *Trust) catalogue() []entry { //nolint:funlen // it is the list
	workload, pod := t.w.Namespace+"/"+t.w.ServiceAccount, t.w.Namespace+"/"+otherServiceAccount
	pool, bucket := "pool "+t.cfg.Pool, "bucket "+t.w.Bucket
	return []entry{
		is(KubeAccess, "WIF101", "the cluster answers"),
		is(KubeAccess, "WIF103", "the cluster accepts the login", "WIF101"),
		is(KubeAccess, "WIF102", "the cluster allows what is needed", "WIF103"),

		is(CKSIssuer, "WIF111", "the cluster's issuer is known"),
		is(CKSIssuer, "WIF112", "every source names the same issuer", "WIF111"),
		is(CKSIssuer, "WIF114", "the issuer is a URL that Google takes", "WIF112"),
		is(CKSIssuer, "WIF113", "anybody can read the issuer's discovery document", "WIF114"),
		is(CKSIssuer, "WIF115", "anybody can read the issuer's keys", "WIF113"),
		is(CKSIssuer, "WIF116", "one of the keys is of a kind that Google takes", "WIF115"),

		is(GCPProject, "WIF124", "Google answers, and counts requests against a project"),
		is(GCPProject, "WIF123", "Google accepts the login", "WIF124"),
		is(GCPProject, "WIF121", "project "+t.cfg.Project+" is active", "WIF123"),
		is(GCPProject, "WIF122", "the login may look at what it takes", "WIF121"),

		is(GCPAPIs, "WIF131", "the "+plural(len(services), "API")+" it takes are enabled"),

		is(Clock, "WIF141", "the clock here and Google's agree"),

		is(KubeNamespace, "WIF201", "namespace "+t.w.Namespace+" exists"),
		is(KubeNamespace, "WIF202", "namespace "+t.w.Namespace+" is active", "WIF201"),
		is(KubeServiceAccount, "WIF211", "ServiceAccount "+workload+" exists", "WIF202"),

		is(GCPPool, "WIF301", pool+" exists", "WIF131"),
		is(GCPPool, "WIF302", pool+" is not deleted", "WIF301"),
		is(GCPPool, "WIF303", pool+" is enabled", "WIF302"),

		is(GCPProvider, "WIF311", "an OIDC provider for the cluster exists", "WIF302"),
		is(GCPProvider, "WIF312", "the provider is not deleted", "WIF311"),
		is(GCPProvider, "WIF313", "the provider is enabled", "WIF312"),
		is(GCPProvider, "WIF314", "the provider trusts the cluster's issuer, byte for byte", "WIF312"),
		is(GCPProvider, "WIF315", "the mapping makes the principal that the binding names", "WIF312"),
		is(GCPProvider, "WIF319", "google.subject fits into 127 bytes", "WIF312"),
		is(GCPProvider, "WIF316", "the condition admits "+workload, "WIF312"),
		is(GCPProvider, "WIF317", "the provider accepts the tokens' audience", "WIF312"),
		is(GCPProvider, "WIF318", "the provider's keys are the issuer's", "WIF312"),
		lint(GCPProvider, "WIF321", "the provider has a condition", "WIF316"),
		lint(GCPProvider, "WIF322", "the provider takes no audience but its own", "WIF317"),

		is(GCPServiceAccount, "WIF401", t.w.GSA+" exists", "WIF131"),
		is(GCPServiceAccount, "WIF402", t.w.GSA+" is enabled", "WIF401"),
		is(KubeCredentials, "WIF411", "ConfigMap "+t.w.Namespace+"/"+t.configMap()+" exists", "WIF202"),
		is(KubeCredentials, "WIF412", "its credential file leads to "+t.w.GSA+", by way of Google", "WIF411"),

		is(GCSBucket, "WIF501", bucket+" exists"),
		is(GCSGrant, "WIF503", "the policy of "+t.grantedOn()+" can be read", "WIF501"),
		is(GCSGrant, "WIF502", t.w.GSA+" may read "+t.grantedOn(), "WIF503", "WIF401"),
		lint(GCSGrant, "WIF504", "no deleted account of the same name is granted anything", "WIF503", "WIF401"),

		is(GCPBinding, "WIF511", workload+" may impersonate "+t.w.GSA, "WIF301", "WIF401"),
		lint(GCPBinding, "WIF512", "nobody is let in by being in the pool alone", "WIF401"),
		lint(GCPBinding, "WIF513", "nobody is let in by a ServiceAccount's name alone", "WIF401"),
		lint(GCPBinding, "WIF514", "nobody is let in by a namespace alone", "WIF401"),
		lint(GCPBinding, "WIF515", "every member names its project by number", "WIF401"),

		is(Proof, "WIF601", "the cluster gives "+workload+" a token"),
		is(Proof, "WIF602", "its issuer, subject, audience and expiry are right", "WIF601"),
		is(Proof, "WIF603", "it is signed by a key that the issuer publishes", "WIF602"),
		is(Proof, "WIF604", "the cluster's clock and Google's agree", "WIF601"),
		is(Proof, "WIF611", "Google exchanges it for a federated token", "WIF603"),
		is(Proof, "WIF621", "the federated token becomes "+t.w.GSA, "WIF611"),
		is(Proof, "WIF631", t.w.GSA+" lists "+bucket+" and reads an object", "WIF621"),
		is(Proof, "WIF641", pod+" is refused", "WIF631"), // tried last

		lint(Lint, "WIF331", "no two providers of the pool trust one issuer"),
		lint(Lint, "WIF332", "subjects of the pool come from one provider"),
		lint(Lint, "WIF403", t.w.GSA+" has no keys that people keep"),
		lint(Lint, "WIF517", "nobody may impersonate every GSA of the project"),

		is(RunPod, "WIF651", "the pod's ServiceAccount is there"),
		is(RunPod, "WIF652", "the cluster admits the pod", "WIF651"),
		is(RunPod, "WIF653", "a node takes the pod", "WIF652"),
		is(RunPod, "WIF654", "the pod gets its token and its credential file", "WIF653"),
		is(RunPod, "WIF655", "the pod's image can be pulled", "WIF654"),
		is(RunPod, "WIF656", "the pod's program starts", "WIF655"),
		is(RunPod, "WIF657", "the pod's program comes to an end that can be read", "WIF656"),
		is(RunPod, "WIF661", "the pod reaches Google", "WIF657"),
		is(RunPod, "WIF662", "Google takes the pod's token", "WIF661"),
		is(RunPod, "WIF663", "the pod becomes "+t.w.GSA, "WIF662"),
		is(RunPod, "WIF664", "the pod lists "+bucket+" and reads an object", "WIF663"),
		is(RunPod, "WIF658", "the pod is gone again"),
	}
}

// entry is one claim and the step whose look finds it.
type entry struct {
	step  pipeline.ID
	claim pipeline.Claim
}

func is(step pipeline.ID, code, text string, needs ...string) entry {
	return entry{step, pipeline.Claim{Code: code, Text: text, Needs: needs}}
}

func lint(step pipeline.ID, code, text string, needs ...string) entry {
	e := is(step, code, text, needs...)
	e.claim.Lint = true
	return e
}

// claims are those that the look of one step finds.
func (t *Trust) claims(step pipeline.ID) (all []pipeline.Claim) {
	for _, e := range t.catalogue() {
		if e.step == step {
			all = append(all, e.claim)
		}
	}
	return all
}

// Listed is one row of the catalogue.
type Listed struct {
	pipeline.Claim
	Step pipeline.ID
}

// Catalogue is every claim that a verify of cfg judges. Nothing is asked of anybody; what
// cfg does not name yet is called by what it is.
func Catalogue(cfg Config) []Listed {
	cfg.Project, cfg.Workloads = or(cfg.Project, "PROJECT"), slices.Clone(cfg.Workloads)
	cfg.Workloads[0].Bucket = or(cfg.Workloads[0].Bucket, "BUCKET")
	cfg.RunPod = true
	t := New(cfg, ToVerify, Clients{})
	var all []Listed
	for _, s := range t.Steps() {
		for _, c := range s.Claims {
			all = append(all, Listed{Claim: c, Step: s.ID})
		}
	}
	return all
}
