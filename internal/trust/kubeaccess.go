package trust

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// AccessError says that somebody may not look, or may not change what has to be changed.
// It is a matter for whoever gives out access, not for another try.
type AccessError struct {
	Detail string
	Err    error
}

func (e *AccessError) Error() string { return e.Detail }

// Unwrap gives what the API said.
func (e *AccessError) Unwrap() error { return e.Err }

func (t *Trust) kubeAccess() pipeline.Step {
	return pipeline.Step{Check: pipeline.Check{
		ID: KubeAccess, Claims: t.claims(KubeAccess),
		Claim:   "the cluster answers and allows what is needed",
		Observe: t.lookAtKubeAccess,
	}}
}

// lookAtKubeAccess asks for everything that a later step will do, all at once.
func (t *Trust) lookAtKubeAccess(ctx context.Context) (pipeline.Observation, error) {
	if t.kube == nil {
		return t.noKubeconfig()
	}
	denied, err := t.kube.Access(ctx, t.accesses())
	if err != nil {
		t.clusterless = true
		return t.answers(t.kubeLook(err))
	}
	t.facts.denied = denied
	if len(denied) == 0 {
		return pipeline.Observation{Status: pipeline.Met}, nil
	}
	t.facts.caller = t.caller(ctx)
	detail := t.mayNot(denied)
	return pipeline.Observation{
		Status: pipeline.Blocked, Learned: true, Barred: true, Detail: detail,
		Remedy: remedy("WIF102", "the cluster's RBAC does not allow it; whoever administers it can", t.grantRBAC(t.facts.caller, denied)...),
	}, &AccessError{Detail: detail}
}

// noKubeconfig is what a setup comes to that has no cluster to ask. It is a lack of access,
// as a missing login is, and the other side is looked at all the same.
func (t *Trust) noKubeconfig() (pipeline.Observation, error) {
	return pipeline.Observation{Remedy: NoKubeconfig()}, &AccessError{Detail: t.noKube}
}

// NoKubeconfig is what to do where kubectl would find no cluster either.
func NoKubeconfig() pipeline.Remedy {
	return remedy("WIF101", "wifctl finds the cluster as kubectl does: --kubeconfig, KUBECONFIG, ~/.kube/config; this shows what is there. "+
		"The CoreWeave console makes a kubeconfig for a cluster", "kubectl config view --minify")
}

// caller is whom the cluster takes us for. The kubeconfig has a name of its own for the login,
// which the cluster does not know, and inside a pod there is no kubeconfig.
func (t *Trust) caller(ctx context.Context) string {
	who, err := t.kube.Identity(ctx)
	if err != nil {
		return t.kube.Target().User
	}
	return who.User
}

// mayNot says what the cluster does not allow us.
func (t *Trust) mayNot(denied []kube.Denied) string {
	missing := make([]string, len(denied))
	for i, d := range denied {
		missing[i] = d.String()
	}
	return fmt.Sprintf("%s may not %s", t.facts.caller, strings.Join(missing, ", "))
}

// accesses are what this purpose does to the cluster.
func (t *Trust) accesses() []kube.Access {
	ns, sa := t.w.Namespace, t.w.ServiceAccount
	in := func(verb, resource, name string) kube.Access {
		return kube.Access{Verb: verb, Resource: resource, Name: name, Namespace: ns}
	}
	token := func(name string) kube.Access {
		return kube.Access{Verb: "create", Resource: "serviceaccounts", Subresource: "token", Namespace: ns, Name: name}
	}
	all := []kube.Access{
		{Verb: "get", Resource: "namespaces", Name: ns},
		in("get", "serviceaccounts", sa),
		in("get", "configmaps", t.configMap()),
	}
	if t.cfg.Issuer == "" && t.coreweave == nil {
		all = append(all, kube.DiscoveryAccess) // nobody else names the issuer
	}
	switch t.purpose {
	case ToSetUp:
		return append(all, kube.Access{Verb: "create", Resource: "namespaces"},
			in("create", "serviceaccounts", ""), in("create", "configmaps", ""), in("patch", "configmaps", t.configMap()),
			token(sa), token(otherServiceAccount))
	case ToVerify:
		all = append(all, token(sa), token(otherServiceAccount))
		if t.cfg.RunPod {
			all = append(all, in("create", "pods", ""), in("get", "pods", ""), in("delete", "pods", ""), in("list", "events", ""),
				kube.Access{Verb: "get", Resource: "pods", Subresource: "log", Namespace: ns})
		}
		return all
	case ToTearDown:
		return append(all, kube.Access{Verb: "delete", Resource: "namespaces", Name: ns},
			in("delete", "serviceaccounts", sa), in("list", "configmaps", ""), in("delete", "configmaps", t.configMap()))
	}
	return all
}

