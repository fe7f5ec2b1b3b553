package trust

import (
	"time"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/wif"
)

// facts are what looking taught. Each is written by the Observe of the step named beside
// it and read by steps that list it in their Facts or Needs; the engine keeps the order.
type facts struct {
	denied    []kube.Denied // kube-access: what the cluster does not allow us
	caller    string        // whom the cluster takes us for; known where something is denied
	issuer    string        // cks-issuer
	cluster   string        // cks-issuer: the id that principals carry
	published cks.Discovery // cks-issuer: what strangers see; zero if they see nothing
	project   gcp.Project   // gcp-project
	permitted bool          // gcp-project: every permission that was tested is held

	pool       gcp.Pool           // gcp-pool; zero: absent, or not looked at
	poolAbsent bool               // gcp-pool: looked, and there is none
	mapping    map[string]string  // gcp-provider; nil: absent, or not looked at
	life       time.Duration      // gcp-provider: of the tokens that prove something there
	claims     map[string]any     // gcp-provider, of a verify: those of a real token; nil: none was to be had
	onPod      string             // gcp-provider: why a token that is no pod's proves nothing; empty: it does
	others     others             // gcp-provider, when asked to go: who else comes through it
	gsa        gcp.ServiceAccount // gcp-serviceaccount; zero: absent, or not looked at
	gsaAbsent  bool               // gcp-serviceaccount: looked, and there is none

	bucketAbsent  bool     // gcs-bucket: looked, and there is none
	bucketMissing []string // gcs-bucket: permissions on its policy that are wanted and not held

	grantOpen string // gcs-grant, of a verify: by what else the GSA may read, if nobody can tell

	impersonators gcp.Policy // gcp-binding: that of the GSA
	bindingSeen   bool       // gcp-binding: it could be read
	grantSeen     bool       // gcs-grant: that of the bucket or the project could be read

	account     kube.Object    // kube-serviceaccount; zero: absent
	credentials kube.ConfigMap // kube-credentials; zero: absent
}

// Facts are the names that make up one trust, for reports. What was not learned is empty.
type Facts struct {
	Cluster        string
	Issuer         string
	ProjectID      string
	ProjectNumber  string
	Pool           string
	Provider       string
	Audience       string // of the Kubernetes token
	Principal      string // the member of the binding
	Namespace      string
	ServiceAccount string
	GSA            string // email
	Bucket         string
}

// Facts tells what this run has learned so far.
func (t *Trust) Facts() Facts {
	f := Facts{
		Cluster: t.facts.cluster, Issuer: t.facts.issuer,
		ProjectID: t.facts.project.ID, ProjectNumber: t.facts.project.Number,
		Pool: t.cfg.Pool, Namespace: t.w.Namespace, ServiceAccount: t.w.ServiceAccount, Bucket: t.w.Bucket,
	}
	if f.Cluster != "" || t.cfg.Provider != "" {
		f.Provider = t.providerID()
	}
	if f.ProjectID != "" {
		f.GSA = t.email()
	}
	if f.ProjectNumber != "" && f.Provider != "" {
		f.Audience = t.audience()
		f.Principal = t.member()
	}
	return f
}

func (t *Trust) providerID() string {
	if t.cfg.Provider != "" {
		return t.cfg.Provider
	}
	return wif.DefaultProvider(t.facts.cluster)
}

func (t *Trust) poolName() string { return wif.PoolName(t.facts.project.Number, t.cfg.Pool) }

func (t *Trust) providerName() string {
	return wif.ProviderName(t.facts.project.Number, t.cfg.Pool, t.providerID())
}

func (t *Trust) audience() string {
	return wif.TokenAudience(t.facts.project.Number, t.cfg.Pool, t.providerID())
}

func (t *Trust) exchangeAudience() string {
	return wif.ExchangeAudience(t.facts.project.Number, t.cfg.Pool, t.providerID())
}

func (t *Trust) email() string { return wif.Email(t.w.GSA, t.facts.project.ID) }

// member is who may impersonate the GSA: in the form asked for, exactly our workload.
func (t *Trust) member() string {
	forms := t.principals(t.w.ServiceAccount)
	if t.cfg.Principal == PrincipalSubject {
		return forms.subject
	}
	return forms.workload
}
