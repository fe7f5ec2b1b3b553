package report

import "github.com/wifctl/wifctl/internal/pipeline"

// Report is one command's outcome, to be rendered.
type Report struct {
	Command    string
	Version    string // of wifctl
	ExitStatus int
	Trust      Trust
	Pipeline   pipeline.Report
	Checks     []pipeline.Judged // verify: every claim, in place of the steps
	Strict     bool              // verify: warnings fail
	Requests   Requests
	Err        string          // why there is no pipeline report; empty otherwise
	Remedy     pipeline.Remedy // of Err
	Next       string          // the command that people usually type next
	Recover    []string        // teardown: the commands for what is left
}

// OK reports whether the command did what it is for.
func (r Report) OK() bool { return r.ExitStatus == 0 }

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
