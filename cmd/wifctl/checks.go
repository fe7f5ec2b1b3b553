package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/report"
	"github.com/wifctl/wifctl/internal/trust"
)

// checkCodes refuses a code that no check has.
func (v verifyFlags) checkCodes() error {
	known := trust.Catalogue(trust.Config{Workloads: []trust.Workload{{}}})
	for _, codes := range [][]string{v.skip, v.only} {
		for i, arg := range codes {
			codes[i] = codeOf(arg)
			if !slices.ContainsFunc(known, func(l trust.Listed) bool { return l.Code == codes[i] }) {
				return &usageError{listCommand, fmt.Errorf("no check has the code %q", arg)}
			}
		}
	}
	return nil
}

// listCommand prints all codes.
const listCommand = "wifctl verify --list"

// choose applies --skip and --only to what was judged.
func (v verifyFlags) choose(all []pipeline.Judged) []pipeline.Judged {
	var out []pipeline.Judged
	for _, j := range all {
		switch {
		case len(v.only) > 0 && !slices.Contains(v.only, j.Code):
			continue
		case slices.Contains(v.skip, j.Code):
			j = pipeline.Judged{Claim: j.Claim, ID: j.ID, Because: "left out by --skip", Excused: true, Duration: j.Duration}
		}
		out = append(out, j)
	}
	return out
}

func listChecks(cmd *cobra.Command, s streams, o *options) error {
	cfg, err := o.config(cmd)
	if err != nil {
		return err
	}
	var rows []report.Listed
	for _, l := range trust.Catalogue(cfg) {
		rows = append(rows, report.Listed{Claim: l.Claim, ID: l.Step})
	}
	switch o.output {
	case "json":
		return report.ListJSON(s.out, rows)
	case "text":
		return report.List(s.out, rows)
	}
	return usage(cmd, fmt.Errorf("--output %q: with --list it must be text or json", o.output))
}

// statusOfChecks is the exit status of a verify: the first of these that fits. It comes from
// verdicts and never from how they are printed. What could not be looked at is forgiven
// where the proof went all the way: it speaks for itself. Not so where nobody answered: the
// next run may see what this one did not.
func statusOfChecks(checks []pipeline.Judged, strict bool) int {
	proved := slices.ContainsFunc(checks, func(j pipeline.Judged) bool {
		return slices.Contains(trust.Proofs, j.Code) && j.Verdict == pipeline.Pass
	})
	var statuses []int
	for _, j := range checks {
		if j.Verdict == pipeline.Skip && !j.Dark && (j.Excused || !strict && (j.Lint || proved)) {
			continue
		}
		statuses = append(statuses, statusOfCheck(j, strict))
	}
	for _, status := range []int{exitBarred, exitFailed, exitPropagating} {
		if slices.Contains(statuses, status) {
			return status
		}
	}
	return exitFailedUnless(!slices.Contains(statuses, notRun))
}

func statusOfCheck(j pipeline.Judged, strict bool) int {
	switch j.Verdict {
	case pipeline.Pass:
		return exitOK
	case pipeline.Warn:
		return exitFailedUnless(!strict)
	case pipeline.Skip:
		if j.Dark || j.Barred && !strict {
			return exitBarred
		}
		return notRun
	}
	switch {
	case j.Err != nil && statusOf(j.Err) == exitUsage:
		return exitFailed // what Google finds invalid was not typed by anybody
	case j.Err != nil:
		return statusOf(j.Err)
	case j.Pending:
		return exitPropagating
	}
	return exitFailed
}
