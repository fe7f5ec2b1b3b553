package trust

import "time"

// Config is what a user asks for, whether by flags or by a file. It holds a list of
// workloads; the flags describe a list of one.
type Config struct {
	Project    string // id or number
	Pool       string
	Provider   string // empty: DefaultProvider of the cluster
	Issuer     string // given by the user; empty: learned
	Cluster    string // CKS id or name; empty: learned
	Zone       string
	Context    string   // of the kubeconfig, where one was asked for; for commands to paste
	Kubeconfig string   // likewise
	Flags      []string // likewise, those of our own commands that say who we are and whom we ask
	TokenFile  string   // of an access token given in place of a login; for messages
	Endpoint   string   // one base URL for all of Google; empty: Google's own
	Workloads  []Workload

	Principal PrincipalForm
	Adopt     bool // take over what exists and differs

	Incomplete bool // a preflight: project and bucket may be unnamed, and are missed beside all else

	CreateBucket bool   // make the bucket if there is none of that name
	Location     string // where; empty: Google's choice

	Skip     []string      // codes that verify leaves out
	Pod      Pod           // of a verify inside a pod
	RunPod   bool          // verify runs a pod, too
	PodImage string        // of that pod; empty: DefaultPodImage
	Wait     time.Duration // how long the effect of a change may take; zero: DefaultWait
}

// Workload is one Kubernetes ServiceAccount and what it may read.
type Workload struct {
	Namespace      string
	ServiceAccount string
	GSA            string // account id of the Google service account: "gcs-reader"
	Bucket         string
	Role           string
	Grant          GrantScope
}

// Pod says where a pod finds its two files.
type Pod struct {
	TokenFile      string // the projected token
	CredentialFile string // the external_account file
}

// PrincipalForm is how the binding names the workload.
type PrincipalForm string

// The forms of a principal. The zero value is PrincipalWorkload.
const (
	PrincipalWorkload PrincipalForm = "workload" // this ServiceAccount of this cluster
	PrincipalSubject  PrincipalForm = "subject"  // Google's plain form
)

// GrantScope is where the role is granted.
type GrantScope string

// The scopes of a grant. The zero value is GrantBucket.
const (
	GrantBucket  GrantScope = "bucket"
	GrantProject GrantScope = "project"
)

// What a flag left out stands for.
const (
	DefaultNamespace      = "foo"
	DefaultServiceAccount = "bar"
	DefaultPool           = "k8s-pool"
	DefaultGSA            = "gcs-reader"
	DefaultRole           = "roles/storage.objectViewer"
	DefaultWait           = 10 * time.Minute // a policy change is "typically" seen in 2 minutes, at times in 7 or more
)
