package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// farthest is how many letters a typing mistake may be away from what was meant.
const farthest = 2

func errUnknownCommand(cmd *cobra.Command, name string) error {
	cmd.SuggestionsMinimumDistance = farthest
	return fmt.Errorf("unknown command %q%s", name, didYouMean(cmd.SuggestionsFor(name), ""))
}

// suggestFlag adds to the error of a flag that is not known the one that was meant.
func suggestFlag(cmd *cobra.Command, err error) error {
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok || len(unknown.GetSpecifiedName()) < farthest {
		return err
	}
	// cobra knows what is near, but tells it of commands alone: let flags be such.
	flags := &cobra.Command{SuggestionsMinimumDistance: farthest}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		flags.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	return fmt.Errorf("%w%s", err, didYouMean(flags.SuggestionsFor(unknown.GetSpecifiedName()), "--"))
}

func didYouMean(names []string, before string) string {
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return "; did you mean " + before + strings.Join(names, " or "+before) + "?"
}
