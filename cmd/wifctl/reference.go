package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/wifctl/wifctl/internal/trust"
)

// newReference writes the reference of all commands. It is for whoever packages wifctl,
// and for make docs; people read what it wrote.
func newReference() *cobra.Command {
	var dir, format string
	cmd := &cobra.Command{
		Use:    "reference",
		Hidden: true,
		Short:  "Write the reference of all commands, as Markdown or man pages",
		Long: `reference writes a page for each command into a folder that exists: Markdown, or man
pages of section 1. A man page carries the date of $SOURCE_DATE_EPOCH, else today's.`,
		Example: `  wifctl reference --format man --dir ~/.local/share/man/man1`,
		Args:    noArgs,
		RunE:    func(*cobra.Command, []string) error { return writeReference(dir, format) },
	}
	cmd.Flags().StringVar(&dir, "dir", ".", "folder to write to")
	cmd.Flags().StringVar(&format, "format", "markdown", "markdown or man")
	complete(cmd, map[string]cobra.CompletionFunc{
		"format": oneOf("markdown", "man"),
		"dir": func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	})
	return cmd
}

// writeReference describes the commands as they are where no variable of the environment
// changes a default.
func writeReference(dir, format string) error {
	root := newRoot(streams{env: func(string) string { return "" }})
	root.DisableAutoGenTag = true
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return &trust.InputError{Flag: "--dir", Value: dir, Rule: "is not a folder"}
	}
	var err error
	switch format {
	case "markdown":
		err = doc.GenMarkdownTree(root, dir)
	case "man":
		err = doc.GenManTree(root, &doc.GenManHeader{Source: "wifctl " + version(), Manual: "wifctl"}, dir)
	default:
		return &trust.InputError{Flag: "--format", Value: format, Rule: "must be markdown or man"}
	}
	if err != nil {
		return fmt.Errorf("write the reference: %w", err)
	}
	return nil
}
