package trust

import (
	"sync/atomic"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/kube"
)

// Purpose is what the pipeline is run for. All look through the same list; the purpose
// decides which permissions are asked for, and what a few looks mean: to a teardown, a
// provider that serves only other namespaces is as good as gone.
type Purpose int

// The purposes.
const (
	ToSetUp Purpose = iota
	ToVerify
	ToTearDown
	ToName // only to learn the names that make up the trust
)

// Clients are what the steps speak through.
type Clients struct {
	Kube      *kube.Client // nil, of a verify or a setup: there is no kubeconfig
	NoKube    string       // why Kube is nil
	Google    *gcp.Client
	CoreWeave *cks.Client         // nil: no token, so the cluster alone names the issuer
	Anonymous cks.DiscoverOptions // how the issuer's public documents are fetched
}

// Trust is one workload's trust in one cluster and one project, and what was learned of
// it by looking. It serves one run.
type Trust struct {
	cfg     Config
	w       Workload
	purpose Purpose

	kube      *kube.Client
	noKube    string
	google    *gcp.Client
	coreweave *cks.Client
	anonymous cks.DiscoverOptions

	facts  facts
	record record

	pod         *pod // the pod that we are in; nil: we are in none
	clusterless bool // the cluster can't be asked

	enabled atomic.Bool // this run enabled APIs: a 403 may be an echo of before
	wrote   atomic.Bool // this run changed what an exchange depends on
}

// New gives the trust that cfg describes, which must be valid.
func New(cfg Config, purpose Purpose, c Clients) *Trust {
	t := &Trust{
		cfg: cfg, w: cfg.Workloads[0], purpose: purpose,
		kube: c.Kube, noKube: c.NoKube, google: c.Google, coreweave: c.CoreWeave, anonymous: c.Anonymous, clusterless: c.Kube == nil,
	}
	t.record.trust = t
	return t
}
