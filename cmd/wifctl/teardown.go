package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/report"
	"github.com/wifctl/wifctl/internal/trust"
)

func newTeardown(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "teardown",
		Short: "Remove what setup made, and nothing else",
		Long: `teardown removes what setup made: first the bindings, since they are what gives
access, then the rest in the opposite order of setup. What somebody else made, or
uses, is kept, and the reason is said. APIs stay enabled.

Google keeps a deleted pool and provider for 30 days, in which setup restores them.`,
		Example: `  wifctl teardown --project my-project-123 --bucket my-bucket --dry-run
  wifctl teardown --project my-project-123 --bucket my-bucket --yes`,
		Args: noArgs,
	}
	o := addFlags(cmd, s)
	yes := cmd.Flags().Bool("yes", false, "do not ask")
	dryRun := cmd.Flags().Bool("dry-run", false, "show what would be removed, and change nothing")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if !*yes && !*dryRun && !s.mayAsk() {
			return usage(cmd, errors.New("there is no terminal to ask on: say --yes, or --dry-run to see what would be removed"))
		}
		if !*yes && !*dryRun && o.cfg.Issuer == fromStdin {
			return usage(cmd, errors.New("with --issuer - the issuer is read where the answer would be: say --yes, or --dry-run to see what would be removed"))
		}
		ss, err := open(cmd.Context(), cmd, s, o, trust.ToTearDown)
		if err != nil {
			return err
		}
		ctx, cancel := ss.bound(cmd.Context())
		defer cancel()
		return ss.tearDown(ctx, *yes, *dryRun)
	}
	return cmd
}

func (ss *session) tearDown(ctx context.Context, yes, dryRun bool) error {
	run := ss.run()
	looked, err := run.Look(ctx)
	if err != nil {
		return err
	}
	ss.header()
	planned := run.PlanRemoval(ctx, looked)
	if ss.dryRun = dryRun; dryRun {
		next := ""
		if planned.Changes() {
			next = ss.trust.Command("teardown")
		}
		return ss.finish(planned, statusOfReport("teardown", planned), next)
	}
	if !yes {
		if agreed, err := ss.confirm(ctx, planned); !agreed {
			return err
		}
	}
	rep, err := run.Remove(ctx, planned)
	if err != nil {
		return err
	}
	return ss.finish(rep, statusOfReport("teardown", rep), "", ss.trust.Left(rep)...)
}

// confirm shows what would go and asks. Anything but yes is no. The live view comes back
// only where something will be removed.
func (ss *session) confirm(ctx context.Context, planned pipeline.Report) (bool, error) {
	ss.watch.Pause()
	preview := &report.Text{Command: ss.command, Out: ss.s.err, Talk: ss.s.err, Colour: ss.s.live() && ss.s.colour()}
	preview.Finish(report.Report{Command: ss.command, Pipeline: planned})
	if planned.Changes() { // else there is nothing to ask about
		fmt.Fprint(ss.s.err, "\nRemove these? [y/N] ")
		answer, err := readLine(ctx, bufio.NewReader(ss.s.in))
		if err != nil {
			fmt.Fprintln(ss.s.err, "\nNothing was removed.")
			return false, err
		}
		if !slices.Contains([]string{"y", "yes"}, strings.ToLower(answer)) {
			fmt.Fprintln(ss.s.err, "Nothing was removed.")
			return false, done(exitFailed)
		}
		fmt.Fprintln(ss.s.err)
	}
	ss.watch.Start(nil)
	return true, nil
}

// readLine reads an answer, unless the run is stopped first.
func readLine(ctx context.Context, in *bufio.Reader) (string, error) {
	lines := make(chan string, 1)
	go func() {
		line, _ := in.ReadString('\n') // an end of input is an empty answer
		lines <- strings.TrimSpace(line)
	}()
	select {
	case line := <-lines:
		return line, nil
	case <-ctx.Done():
		return "", pipeline.ErrInterrupted
	}
}
