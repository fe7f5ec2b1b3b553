package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// shells are those that completion is written for, and how each is told of it.
var shells = []struct {
	name, short, long, example string
	write                      func(root *cobra.Command, w io.Writer) error
}{
	{
		"bash", "Print the completion script for bash",
		`bash prints the completion script for bash. It needs the package bash-completion.`,
		`  source <(wifctl completion bash)
  wifctl completion bash > ~/.local/share/bash-completion/completions/wifctl`,
		func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) },
	},
	{
		"zsh", "Print the completion script for zsh",
		`zsh prints the completion script for zsh. The folder of the second example must be in
fpath, before compinit is called.`,
		`  source <(wifctl completion zsh)
  wifctl completion zsh > ~/.zsh/completions/_wifctl`,
		(*cobra.Command).GenZshCompletion,
	},
	{
		"fish", "Print the completion script for fish",
		`fish prints the completion script for fish.`,
		`  wifctl completion fish | source
  wifctl completion fish > ~/.config/fish/completions/wifctl.fish`,
		func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) },
	},
	{
		"powershell", "Print the completion script for PowerShell",
		`powershell prints the completion script for PowerShell.`,
		`  wifctl completion powershell | Out-String | Invoke-Expression`,
		(*cobra.Command).GenPowerShellCompletionWithDesc,
	},
}

// newCompletion stands in for cobra's own command of that name, which has no examples.
func newCompletion(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "completion",
		Short: "Print a script that completes wifctl's command lines in a shell",
		Long: `completion prints a script that teaches a shell to complete wifctl's commands, flags
and values. Contexts come from the kubeconfig; namespaces and ServiceAccounts from the
cluster; pools, providers, GSAs and buckets from the project; clusters from the CoreWeave
API, where $COREWEAVE_API_TOKEN is set. What is on the command line already says which
cluster and which project.

Looking takes two seconds at most, changes nothing and asks nothing; what can't be
looked up is not offered.`,
		Example: `  source <(wifctl completion bash)`,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	for _, sh := range shells {
		cmd.AddCommand(&cobra.Command{
			Use: sh.name, Short: sh.short, Long: sh.long, Example: sh.example, Args: noArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				if err := sh.write(cmd.Root(), s.out); err != nil {
					return fmt.Errorf("write the completion script: %w", err)
				}
				return nil
			},
		})
	}
	return cmd
}
