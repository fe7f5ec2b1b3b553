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

    wifctl rehearse  watch it all happen on stand-ins, without an account
    wifctl setup     make the trust
    wifctl verify    prove it, end to end, as often as you like
    wifctl teardown  remove what setup made

Run it twice, kill it half-way, run it beside a colleague: the result is the same,
and nothing of anyone else's is touched.

Exit status: 0 all true; 1 a step or check failed; 2 bad usage or input;
3 changes pending (plan --exit-code); 4 not allowed to look or to change;
5 still propagating when the time was up; 130 interrupted.`,
		Example: `  wifctl rehearse
  wifctl setup --project my-project-123 --bucket my-bucket`,
		Version:           version(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		Args:              noArgs,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return checkExclusive(cmd) },
	}
	root.SetVersionTemplate(versionLine())
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(cmd, flagError(cmd, err))
	})
	root.AddCommand(
		newPreflight(s), newSetup(s), newPlan(s), newVerify(s), newTeardown(s),
		newCredentials(s), newManifest(s), newExplain(s), newRehearse(s), newEmulator(s), newCompletion(s), newReference(), newVersion(s),
	)
	completeNothingElse(root)
	checkHelp(root)
	return root
}

// checkHelp lets help refuse what is no command: cobra would show the help of the nearest
// one that is.
func checkHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	help, _, err := root.Find([]string{"help"})
	if err != nil {
		panic(err) // it has just been made
	}
	help.Example = "  wifctl help manifest pod"
	help.Args = func(cmd *cobra.Command, args []string) error {
		if found, rest, _ := root.Find(args); len(rest) > 0 {
			return usage(found, errUnknownCommand(found, rest[0]))
		}
		return nil
	}
}

// noArgs refuses arguments: everything is said by flags.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.HasSubCommands() {
		return usage(cmd, errUnknownCommand(cmd, args[0]))
	}
	return usage(cmd, errArgument(strings.Join(args, " ")))
}
