package trust

import (
	"context"
	"time"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
)

func (t *Trust) gcpPool() pipeline.Step {
	return pipeline.Step{
		Check: pipeline.Check{
			ID: GCPPool, Claims: t.claims(GCPPool),
			Claim:  "pool " + t.cfg.Pool + " exists and is enabled",
			Thing:  "workload identity pool " + t.cfg.Pool,
			Facts:  []pipeline.ID{CKSIssuer, GCPProject},
			Needs:  []pipeline.ID{GCPAPIs},
			Within: poolVisible, Observe: t.lookAtPool,
		},
		Apply:  t.applyPool,
		Keep:   t.keepPool,
		Remove: t.removePool,
	}
}

func (t *Trust) lookAtPool(ctx context.Context) (pipeline.Observation, error) {
	pool, found, err := t.google.Pool(ctx, t.poolName())
	if err != nil {
		obs, err := t.googleLook(err)
		return unlessThere(obs, err, t.made())
	}
	t.facts.pool, t.facts.poolAbsent = pool, !found
	obs := t.judgePool(pool, found)
	obs.Learned = true
	return obs, nil
}

func (t *Trust) judgePool(pool gcp.Pool, found bool) pipeline.Observation {
	if !found {
		return pipeline.Observation{Status: pipeline.Absent, Diffs: t.made(), Remedy: t.setupMends("WIF301")}
	}
	owner := ownerOf(pool.Description)
	if pool.State == gcp.Deleted {
		restore := []string{t.pools("undelete", t.cfg.Pool)}
		if !pool.Disabled || t.mayMend(owner) { // else setup would stop at it
			restore = append(restore, t.wifctl("setup"))
		}
		return pipeline.Observation{
			Status: pipeline.Absent, Action: pipeline.ActionRestore, Owner: owner,
			Detail: "it was deleted and can be restored until " + day(pool.Expires),
			Remedy: remedy("WIF302", "the pool was deleted; its id stays taken for 30 days, and setup restores it", restore...),
		}
	}
	if !pool.Disabled {
		return pipeline.Observation{Status: pipeline.Met, Owner: owner}
	}
	obs := pipeline.Observation{
		Status: pipeline.Drifted, Owner: owner, Action: mend(owner), Detail: "it is disabled",
		Diffs:  []pipeline.Diff{{Path: "disabled", Have: "true", Want: "false"}},
		Remedy: remedy("WIF303", "no token is accepted while the pool is disabled", t.pools("update", t.cfg.Pool, "--no-disabled")),
	}
	return t.refuseTheirs(obs)
}

// refuseTheirs turns a difference that we may not mend into one that is only told.
func (t *Trust) refuseTheirs(obs pipeline.Observation) pipeline.Observation {
	if t.mayMend(obs.Owner) {
		return obs
	}
	obs.Status, obs.Action = pipeline.Blocked, pipeline.ActionRefuse
	obs.Detail += "; it was not created by wifctl, which changes it only with --adopt"
	return obs
}

func day(at time.Time) string {
	if at.IsZero() {
		return "30 days after that"
	}
	return at.UTC().Format(time.DateOnly)
}

func (t *Trust) applyPool(ctx context.Context, obs pipeline.Observation) (pipeline.Outcome, error) {
	name := t.poolName()
	switch obs.Next() {
	case pipeline.ActionRestore:
		return t.changed(pipeline.Restored, t.google.UndeletePool(ctx, name))
	case pipeline.ActionCreate:
		return t.created(t.google.CreatePool(ctx, gcp.Pool{
			Name: name, DisplayName: workloadsName, Description: mark(t.facts.issuer),
		}))
	}
	return t.changed(outcome(obs.Next()), t.google.PatchPool(ctx, gcp.Pool{Name: name}, "disabled"))
}

// keepPool leaves a pool in which a provider stays: deleting the pool would take it along.
func (t *Trust) keepPool(ctx context.Context, _ pipeline.Observation) (string, error) {
	providers, err := t.google.Providers(ctx, t.poolName(), false)
	if err != nil {
		return "", t.googleFailed(err)
	}
	var staying []string
	for _, p := range providers {
		stays := p.Name != t.providerName() || ownerOf(p.Description) != pipeline.Ours
		if !stays {
			o, err := t.otherWorkloads(ctx)
			if err != nil {
				return "", err
			}
			stays = o.any()
		}
		if stays {
			staying = append(staying, "provider "+lastPart(p.Name))
		}
	}
	if len(staying) > 0 {
		return "it holds " + someOf(staying), nil
	}
	return "", nil
}

func (t *Trust) removePool(ctx context.Context, _ pipeline.Observation) error {
	return t.googleFailed(t.google.DeletePool(ctx, t.poolName()))
}
