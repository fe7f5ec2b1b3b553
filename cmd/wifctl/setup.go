package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/wifctl/wifctl/internal/report"
	"github.com/wifctl/wifctl/internal/trust"
)

func newSetup(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Make the trust true, and prove it",
		Long: `setup makes everything that pods of one ServiceAccount need to read one bucket, and
proves with a fresh token that they can. It looks first, changes only what is not as
it should be, and looks again. What somebody else made is used as it is if it fits;
if it does not, setup stops before any change and shows what was found and what was
wanted.

It asks no questions. Run it again after a failure, and it goes on from there; run it
when all is well, and it changes nothing.`,
		Example: `  wifctl setup --project my-project-123 --bucket my-bucket
  wifctl setup --project my-project-123 --bucket my-new-bucket --create-bucket --location US-CENTRAL1
  wifctl setup --project my-project-123 --bucket my-bucket -n web --service-account frontend --dry-run
  terraform output -raw issuer | wifctl setup --project my-project-123 --bucket my-bucket --issuer -`,
		Args: noArgs,
	}
	o := addFlags(cmd, s)
	dryRun := cmd.Flags().Bool("dry-run", false, "show what would be done, and change nothing")
	addSetupFlags(cmd, o)
	cmd.Flags().DurationVar(&o.wait, "wait", trust.DefaultWait, "how long the proof may wait for Google to enforce what was changed")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ss, err := open(cmd.Context(), cmd, s, o, trust.ToSetUp)
		if err != nil {
			return err
		}
		ctx, cancel := ss.bound(cmd.Context())
		defer cancel()
		if *dryRun {
			ss.dryRun, ss.text.Command = true, "plan"
			return ss.plan(ctx, false)
		}
		return ss.setUp(ctx)
	}
	return cmd
}

func (ss *session) setUp(ctx context.Context) error {
	run := ss.run()
	looked, err := run.Look(ctx)
	if err != nil {
		return err
	}
	ss.header()
	rep, err := run.Apply(ctx, looked)
	if err != nil {
		return err
	}
	status := statusOfReport("setup", rep)
	if status != exitOK {
		return ss.print(report.Report{ExitStatus: status, Pipeline: rep, Undo: ss.trust.Command("teardown")})
	}
	return ss.finish(rep, status, ss.trust.Command("verify"))
}
