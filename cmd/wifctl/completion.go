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
		`bash prints the completion script for bash. The second example needs the package
bash-completion, which loads such scripts; the first needs nothing.`,
		`  source <(wifctl completion bash)
  wifctl completion bash > ~/.local/share/bash-completion/completions/wifctl`,
		writeBash,
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

// bashAlone lets cobra's script do without the package bash-completion, which not every
// machine has: the words before the cursor are found by what is between blanks.
const bashAlone = `
if ! declare -F _get_comp_words_by_ref >/dev/null; then
    __wifctl_init_completion() {
        COMPREPLY=()
        local line="${COMP_LINE:0:COMP_POINT}"
        read -ra words <<<"$line"
        [[ $line == *[[:blank:]] ]] && words+=("")
        cword=$((${#words[@]} - 1))
        cur="${words[cword]}"
        prev="${words[cword - 1]}"
    }
fi
`

func writeBash(root *cobra.Command, w io.Writer) error {
	if err := root.GenBashCompletionV2(w, true); err != nil {
		return err
	}
	_, err := io.WriteString(w, bashAlone)
	return err
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
