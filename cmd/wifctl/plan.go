package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/wifctl/wifctl/internal/trust"
)

func newPlan(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what setup would do, and change nothing",
		Long: `plan looks at everything that setup would make and says what it would do about each:
create, restore, update, adopt, nothing, or refuse. It changes nothing.`,
		Example: `  wifctl plan --project my-project-123 --bucket my-bucket
  wifctl plan --project my-project-123 --bucket my-bucket --exit-code -o json`,
		Args: noArgs,
	}
	o := addFlags(cmd, s)
	exitCode := cmd.Flags().Bool("exit-code", false, "exit with 3 when setup would change something")
	addSetupFlags(cmd, o)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ss, err := open(cmd.Context(), cmd, s, o, trust.ToSetUp)
		if err != nil {
			return err
		}
		ctx, cancel := ss.bound(cmd.Context())
		defer cancel()
		return ss.plan(ctx, *exitCode)
	}
	return cmd
}

// asked are the flags of setup alone that were given.
func (ss *session) asked() (flags []string) {
	if ss.cfg.Adopt {
		flags = append(flags, "--adopt")
	}
	if ss.cfg.CreateBucket {
		flags = append(flags, "--create-bucket")
	}
	if ss.cfg.Location != "" {
		flags = append(flags, "--location", ss.cfg.Location)
	}
	return flags
}

func (ss *session) plan(ctx context.Context, exitCode bool) error {
	run := ss.run()
	looked, err := run.Look(ctx)
	if err != nil {
		return err
	}
	ss.header()
	status := statusOfReport("plan", looked)
	if status == exitOK && exitCode && looked.Changes() {
		status = exitChanges
	}
	next := ""
	if status == exitOK || status == exitChanges {
		next = ss.trust.Command("setup", ss.asked()...)
	}
	return ss.finish(looked, status, next)
}
