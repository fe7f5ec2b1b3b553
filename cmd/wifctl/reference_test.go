package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

func TestTheReferenceIsCurrent(t *testing.T) {
	dir := t.TempDir()
	if err := writeReference(dir, "markdown"); err != nil {
		t.Fatal(err)
	}
	want, have := pagesIn(t, dir), pagesIn(t, filepath.Join(root, "docs", "reference"))
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("make docs brings docs/reference up to date (-want +have):\n%s", diff)
	}
}

func TestEveryCommandHasAManPageWithItsFlags(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("SOURCE_DATE_EPOCH", "1700000000")
	if err := writeReference(dir, "man"); err != nil {
		t.Fatal(err)
	}
	pages := pagesIn(t, dir)
	for _, cmd := range commands(t) {
		if !cmd.IsAvailableCommand() { // it is hidden, or cobra's own help
			continue
		}
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
		page := pages[name]
		if !strings.Contains(page, "\n.TH ") || !strings.Contains(page, `"Nov 2023"`) || !strings.Contains(page, "\n.SH EXAMPLE") {
			t.Errorf("%s: not a dated page with an example:\n%.300s", name, page)
		}
		for _, flag := range flagsOf(cmd.LocalFlags().FlagUsages()) {
			if !strings.Contains(page, `\fB--`+flag+`\fP`) {
				t.Errorf("%s: does not tell of --%s", name, flag)
			}
		}
	}
}

func TestTheReferenceRefusesWhatItCannotWrite(t *testing.T) {
	for _, tt := range []struct{ dir, format, want string }{
		{filepath.Join(t.TempDir(), "none"), "man", "is not a folder"},
		{t.TempDir(), "pdf", `--format "pdf": must be markdown or man`},
	} {
		if err := writeReference(tt.dir, tt.format); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("writeReference(%s, %s): %v, want %s", tt.dir, tt.format, err, tt.want)
		}
	}
}

// pagesIn are the files of a folder by their names.
func pagesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	pages := make(map[string]string)
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		pages[f.Name()] = string(raw)
	}
	return pages
}

// commands are all commands of ours, and the one that they hang on.
func commands(t *testing.T) []*cobra.Command {
	t.Helper()
	var all []*cobra.Command
	var add func(*cobra.Command)
	add = func(cmd *cobra.Command) {
		all = append(all, cmd)
		for _, c := range cmd.Commands() {
			add(c)
		}
	}
	add(newRoot(streams{env: func(string) string { return "" }}))
	return all
}

func TestEveryCommandHasAnExampleThatItTakes(t *testing.T) {
	line := regexp.MustCompile(`(?:^  |\()(wifctl [^|#>&)]*)`)
	for _, cmd := range commands(t) {
		if cmd.Short == "" || cmd.Long == "" {
			t.Errorf("%s does not say what it is", cmd.CommandPath())
		}
		seen := 0
		for example := range strings.SplitSeq(cmd.Example, "\n") {
			m := line.FindStringSubmatch(example)
			if m == nil {
				continue
			}
			seen++
			if err := takes(cmd, strings.Fields(m[1])); err != nil {
				t.Errorf("%s: example %s: %v", cmd.CommandPath(), example, err)
			}
		}
		if seen == 0 {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
	}
}

// takes reports why a command would not take a command line.
func takes(want *cobra.Command, words []string) error {
	tree := newRoot(streams{env: func(string) string { return "" }})
	cmd, rest, err := tree.Find(words[1:])
	if err != nil {
		return err
	}
	if !strings.HasPrefix(cmd.CommandPath()+" ", want.CommandPath()+" ") {
		return fmt.Errorf("is of %s", cmd.CommandPath())
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	return cmd.Args(cmd, cmd.Flags().Args())
}