// discoveryRole is the role that every cluster has for the one thing we read that is not
// an object, the issuer's discovery document. ServiceAccounts have it; people may not.
// (https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery)
const discoveryRole = "system:service-account-issuer-discovery"

// grantRBAC are commands for an administrator that give what is missing. What names one
// object is given for that object alone. A role may be there already, bound to a colleague,
// and the namespace may not be: kubectl create would fail at either, where reconcile adds
// the user and makes the namespace
// (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#kubectl-auth-reconcile).
func (t *Trust) grantRBAC(user string, denied []kube.Denied) []string {
	to := "--user=" + user
	if account, ok := strings.CutPrefix(user, "system:serviceaccount:"); ok {
		to = "--serviceaccount=" + account
	}
	var run []string
	for _, d := range denied {
		if strings.HasPrefix(d.Resource, "/") {
			run = append(run, t.reconcile("create", "clusterrolebinding", "wifctl-issuer-discovery", "--clusterrole="+discoveryRole, to))
			continue
		}
		args := []string{"create", "clusterrole", rbacName(d.Access), "--verb=" + d.Verb, "--resource=" + resource(d.Access)}
		if d.Name != "" {
			args = append(args, "--resource-name="+d.Name)
		}
		bind := []string{"create", "clusterrolebinding", rbacName(d.Access), "--clusterrole=" + rbacName(d.Access), to}
		if d.Namespace != "" {
			bind = []string{"create", "rolebinding", rbacName(d.Access), "--clusterrole=" + rbacName(d.Access), to, "--namespace=" + d.Namespace}
		}
		run = append(run, t.reconcile(args...), t.reconcile(bind...))
	}
	return run
}

// reconcile is a kubectl command that adds what create would make to what is there.
func (t *Trust) reconcile(create ...string) string {
	return t.adminKubectl(append(create, "--dry-run=client", "-o", "yaml")...) + " | " + t.adminKubectl("auth", "reconcile", "-f", "-")
}

func resource(a kube.Access) string {
	if a.Subresource != "" {
		return a.Resource + "/" + a.Subresource
	}
	return a.Resource
}

func rbacName(a kube.Access) string {
	name := "wifctl-" + a.Verb + "-" + strings.ReplaceAll(resource(a), "/", "-")
	if a.Name != "" {
		name += "-" + a.Name
	}
	return name
}

// kubeBarred marks what keeps us from looking at all.
func kubeBarred(err error) error {
	switch kube.ReasonOf(err) {
	case kube.Forbidden, kube.Unauthorized, kube.LoginFailed, kube.Unreachable, kube.Untrusted, kube.NotKubernetes:
		return &AccessError{Detail: err.Error(), Err: err}
	default:
		return err
	}
}

