package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// schema names the shape of the JSON. Additions are allowed; removals and renames are not.
const schema = "wifctl/v1"

type document struct {
	Schema     string         `json:"schema"`
	Command    string         `json:"command"`
	DryRun     bool           `json:"dryRun,omitempty"`
	OK         bool           `json:"ok"`
	ExitStatus int            `json:"exitStatus"`
	Error      string         `json:"error,omitempty"`
	Remedy     *remedy        `json:"remedy,omitempty"`
	Trust      Trust          `json:"trust"`
	Identity   *Identity      `json:"identity,omitempty"`
	Steps      *[]step        `json:"steps,omitempty"`
	Checks     *[]check       `json:"checks,omitempty"`
	Summary    map[string]int `json:"summary"`
	Requests   Requests       `json:"requests"`
	Recover    []string       `json:"recover,omitempty"`
	Undo       string         `json:"undo,omitempty"`
}

type step struct {
	ID         string  `json:"id"`
	Claim      string  `json:"claim"`
	Status     string  `json:"status"`
	Action     string  `json:"action,omitempty"`
	Outcome    string  `json:"outcome,omitempty"`
	Detail     string  `json:"detail,omitempty"`
	Warning    string  `json:"warning,omitempty"`
	Kept       string  `json:"kept,omitempty"`
	Diffs      []diff  `json:"diffs,omitempty"`
	DurationMS int64   `json:"durationMs"`
	Error      string  `json:"error,omitempty"`
	Remedy     *remedy `json:"remedy,omitempty"`
}

type check struct {
	Code       string  `json:"code"`
	ID         string  `json:"id"`
	Claim      string  `json:"claim"`
	Result     string  `json:"result"`
	Lint       bool    `json:"lint,omitempty"` // where it does not hold, that is a warning
	Detail     string  `json:"detail,omitempty"`
	Because    string  `json:"because,omitempty"`
	Unanswered bool    `json:"unanswered,omitempty"` // skipped since nobody answered: the next run may tell
	Diffs      []diff  `json:"diffs,omitempty"`
	DurationMS int64   `json:"durationMs"`
	Remedy     *remedy `json:"remedy,omitempty"`

	Said []string `json:"said,omitempty"` // lines of a log
}

type diff struct {
	Path string `json:"path"`
	Have string `json:"have,omitempty"`
	Want string `json:"want,omitempty"`
}

type remedy struct {
	Code  string   `json:"code"`
	Cause string   `json:"cause,omitempty"`
	Run   []string `json:"run,omitempty"`
	See   string   `json:"see,omitempty"`
}

// JSON writes the report as one object.
func JSON(w io.Writer, r Report) error {
	d := document{
		Schema: schema, Command: r.Command, DryRun: r.DryRun, OK: r.OK(), ExitStatus: r.ExitStatus,
		Error: r.Err, Remedy: remedyOf(r.Remedy), Trust: r.Trust, Identity: r.Identity, Requests: r.Requests,
		Summary: summary(r), Recover: r.Recover, Undo: r.Undo,
	}
	if r.Command == "verify" {
		checks := make([]check, len(r.Checks))
		for i, j := range r.Checks {
			checks[i] = checkOf(j)
		}
		d.Checks = &checks
	} else {
		steps := make([]step, len(r.Pipeline.Results))
		for i, res := range r.Pipeline.Results {
			steps[i] = stepOf(r.use(), res)
		}
		d.Steps = &steps
	}
	return encode(w, d)
}

// encode writes a document so that it can be read, and looked at on a terminal.
func encode(w io.Writer, document any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(document); err != nil {
		return err
	}
	_, err := w.Write(visibleJSON(b.Bytes()))
	return err
}

