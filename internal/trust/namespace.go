package trust

import (
	"context"
	"strings"
	"time"

	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// A namespace goes when its contents have gone; finalizers may take their time.
const namespaceGone = 2 * time.Minute

func (t *Trust) kubeNamespace() pipeline.Step {
	return pipeline.Step{
		Check: pipeline.Check{
			ID: KubeNamespace, Claims: t.claims(KubeNamespace),
			Claim:  "namespace " + t.w.Namespace + " exists and is active",
			Thing:  "namespace " + t.w.Namespace,
			Facts:  []pipeline.ID{KubeAccess},
			Needs:  []pipeline.ID{KubeAccess, CKSIssuer, GCPProject},
			Within: namespaceGone, Observe: t.lookAtNamespace,
		},
		Apply:  t.createNamespace,
		Keep:   t.keepNamespace,
		Remove: t.removeNamespace,
	}
}

func (t *Trust) lookAtNamespace(ctx context.Context) (pipeline.Observation, error) {
	ns, found, err := t.kube.Namespace(ctx, t.w.Namespace)
	if err != nil {
		return t.kubeLook(err)
	}
	switch {
	case !found:
		return pipeline.Observation{Status: pipeline.Absent, Diffs: []pipeline.Diff{labelled()}, Remedy: t.setupMends("WIF201")}, nil
	case ns.Phase == kube.PhaseActive:
		return pipeline.Observation{Status: pipeline.Met, Owner: objectOwner(ns)}, nil
	case ns.Phase == kube.PhaseTerminating:
		detail := "it is being deleted"
		if ns.Held != "" {
			detail += ": " + ns.Held
		}
		return pipeline.Observation{
			Status: pipeline.Drifted, Owner: objectOwner(ns), Pending: true, Detail: detail,
			Remedy: remedy("WIF202", "the namespace is being deleted; this shows what holds it up", t.kubectl("get", "namespace", t.w.Namespace, "-o", "yaml")),
		}, nil
	}
	return blocked("its phase is "+string(ns.Phase), remedy("WIF202", "the namespace is not active",
		t.kubectl("get", "namespace", t.w.Namespace, "-o", "yaml"))), nil
}

func (t *Trust) createNamespace(ctx context.Context, _ pipeline.Observation) (pipeline.Outcome, error) {
	_, err := t.kube.CreateNamespace(ctx, t.w.Namespace, nil)
	return t.createdObject(ctx, "WIF201", err)
}

// keepNamespace leaves a namespace in which anything of anyone else's lives.
func (t *Trust) keepNamespace(ctx context.Context, _ pipeline.Observation) (string, error) {
	contents, err := t.kube.NamespaceContents(ctx, t.w.Namespace, t.ownContents()...)
	if err != nil {
		return "", t.kubeFailed(err)
	}
	switch {
	case len(contents.Others) > 0:
		return "it holds " + someOf(contents.Others), nil
	case len(contents.Unreadable) > 0:
		return "it may hold what we cannot see: " + someOf(contents.Unreadable), nil
	}
	return "", nil
}

// ownContents are what teardown takes out of the namespace before the namespace goes.
func (t *Trust) ownContents() (names []string) {
	if t.facts.account.Managed || t.w.ServiceAccount == otherServiceAccount {
		names = append(names, "serviceaccount/"+t.w.ServiceAccount)
	}
	if t.facts.credentials.Managed {
		names = append(names, "configmap/"+t.configMap())
	}
	return names
}

func (t *Trust) removeNamespace(ctx context.Context, _ pipeline.Observation) error {
	ns, found, err := t.kube.Namespace(ctx, t.w.Namespace)
	if err != nil || !found || ns.Deleting {
		return t.kubeFailed(err)
	}
	return t.unlessGone(t.kube.DeleteNamespace(ctx, ns))
}

func objectOwner(o kube.Object) pipeline.Owner {
	if o.Managed {
		return pipeline.Ours
	}
	return pipeline.Theirs
}

// createdObject is the outcome of creating an object. Somebody who was quicker did our
// work; the next look says whether it was the same.
func (t *Trust) createdObject(ctx context.Context, code string, err error) (pipeline.Outcome, error) {
	switch kube.ReasonOf(err) {
	case kube.AlreadyExists:
		return pipeline.Unchanged, nil
	case kube.Terminating, kube.NotFound:
		return "", pipeline.Pending(err)
	}
	if err != nil {
		return "", t.changeFailed(ctx, code, err)
	}
	return pipeline.Created, nil
}

func (t *Trust) unlessGone(err error) error {
	if kube.ReasonOf(err) == kube.NotFound {
		return nil
	}
	return t.kubeFailed(err)
}

// setupMends is the remedy for whatever setup makes.
func (t *Trust) setupMends(code string) pipeline.Remedy {
	return remedy(code, "it is not there; setup makes it", t.wifctl("setup"))
}

// leaving is the Observation of an object that is being deleted, which only its finalizers can
// hold up: it is still there, and no more to be built on.
func (t *Trust) leaving(code string, o kube.Object) pipeline.Observation {
	detail := "it is being deleted"
	if o.Held != "" {
		detail += ": " + o.Held
	}
	return pipeline.Observation{
		Status: pipeline.Drifted, Learned: true, Owner: objectOwner(o), Pending: true, Detail: detail,
		Remedy: remedy(code, "it is being deleted, and what holds it up has to let it go; this shows it, and setup makes it anew then",
			t.kubectl("get", strings.ToLower(o.Kind), o.Name, "--namespace="+o.Namespace, "--ignore-not-found", "-o", "yaml"), t.wifctl("setup")),
	}
}
