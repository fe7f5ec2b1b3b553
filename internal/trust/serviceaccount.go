package trust

import (
	"context"
	"time"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// A namespace that was just created may refuse its first objects for a moment.
const objectAccepted = 30 * time.Second

func (t *Trust) kubeServiceAccount() pipeline.Step {
	return pipeline.Step{
		Check: pipeline.Check{
			ID: KubeServiceAccount, Claims: t.claims(KubeServiceAccount),
			Claim:  "ServiceAccount " + t.w.Namespace + "/" + t.w.ServiceAccount + " exists",
			Thing:  "ServiceAccount " + t.w.Namespace + "/" + t.w.ServiceAccount,
			Facts:  []pipeline.ID{KubeAccess},
			Needs:  []pipeline.ID{KubeNamespace},
			Within: objectAccepted, Observe: t.lookAtServiceAccount,
		},
		Apply: func(ctx context.Context, _ pipeline.Observation) (pipeline.Outcome, error) {
			_, err := t.kube.CreateServiceAccount(ctx, t.w.Namespace, t.w.ServiceAccount, nil)
			return t.createdObject(ctx, "WIF211", err)
		},
		Remove: t.removeServiceAccount,
	}
}

func (t *Trust) lookAtServiceAccount(ctx context.Context) (pipeline.Observation, error) {
	sa, found, err := t.kube.ServiceAccount(ctx, t.w.Namespace, t.w.ServiceAccount)
	if err != nil {
		return t.kubeLook(err)
	}
	t.facts.account = sa
	if !found {
		return pipeline.Observation{Status: pipeline.Absent, Diffs: []pipeline.Diff{labelled()}, Remedy: t.setupMends("WIF211")}, nil
	}
	if sa.Deleting {
		return t.leaving("WIF211", sa), nil
	}
	owner := objectOwner(sa)
	if t.w.ServiceAccount == otherServiceAccount {
		owner = pipeline.Theirs // Kubernetes makes it in every namespace, and makes it again
	}
	return pipeline.Observation{Status: pipeline.Met, Owner: owner}, nil
}

func (t *Trust) removeServiceAccount(ctx context.Context, _ pipeline.Observation) error {
	sa, found, err := t.kube.ServiceAccount(ctx, t.w.Namespace, t.w.ServiceAccount)
	if err != nil || !found {
		return t.kubeFailed(err)
	}
	return t.unlessGone(t.kube.DeleteServiceAccount(ctx, sa))
}