func stepOf(command string, res pipeline.Result) step {
	s := step{
		ID: string(res.ID), Claim: res.Claim, Status: res.Seen.Status.String(), Outcome: string(res.Outcome),
		Detail: res.Seen.Detail, Kept: res.Keep, DurationMS: res.Duration.Milliseconds(),
	}
	if command == "plan" || command == "preflight" || command == "teardown" && res.Outcome == "" {
		s.Action = string(res.Planned)
	}
	if w := res.Seen.Warnings(); len(w) > 0 && res.Seen.Status == pipeline.Met {
		s.Warning, s.Remedy = w[0].Detail, remedyOf(w[0].Remedy)
	}
	for _, d := range res.Seen.Diffs {
		s.Diffs = append(s.Diffs, diff(d))
	}
	if res.Err != nil {
		s.Error = res.Err.Error()
	}
	if stopped(res.Err) {
		return s
	}
	if res.Err != nil || res.Seen.Status != pipeline.Met && command != "teardown" {
		s.Remedy = remedyOf(res.Seen.Remedy)
	}
	return s
}

func checkOf(j pipeline.Judged) check {
	c := check{
		Code: j.Code, ID: string(j.ID), Claim: j.Text, Result: j.Verdict.String(), Lint: j.Lint,
		Detail: j.Detail, Because: j.Because, Unanswered: j.Dark, DurationMS: j.Duration.Milliseconds(), Said: j.Said,
	}
	if j.Verdict != pipeline.Pass && !stopped(j.Err) {
		c.Remedy = remedyOf(j.Remedy)
	}
	for _, d := range j.Diffs {
		c.Diffs = append(c.Diffs, diff(d))
	}
	return c
}

// stopped reports whether a step only ended because the run did: that is no fault of what
// was looked at, and nothing mends it.
func stopped(err error) bool {
	return errors.Is(err, pipeline.ErrOutOfTime) || errors.Is(err, pipeline.ErrInterrupted)
}

// resultOf is what a look at a step came to: pass, fail or skip.
func resultOf(res pipeline.Result) string {
	var skipped *pipeline.NotRunError
	switch {
	case errors.As(res.Err, &skipped), res.Err == nil && res.Seen.Status == pipeline.Unknown:
		return "skip"
	case res.Err != nil, res.Seen.Status != pipeline.Met:
		return "fail"
	default:
		return "pass"
	}
}

func because(res pipeline.Result) string {
	var skipped *pipeline.NotRunError
	if errors.As(res.Err, &skipped) {
		return skipped.Why
	}
	return res.Seen.Detail
}

func remedyOf(r pipeline.Remedy) *remedy {
	if r.Code == "" && r.Cause == "" && len(r.Run) == 0 {
		return nil
	}
	return &remedy{Code: r.Code, Cause: r.Cause, Run: r.Run, See: r.See}
}

// summary counts the results in the words of the command.
func summary(r Report) map[string]int {
	n := make(map[string]int)
	for _, j := range r.Checks {
		n[j.Verdict.String()]++
	}
	if r.Command == "verify" {
		return n
	}
	for _, res := range r.Pipeline.Results {
		n[word(r.use(), res)]++
	}
	return n
}

// word is the one word for a result.
func word(command string, res pipeline.Result) string {
	switch {
	case command == "preflight":
		return preflightWord(res)
	case command == "plan", res.Outcome == "":
		return planWord(res)
	}
	return string(res.Outcome)
}

// preflightWord is that of a plan, but that what only a person can mend has failed.
func preflightWord(res pipeline.Result) string {
	if w := planWord(res); w != string(pipeline.ActionRefuse) {
		return w
	}
	return "fail"
}

func planWord(res pipeline.Result) string {
	switch {
	case res.Err != nil && resultOf(res) != "skip":
		return string(pipeline.ActionRefuse)
	case resultOf(res) == "skip":
		return "unknown"
	case res.Seen.Pending && res.Planned == pipeline.ActionNone:
		return "unknown" // time will tell
	case res.Planned == "":
		return string(pipeline.ActionNone)
	}
	return string(res.Planned)
}