// kubeRemedy says what to do about a cluster that did not answer as it should.
func (t *Trust) kubeRemedy(err error) pipeline.Remedy {
	e, ok := errors.AsType[*kube.Error](err)
	if !ok {
		return pipeline.Remedy{}
	}
	target := t.kube.Target()
	switch {
	case e.Reason == kube.LoginFailed:
		return remedy("WIF103", "the program that context "+target.Context+" logs in with did not work: is it installed, and does it have a login? This runs it again",
			t.kubectl("auth", "whoami"))
	case kube.LoginRefused(err):
		return remedy("WIF103", t.kubeLoginCause()+": log in to the cluster again, or fetch a new kubeconfig; this shows whether it worked",
			t.kubectl("auth", "whoami"))
	case kube.ImpersonationDenied(err):
		as := actAs(target.User)
		return remedy("WIF102", or(e.User, target.Context)+" may not "+as.String(), t.grantRBAC(e.User, []kube.Denied{{Access: as}})...)
	case e.Reason == kube.Forbidden:
		user := or(e.User, target.User)
		return remedy("WIF102", user+" may not "+e.Access.String(), t.grantRBAC(user, []kube.Denied{{Access: e.Access}})...)
	case e.Reason == kube.NoIssuer:
		return remedy("WIF111", "an API server publishes no issuer that is no https URL without query and fragment, and there is no ServiceAccount yet whose token would name it",
			t.noIssuer().Run...)
	case e.Reason == kube.Unavailable:
		return remedy("WIF101", target.Server+" of context "+target.Context+" has trouble of its own, which mostly passes; this shows which, where it can tell",
			append([]string{t.kubectl("get", "--raw", "/readyz?verbose")}, t.again()...)...)
	case kube.Unanswered(err):
		return remedy("WIF101", target.Server+" of context "+target.Context+" "+silentCause(e.Reason),
			append([]string{t.kubectl("cluster-info")}, t.again()...)...)
	}
	return pipeline.Remedy{}
}

// actAs is what it takes to be somebody else to the cluster.
func actAs(user string) kube.Access {
	if account, ok := strings.CutPrefix(user, "system:serviceaccount:"); ok {
		namespace, name, _ := strings.Cut(account, ":")
		return kube.Access{Verb: "impersonate", Resource: "serviceaccounts", Namespace: namespace, Name: name}
	}
	return kube.Access{Verb: "impersonate", Resource: "users", Name: user}
}

// kubeLoginCause says why a login of the cluster is not accepted, as far as we can see.
func (t *Trust) kubeLoginCause() string {
	context := t.kube.Target().Context
	if fault := t.kube.LoginFault(); fault != "" {
		return "the login of context " + context + " is not accepted: " + fault
	}
	return "the login of context " + context + " is not accepted, or has expired"
}

// silentCause says why an API server can't be spoken to.
func silentCause(r kube.Reason) string {
	switch r {
	case kube.Untrusted:
		return "shows a certificate that the kubeconfig does not trust: the kubeconfig is of another cluster, or of one that was made anew since, or something stands in between"
	case kube.NotKubernetes:
		return "does not answer as an API server does: is it the right context, and the server in it right?"
	}
	return "cannot be spoken to: is it the right context, and is a VPN or tunnel needed?"
}

// kubeFailed is the error of a change in the cluster that failed, with what to do about it.
func (t *Trust) kubeFailed(err error) error {
	if err == nil {
		return nil
	}
	return &pipeline.RemediedError{Err: kubeBarred(err), Remedy: t.kubeRemedy(err)}
}

// changeFailed is kubeFailed of what the cluster's admission may refuse; code is that of the
// claim that is not made true then.
func (t *Trust) changeFailed(ctx context.Context, code string, err error) error {
	if kube.ReasonOf(err) != kube.AdmissionDenied {
		return t.kubeFailed(err)
	}
	return &pipeline.RemediedError{Err: err, Remedy: t.refusedByPolicy(ctx, code, err)}
}

// kubeLook is the answer of a step whose look at the cluster failed.
func (t *Trust) kubeLook(err error) (pipeline.Observation, error) {
	if kube.Unanswered(err) {
		return t.kubeUnanswered(err)
	}
	return t.unseen(t.kubeRemedy(err), kubeBarred(err))
}
