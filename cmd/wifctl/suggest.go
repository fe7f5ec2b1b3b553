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

// flagError says of a flag that is not known which one was meant, and of a value that is
// none what one looks like.
func flagError(cmd *cobra.Command, err error) error {
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		f := invalid.GetFlag()
		return fmt.Errorf("--%s %q: %s", f.Name, invalid.GetValue(), or(valueForms[f.Value.Type()], invalid.Unwrap().Error()))
	}
	return suggestFlag(cmd, err)
}

// valueForms are the rules for values, by their type.
var valueForms = map[string]string{
	"bool":     "must be true or false",
	"duration": "must be a number with a unit, such as 90s, 10m or 1h",
}

// exclusive are flags that can't be meant together.
var exclusive = [][2]string{{"quiet", "verbose"}, {"skip", "only"}, {"pod", "token-file"}}

func checkExclusive(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	for _, f := range exclusive {
		if given(f[0]) && given(f[1]) {
			return usage(cmd, fmt.Errorf("--%s and --%s exclude each other: leave one out", f[0], f[1]))
		}
	}
	return nil
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

// orList is "text, json or junit".
func orList(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
