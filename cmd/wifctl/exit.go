package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/report"
	"github.com/wifctl/wifctl/internal/trust"
)

// The exit statuses. They are part of the contract: see README.md.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitChanges     = 3
	exitBarred      = 4
	exitPropagating = 5
	exitInterrupted = 130
)

// usageError is a command line that can't be meant, and what to type to see what can.
type usageError struct {
	see string
	err error
}

func usage(cmd *cobra.Command, err error) error { return &usageError{helpOf(cmd), err} }

// helpOf is the command that shows the help of another.
func helpOf(cmd *cobra.Command) string { return cmd.CommandPath() + " --help" }

// commandOf is the name of a command as it is typed after wifctl: "manifest pod".
func commandOf(cmd *cobra.Command) string {
	return strings.TrimPrefix(strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()), " ")
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func errArgument(args string) error {
	return fmt.Errorf("unexpected argument %q: everything is said by flags", args)
}

// doneError carries the exit status of a command that has told everything already.
type doneError struct{ status int }

func (e *doneError) Error() string { return fmt.Sprintf("exit status %d", e.status) }

func done(status int) error {
	if status == exitOK {
		return nil
	}
	return &doneError{status}
}

// conclude tells an error that nobody has told yet, in the format asked for, and gives
// the exit status.
func conclude(cmd *cobra.Command, args []string, s streams, err error) int {
	if err == nil {
		return exitOK
	}
	if d, ok := errors.AsType[*doneError](err); ok {
		return d.status
	}
	r := report.Report{Command: commandOf(cmd), ExitStatus: statusOf(err), Err: err.Error(), Remedy: remedyOf(cmd, err)}
	format := formatOf(args)
	if format != "json" { // one object says it all
		(&report.Text{Command: r.Command, Out: s.out, Talk: s.err}).Finish(r)
	}
	if slices.Contains([]string{"json", "junit", "github"}, format) {
		if werr := writeReport(s, format, r); werr != nil {
			return exitFailed
		}
	}
	return r.ExitStatus
}

// statusOf maps errors to exit statuses. It is the only place that does.
func statusOf(err error) int {
	var (
		usage   *usageError
		input   *trust.InputError
		access  *trust.AccessError
		dark    *pipeline.UnansweredError
		timeout *pipeline.TimeoutError
	)
	switch {
	case errors.Is(err, pipeline.ErrInterrupted), errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &usage), errors.As(err, &input), kube.IsConfigError(err) && !kube.IsNoKubeconfig(err), gcp.ReasonOf(err) == gcp.Invalid:
		return exitUsage
	case errors.As(err, &access), errors.As(err, &dark), kube.IsNoKubeconfig(err), gcp.ReasonOf(err) == gcp.NoCredentials, gcp.ReasonOf(err) == gcp.LoginExpired:
		return exitBarred
	case errors.As(err, &timeout):
		return exitPropagating
	default:
		return exitFailed
	}
}

// notRun is the status of a step that was not tried: what kept it from being tried decides,
// and it is a failure if nothing else was.
const notRun = -1

// badInput are the codes of what the user named and what is not there.
var badInput = []string{"WIF501"}

// statusOfReport is the exit status of a pipeline's report: the first of these that fits.
// It comes from results and never from how they are printed.
func statusOfReport(command string, rep pipeline.Report) int {
	if rep.Interrupted {
		return exitInterrupted
	}
	statuses := make([]int, 0, len(rep.Results))
	for _, res := range rep.Results {
		statuses = append(statuses, statusOfResult(command, res))
	}
	for _, status := range []int{exitBarred, exitUsage, exitFailed, exitPropagating} {
		if slices.Contains(statuses, status) {
			return status
		}
	}
	return exitFailedUnless(command == "plan" || !slices.Contains(statuses, notRun))
}

func statusOfResult(command string, res pipeline.Result) int {
	var skipped *pipeline.NotRunError
	var blocked *pipeline.BlockedError
	var input *trust.InputError
	switch {
	case errors.As(res.Err, &skipped):
		return notRun
	case command != "verify" && res.Seen.Status == pipeline.Blocked && slices.Contains(badInput, res.Seen.Remedy.Code):
		return exitUsage
	case errors.As(res.Err, &blocked):
		return exitFailed
	case errors.As(res.Err, &input):
		return statusOfUnnamed(res.Err)
	case res.Err != nil && statusOf(res.Err) == exitUsage:
		return exitFailed // what Google finds invalid in a step was not typed by anybody
	case res.Err != nil:
		return statusOf(res.Err)
	case command == "teardown":
		return exitOK
	case command == "plan":
		return exitFailedUnless(res.Seen.Status != pipeline.Blocked)
	case res.Seen.Pending && res.Seen.Status != pipeline.Met:
		return exitPropagating
	}
	return exitFailedUnless(res.Seen.Status == pipeline.Met)
}

// statusOfUnnamed is that of a step for which the user left a name out: what keeps them from
// looking weighs more.
func statusOfUnnamed(err error) int {
	if _, ok := errors.AsType[*trust.AccessError](err); ok {
		return exitBarred
	}
	return exitUsage
}

func exitFailedUnless(good bool) int {
	if good {
		return exitOK
	}
	return exitFailed
}

// remedyOf is what to type after an error that no step has told.
func remedyOf(cmd *cobra.Command, err error) pipeline.Remedy {
	var usage *usageError
	var config *kube.ConfigError
	var input *trust.InputError
	switch {
	case errors.As(err, &usage):
		return pipeline.Remedy{Run: []string{usage.see}}
	case errors.As(err, &input):
		return pipeline.Remedy{Run: []string{helpOf(cmd)}}
	case errors.As(err, &config) && config.Reason == kube.UnknownContext:
		return pipeline.Remedy{Code: "WIF101", Run: []string{"kubectl config get-contexts"}, See: "docs/errors.md#wif101"}
	case errors.As(err, &config):
		return trust.NoKubeconfig()
	}
	switch gcp.ReasonOf(err) {
	case gcp.NoCredentials, gcp.LoginExpired, gcp.NotLoggedIn:
		return pipeline.Remedy{Code: "WIF123", Run: []string{"gcloud auth application-default login"}, See: "docs/errors.md#wif123"}
	}
	return pipeline.Remedy{}
}
