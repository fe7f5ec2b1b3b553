package report

import (
	"strings"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// Report is one command's outcome, to be rendered.
type Report struct {
	Command    string
	DryRun     bool   // it only showed what it would do
	Version    string // of wifctl
	ExitStatus int
	Trust      Trust
	Identity   *Identity // preflight: who we are
	Pipeline   pipeline.Report
	Checks     []pipeline.Judged // verify: every claim, in place of the steps
	Strict     bool              // verify: warnings fail
	Requests   Requests
	Err        string          // why there is no pipeline report; empty otherwise
	Remedy     pipeline.Remedy // of Err
	Next       string          // the command that people usually type next
	Recover    []string        // teardown: the commands for what is left
	Undo       string          // setup that failed: the command that takes away what it made
}

// OK reports whether the command did what it is for.
func (r Report) OK() bool { return r.ExitStatus == 0 }

// name is the command with the program's name before it; wifctl alone has none.
func (r Report) name() string { return strings.TrimSpace("wifctl " + r.Command) }

// use is the command whose words and renderer fit: a setup that changes nothing is a plan.
func (r Report) use() string {
	if r.Command == "setup" && r.DryRun {
		return "plan"
	}
	return r.Command
}

// title is what the report is called: the command as it was typed.
func (r Report) title() string {
	if r.DryRun {
		return r.Command + " --dry-run"
	}
	return r.Command
}

// made are the things that this run has changed, in order.
func (r Report) made() (things []string) {
	for _, res := range r.Pipeline.Results {
		if res.Outcome.Changed() {
			things = append(things, or(res.Thing, string(res.ID)))
		}
	}
	return things
}

// Trust is the names that make up the trust. What was not learned is empty.
type Trust struct {
	Context        string `json:"context,omitempty"`
	Server         string `json:"server,omitempty"`
	Cluster        string `json:"cluster,omitempty"`
	Issuer         string `json:"issuer,omitempty"`
	ProjectID      string `json:"projectId,omitempty"`
	ProjectNumber  string `json:"projectNumber,omitempty"`
	Pool           string `json:"pool,omitempty"`
	Provider       string `json:"provider,omitempty"`
	Audience       string `json:"audience,omitempty"`
	Principal      string `json:"principal,omitempty"`
	Namespace      string `json:"namespace,omitempty"`
	ServiceAccount string `json:"serviceAccount,omitempty"`
	GSA            string `json:"googleServiceAccount,omitempty"`
	Bucket         string `json:"bucket,omitempty"`
}

// Requests counts what was asked of each side.
type Requests struct {
	Google     int `json:"google"`
	Kubernetes int `json:"kubernetes"`
	CoreWeave  int `json:"coreweave"`
}
