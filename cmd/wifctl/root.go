package main

import (
	"strings"

	"github.com/spf13/cobra"
)

func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "wifctl",
		Short: "Let pods of a CoreWeave Kubernetes cluster read Google Cloud Storage without a stored key",
		Long: `wifctl makes the trust between a CoreWeave Kubernetes Service (CKS) cluster and a
Google Cloud project, proves that it works, and can take it all away again.

    wifctl setup     make the trust true       from a laptop
    wifctl verify    prove it, end to end      in CI
    wifctl teardown  remove what setup made    for cleanup

Run it twice, kill it half-way, run it beside a colleague: the result is the same,
and nothing of anyone else's is touched.

Exit status: 0 all true; 1 a step or check failed; 2 bad usage or input;
3 changes pending (plan --exit-code); 4 not allowed to look or to change;
5 still propagating when the time was up; 130 interrupted.`,
		Example:       `  wifctl setup --project my-project-123 --bucket my-bucket`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		// Cobra would call what excludes each other a failure of the run.
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := cmd.ValidateFlagGroups(); err != nil {
				return &usageError{cmd: cmd.CommandPath(), err: err}
			}
			return nil
		},
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{cmd: cmd.CommandPath(), err: suggestFlag(cmd, err)}
	})
	root.AddCommand(
		newPreflight(s), newSetup(s), newPlan(s), newVerify(s), newTeardown(s),
		newCredentials(s), newManifest(s), newExplain(s), newRehearse(s), newEmulator(s), newCompletion(s), newReference(), newVersion(s),
	)
	completeNothingElse(root)
	return root
}

// noArgs refuses arguments: everything is said by flags.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.HasSubCommands() {
		return &usageError{cmd: cmd.CommandPath(), err: errUnknownCommand(cmd, args[0])}
	}
	return &usageError{cmd: cmd.CommandPath(), err: errArgument(strings.Join(args, " "))}
}
