package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/report"
	"github.com/wifctl/wifctl/internal/trust"
)

func newPreflight(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "preflight",
		Short: "Check what setup needs, and change nothing",
		Long: `preflight tells, all at once, what setup would stop at before its first change: who you
are on both sides, which permissions are missing there, with the role that carries each
and the commands for whoever can give it, the issuer and its keys, the APIs, the bucket,
and what somebody else made and differs. Names are held to their limits first. Where
there is no kubeconfig or no Google login, the other side is looked at all the same, and
so it is where project or bucket are not named yet.

It is the same look as that of plan and setup, and ends as plan does.`,
		Example: `  wifctl preflight --project my-project-123 --bucket my-bucket
  wifctl preflight --project my-project-123 --bucket my-bucket -o json | jq '.steps[] | select(.error)'`,
		Args: noArgs,
	}
	o := addFlags(cmd, s)
	addSetupFlags(cmd, o)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o.cfg.Incomplete = true
		ss, err := open(cmd.Context(), cmd, s, o, trust.ToSetUp)
		if err != nil {
			return err
		}
		ctx, cancel := ss.bound(cmd.Context())
		defer cancel()
		return ss.preflight(ctx)
	}
	return cmd
}

func (ss *session) preflight(ctx context.Context) error {
	looked, err := ss.run().Look(ctx)
	if err != nil {
		return err
	}
	ss.identify(ctx)
	ss.header()
	if ss.spoken() {
		ss.watch.Above(func() { ss.text.Identity(*ss.who) })
	}
	looked.Results = slices.DeleteFunc(looked.Results, passedOver)
	status, next := statusOfReport("plan", looked), ""
	if status == exitOK {
		next = ss.trust.Command("setup", ss.asked()...)
	}
	return ss.finish(looked, status, next)
}

// passedOver reports whether a result is no matter of a preflight: setup makes such things,
// and nothing is in its way.
func passedOver(res pipeline.Result) bool {
	var skipped *pipeline.NotRunError
	failed := res.Err != nil && !errors.As(res.Err, &skipped)
	return !slices.Contains(trust.Preconditions, res.ID) && !failed && res.Seen.Status != pipeline.Blocked
}

// identify learns who we are.
func (ss *session) identify(ctx context.Context) {
	id := ss.trust.Identity(ctx)
	ss.who = &report.Identity{
		Kubernetes: report.KubernetesIdentity{User: id.User, Groups: id.Groups},
		Google: report.GoogleIdentity{
			Kind: id.Login.Kind, Account: id.Login.Account, File: id.Login.File, As: id.Login.As, QuotaProject: id.Login.QuotaProject,
		},
	}
}
