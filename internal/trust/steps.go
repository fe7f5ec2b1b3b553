package trust

import (
	"slices"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// The ids of the steps. They name a step in reports, flags and docs.
const (
	KubeAccess         pipeline.ID = "kube-access"
	CKSIssuer          pipeline.ID = "cks-issuer"
	GCPProject         pipeline.ID = "gcp-project"
	GCPAPIs            pipeline.ID = "gcp-apis"
	Clock              pipeline.ID = "clock"
	KubeNamespace      pipeline.ID = "kube-namespace"
	KubeServiceAccount pipeline.ID = "kube-serviceaccount"
	GCPPool            pipeline.ID = "gcp-pool"
	GCPProvider        pipeline.ID = "gcp-provider"
	GCPServiceAccount  pipeline.ID = "gcp-serviceaccount"
	KubeCredentials    pipeline.ID = "kube-credentials"
	GCSBucket          pipeline.ID = "gcs-bucket"
	GCSGrant           pipeline.ID = "gcs-grant"
	GCPBinding         pipeline.ID = "gcp-binding"
	Proof              pipeline.ID = "proof"
	Lint               pipeline.ID = "gcp-lint"
	RunPod             pipeline.ID = "pod"
)

// Preconditions are the steps that setup builds on: what a preflight is about.
var Preconditions = []pipeline.ID{KubeAccess, CKSIssuer, GCPProject, GCPAPIs, GCSBucket}

// NamingSteps are the checks that teach the names that make up the trust.
func (t *Trust) NamingSteps() []pipeline.Step {
	issuer := t.cksIssuer()
	issuer.Facts = nil // it asks the cluster for nothing that needs a permission of ours
	return []pipeline.Step{issuer, t.gcpProject()}
}

// Steps is the pipeline, in its order: setup walks it forwards, teardown backwards, plan
// and verify look along it. Nothing is proved on the way down, and what makes nothing true
// is for verify alone.
func (t *Trust) Steps() []pipeline.Step {
	all := []pipeline.Step{
		t.kubeAccess(),         // the cluster answers, and we may do what we need
		t.cksIssuer(),          // one issuer, and strangers can read its keys
		t.gcpProject(),         // the project's number, and what we may do in it
		t.gcpAPIs(),            // the services that the rest is made with
		t.clock(),              // verify: tokens have a time
		t.kubeNamespace(),      // where the pods live
		t.kubeServiceAccount(), // who they are
		t.gcpPool(),            // where Google keeps strangers
		t.gcpProvider(),        // which strangers it believes, and what it makes of them
		t.gcpServiceAccount(),  // who they become
		t.kubeCredentials(),    // the file that tells a pod all this
		t.gcsBucket(),          // what is read
		t.gcsGrant(),           // what the GSA may read
		t.gcpBinding(),         // who may become the GSA; the first to go in teardown
		t.proof(),              // it works, and only for them
		t.gcpLint(),            // verify: how well it is done
		t.runsPod(),            // verify --pod: a pod does it, too
	}
	if t.purpose == ToVerify {
		return t.fromHere(slices.DeleteFunc(all, func(s pipeline.Step) bool { return s.ID == RunPod && !t.cfg.RunPod }))
	}
	return slices.DeleteFunc(all, func(s pipeline.Step) bool {
		return s.ID == Clock || s.ID == Lint || s.ID == RunPod || s.ID == Proof && t.purpose == ToTearDown
	})
}
