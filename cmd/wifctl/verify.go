package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/wifctl/wifctl/internal/trust"
)

func newVerify(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Prove that it works, and only for whom it should",
		Long: `verify looks at every part of the trust and then goes the whole way of a pod: a fresh
token of the ServiceAccount, its exchange at Google, impersonation of the GSA, and an
object read from the bucket. Then it sees another ServiceAccount of the namespace
refused. It changes nothing.

Each check has a stable code; docs/errors.md says more about each.`,
		Example: `  wifctl verify --project my-project-123 --bucket my-bucket
  wifctl verify --project my-project-123 --bucket my-bucket --wait 10m -o json
  wifctl verify --project my-project-123 --bucket my-bucket -o junit > report.xml`,
		Args: noArgs,
	}
	o := addFlags(cmd, s)
	o.formats = append(o.formats, "junit")
	cmd.Flags().Lookup("output").Usage = "text, json or junit"
	cmd.Flags().DurationVar(&o.wait, "wait", 0, "wait this long for what may still be on its way (0: don't)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ss, err := open(cmd.Context(), cmd, s, o, trust.ToVerify)
		if err != nil {
			return err
		}
		ctx, cancel := ss.bound(cmd.Context())
		defer cancel()
		return ss.verify(ctx)
	}
	return cmd
}

func (ss *session) verify(ctx context.Context) error {
	run := ss.run()
	run.Wait = ss.o.wait
	looked, err := run.Look(ctx)
	if err != nil {
		return err
	}
	ss.header()
	return ss.finish(looked, statusOfReport("verify", looked), "")
}
