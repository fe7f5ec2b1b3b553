package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wifctl/wifctl/docs"
)

func newExplain(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain CODE...",
		Short: "Say what a code means, how it happens, and what mends it",
		Long: `explain prints what docs/errors.md says of a code: the claim behind it, how it comes to
be untrue, what mends it, and what wifctl does about it. The names in it are examples; the
commands that a failed run prints have yours. wifctl verify --list has the codes of all
checks.`,
		Example: "  wifctl explain WIF511",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(cmd, fmt.Errorf("which code? For example: wifctl explain %s", docs.Codes()[0]))
			}
			return explain(s, args)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return docs.Codes(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	return cmd
}

// explain prints all sections, or, if one code is none, nothing.
func explain(s streams, args []string) error {
	sections := make([]string, len(args))
	for i, arg := range args {
		code := codeOf(arg)
		section := docs.Section(code)
		if section == "" {
			return &usageError{listCommand, fmt.Errorf("%q is no code", arg)}
		}
		sections[i] = code + "\n\n" + section
	}
	_, err := fmt.Fprint(s.out, strings.Join(sections, "\n"))
	return err
}

// codeOf reads a code as people write one: wif511, or 511.
func codeOf(arg string) string {
	return "WIF" + strings.TrimPrefix(strings.ToUpper(arg), "WIF")
}
