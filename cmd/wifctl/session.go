package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/report"
	"github.com/wifctl/wifctl/internal/trust"
)

// session is one command's run: the trust, and what was asked of whom.
type session struct {
	s       streams
	o       *options
	command string
	dryRun  bool
	trust   *trust.Trust
	cfg     trust.Config
	target  kube.Target
	who     *report.Identity // where the command tells it
	text    *report.Text
	watch   *report.Progress // nil: nobody watches

	mu       sync.Mutex
	requests report.Requests
}

// open turns flags into clients and a pipeline. Nothing is asked of anybody before the
// whole input is known to be good.
func open(ctx context.Context, cmd *cobra.Command, s streams, o *options, purpose trust.Purpose) (*session, error) {
	ss := &session{s: s, o: o, command: commandOf(cmd)}
	if err := o.readIssuer(ctx, s.in); err != nil {
		return nil, err
	}
	cfg, err := o.config(cmd)
	if err != nil {
		return nil, err
	}
	given := cfg.ValidateGiven()
	if given != nil && cfg.Project != "" {
		return nil, given
	}
	var c trust.Clients
	if err := ss.clients(ctx, &c, purpose); err != nil {
		return nil, errors.Join(given, err)
	}
	if cfg.Project == "" {
		cfg.Project = c.Google.DefaultProject()
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	ss.cfg, ss.trust = cfg, trust.New(cfg, purpose, c)
	ss.speak()
	return ss, nil
}

// speak sets up how the run is told.
func (ss *session) speak() {
	ss.text = &report.Text{
		Command: ss.command, Out: ss.s.out, Talk: ss.s.err, Colour: ss.s.colour(), Watched: ss.s.live(), Quiet: ss.o.quiet,
	}
	if ss.s.colour() {
		ss.text.Columns, _ = ss.s.outSize()
	}
	ss.watch = ss.progress()
}

// coreweave is a client of the CKS API where there is a token for it, and nil otherwise.
func (ss *session) coreweave() (*cks.Client, error) {
	token := ss.s.env("COREWEAVE_API_TOKEN")
	if token == "" {
		if ss.o.cfg.Cluster != "" {
			return nil, &trust.InputError{Flag: "--cluster", Value: ss.o.cfg.Cluster,
				Rule: "is looked up in the CoreWeave API, which needs COREWEAVE_API_TOKEN; without it leave --cluster out, and the cluster itself is asked"}
		}
		return nil, nil
	}
	c, err := cks.New(cks.Options{
		Endpoint: ss.s.env("COREWEAVE_API_ENDPOINT"), Token: token, UserAgent: userAgent(), Observe: ss.coreweaveCall,
	})
	if err != nil {
		return nil, &trust.InputError{Flag: "COREWEAVE_API_ENDPOINT", Value: ss.s.env("COREWEAVE_API_ENDPOINT"), Rule: err.Error()}
	}
	return c, nil
}

func userAgent() string {
	return "wifctl/" + version() + " (" + runtime.GOOS + "/" + runtime.GOARCH + ")"
}

func (ss *session) googleCall(c gcp.Call) {
	ss.call(&ss.requests.Google, "google", or(c.Method, c.Verb+" "+c.Path), c.Status, c.Duration)
}

func (ss *session) kubeCall(c kube.Call) {
	if ss.s.asked != nil {
		ss.s.asked(c)
	}
	ss.call(&ss.requests.Kubernetes, "kubernetes", c.Verb+" "+c.Path, c.Status, c.Duration)
}

func (ss *session) coreweaveCall(c cks.Call) {
	ss.call(&ss.requests.CoreWeave, "coreweave", c.Verb+" "+c.Host+c.Path, c.Status, c.Duration)
}

// call counts a request and, with --verbose, tells it. There is nothing secret in it.
func (ss *session) call(n *int, side, what string, status int, d time.Duration) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	*n++
	if ss.o.verbose {
		ss.watch.Above(func() {
			fmt.Fprintf(ss.s.err, "  %-10s %3d %5dms %s\n", side, status, d.Milliseconds(), report.Visible(what))
		})
	}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// bound is ctx with --timeout. Whoever watches is told when it is over, and the view ends
// with it.
func (ss *session) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if ss.o.timeout > 0 {
		ctx, cancel = context.WithTimeout(ctx, ss.o.timeout)
	}
	stop := context.AfterFunc(ctx, func() {
		ss.watch.Note("Stopping: what is under way may finish, for 5s at most. Ctrl-C again ends it at once.")
	})
	return ctx, func() {
		stop()
		ss.watch.Stop()
		cancel()
	}
}

// spoken reports whether the run is told line by line, to people.
func (ss *session) spoken() bool { return ss.o.output == "text" }

// progress is the live view, where somebody watches.
func (ss *session) progress() *report.Progress {
	if !ss.s.live() || ss.o.quiet {
		return nil
	}
	return &report.Progress{
		Command: ss.command, Out: ss.s.err, Size: ss.s.errSize,
		Beside: ss.s.outTerm && ss.spoken(), Stays: !ss.s.outTerm,
	}
}

// run is the pipeline with its events going to whoever watches, and to the text, where
// text is wanted.
func (ss *session) run() pipeline.Run {
	steps := ss.trust.Steps()
	ss.watch.Start(steps)
	return pipeline.Run{Steps: steps, Emit: func(e pipeline.Event) {
		ss.mu.Lock() // requests are told on the same stream
		defer ss.mu.Unlock()
		ss.watch.Event(e)
		if ss.spoken() {
			ss.watch.Above(func() { ss.text.Event(e) })
		}
	}}
}

func (ss *session) names() report.Trust {
	f := ss.trust.Facts()
	return report.Trust{
		Context: ss.target.Context, Server: ss.target.Server, Cluster: f.Cluster, Issuer: f.Issuer,
		ProjectID: f.ProjectID, ProjectNumber: f.ProjectNumber, Pool: f.Pool, Provider: f.Provider,
		Audience: f.Audience, Principal: f.Principal, Namespace: f.Namespace, ServiceAccount: f.ServiceAccount,
		GSA: f.GSA, Bucket: f.Bucket,
	}
}

// header shows which cluster and project this is about.
func (ss *session) header() {
	tr := ss.names()
	if tr.ProjectID == "" && ss.cfg.Project != "" {
		tr.ProjectID = ss.cfg.Project + "  (not seen)"
	}
	if ss.spoken() {
		ss.watch.Above(func() { ss.text.Header(tr) })
	}
}

// finish prints the report and gives the error that carries its exit status.
func (ss *session) finish(rep pipeline.Report, status int, next string, left ...string) error {
	return ss.print(report.Report{ExitStatus: status, Pipeline: rep, Next: next, Recover: left})
}

func (ss *session) print(r report.Report) error {
	r.Command, r.DryRun, r.Version, r.Trust, r.Identity, r.Requests = ss.command, ss.dryRun, version(), ss.names(), ss.who, ss.requests
	ss.watch.Stop()
	var err error
	if ss.spoken() {
		ss.text.Finish(r)
	} else {
		err = writeReport(ss.s, ss.o.output, r)
	}
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return done(r.ExitStatus)
}
