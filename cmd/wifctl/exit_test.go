package main

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/trust"
)

func result(status pipeline.Status, err error) pipeline.Result {
	return pipeline.Result{Seen: pipeline.Observation{Status: status}, Err: err}
}

// The exit status comes from results: the first of barred, bad input, failed, propagating.
func TestExitStatuses(t *testing.T) {
	good := result(pipeline.Met, nil)
	skipped := result(pipeline.Unknown, &pipeline.NotRunError{Why: "needs x"})
	denied := result(pipeline.Unknown, &trust.AccessError{Detail: "denied"})
	late := result(pipeline.Absent, &pipeline.TimeoutError{})
	pending := pipeline.Result{Seen: pipeline.Observation{Status: pipeline.Drifted, Pending: true}}
	noBucket := pipeline.Result{
		Seen: pipeline.Observation{Status: pipeline.Blocked, Remedy: pipeline.Remedy{Code: "WIF501"}}, Err: &pipeline.BlockedError{},
	}
	for _, c := range []struct {
		name    string
		command string
		results []pipeline.Result
		want    int
	}{
		{"all true", "setup", []pipeline.Result{good, good}, exitOK},
		{"a step failed", "setup", []pipeline.Result{good, result(pipeline.Absent, errors.New("x")), skipped}, exitFailed},
		{"only a person can mend it", "setup", []pipeline.Result{result(pipeline.Blocked, &pipeline.BlockedError{})}, exitFailed},
		{"Google found something invalid", "setup", []pipeline.Result{result(pipeline.Absent, &gcp.Error{Reason: gcp.Invalid})}, exitFailed},
		{"not allowed weighs more than failed", "setup", []pipeline.Result{result(pipeline.Absent, errors.New("x")), denied}, exitBarred},
		{"still propagating, and what needs it not run", "setup", []pipeline.Result{late, skipped}, exitPropagating},
		{"failed weighs more than propagating", "setup", []pipeline.Result{late, result(pipeline.Absent, errors.New("x"))}, exitFailed},
		{"nothing but not run", "setup", []pipeline.Result{skipped}, exitFailed},
		{"the whole time was up", "setup", []pipeline.Result{result(pipeline.Unknown, pipeline.ErrOutOfTime)}, exitFailed},
		{"a bucket that is not there is bad input", "setup", []pipeline.Result{noBucket}, exitUsage},
		{"and a failed check in verify", "verify", []pipeline.Result{noBucket}, exitFailed},
		{"something absent", "verify", []pipeline.Result{result(pipeline.Absent, nil), skipped}, exitFailed},
		{"something that could not be looked at", "verify", []pipeline.Result{result(pipeline.Unknown, nil)}, exitFailed},
		{"a refusal that may pass", "verify", []pipeline.Result{good, pending}, exitPropagating},
		{"a plan with changes", "plan", []pipeline.Result{result(pipeline.Absent, nil), result(pipeline.Unknown, nil), skipped}, exitOK},
		{"a plan that is blocked", "plan", []pipeline.Result{result(pipeline.Blocked, nil)}, exitFailed},
		{"torn down", "teardown", []pipeline.Result{result(pipeline.Absent, nil), result(pipeline.Drifted, nil)}, exitOK},
		{"something of ours remained", "teardown", []pipeline.Result{result(pipeline.Met, errors.New("x"))}, exitFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := statusOfReport(c.command, pipeline.Report{Results: c.results}); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
	if got := statusOfReport("setup", pipeline.Report{Interrupted: true, Results: []pipeline.Result{denied}}); got != exitInterrupted {
		t.Errorf("interrupted: got %d, want %d", got, exitInterrupted)
	}
}

func TestErrorsBeforeThePipeline(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{&usageError{"wifctl setup --help", errors.New("unknown flag")}, exitUsage},
		{errors.Join(&trust.InputError{Flag: "--pool"}, errors.New("y")), exitUsage},
		{&kube.ConfigError{Reason: kube.UnknownContext}, exitUsage},
		{&kube.ConfigError{Reason: kube.NoKubeconfig}, exitBarred},
		{fmt.Errorf("x: %w", &gcp.Error{Reason: gcp.NoCredentials}), exitBarred},
		{&gcp.Error{Reason: gcp.Invalid}, exitUsage},
		{context.Canceled, exitInterrupted},
		{pipeline.ErrInterrupted, exitInterrupted},
		{errors.New("anything else"), exitFailed},
	} {
		if got := statusOf(c.err); got != c.want {
			t.Errorf("%v: got %d, want %d", c.err, got, c.want)
		}
	}
}

func TestTheFormatIsSeenOnACommandLineThatDoesNotParse(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"setup", "-o", "json"}, "json"},
		{[]string{"setup", "--nonsense", "-ojson"}, "json"},
		{[]string{"setup", "--output=json", "x"}, "json"},
		{[]string{"verify", "-o=github"}, "github"},
		{[]string{"setup", "-o"}, ""},
		{[]string{"setup", "-o", "text", "json"}, "text"},
		{nil, ""},
	} {
		if got := formatOf(c.args); got != c.want {
			t.Errorf("%q: got %q", c.args, got)
		}
	}
}
