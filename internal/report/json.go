package report

import (
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
	OK         bool           `json:"ok"`
	ExitStatus int            `json:"exitStatus"`
	Error      string         `json:"error,omitempty"`
	Remedy     *remedy        `json:"remedy,omitempty"`
	Trust      Trust          `json:"trust"`
	Steps      *[]step        `json:"steps,omitempty"`
	Checks     *[]check       `json:"checks,omitempty"`
	Summary    map[string]int `json:"summary"`
	Requests   Requests       `json:"requests"`
	Recover    []string       `json:"recover,omitempty"`
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
	Detail     string  `json:"detail,omitempty"`
	Because    string  `json:"because,omitempty"`
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
		Schema: schema, Command: r.Command, OK: r.OK(), ExitStatus: r.ExitStatus,
		Error: r.Err, Remedy: remedyOf(r.Remedy), Trust: r.Trust, Requests: r.Requests,
		Summary: summary(r), Recover: r.Recover,
	}
	if r.Command == "verify" {
		checks := make([]check, len(r.Pipeline.Results))
		for i, res := range r.Pipeline.Results {
			checks[i] = checkOf(res)
		}
		d.Checks = &checks
	} else {
		steps := make([]step, len(r.Pipeline.Results))
		for i, res := range r.Pipeline.Results {
			steps[i] = stepOf(r.Command, res)
		}
		d.Steps = &steps
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(d)
}

func stepOf(command string, res pipeline.Result) step {
	s := step{
		ID: string(res.ID), Claim: res.Claim, Status: res.Seen.Status.String(), Outcome: string(res.Outcome),
		Detail: res.Seen.Detail, Kept: res.Keep, DurationMS: res.Duration.Milliseconds(),
	}
	if command == "plan" || command == "teardown" && res.Outcome == "" {
		s.Action = string(res.Planned)
	}
	if res.Seen.Warn != "" && res.Seen.Status == pipeline.Met {
		s.Warning, s.Remedy = res.Seen.Warn, remedyOf(res.Seen.Remedy)
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

func checkOf(res pipeline.Result) check {
	c := check{
		Code: codeOf(res), ID: string(res.ID), Claim: res.Claim, Result: resultOf(res),
		Detail: res.Seen.Detail, DurationMS: res.Duration.Milliseconds(), Said: res.Seen.Said,
	}
	switch c.Result {
	case "skip":
		c.Because = because(res)
	case "warn":
		c.Detail, c.Remedy = res.Seen.Warn, remedyOf(res.Seen.Remedy)
	case "fail":
		if res.Err != nil {
			c.Detail = res.Err.Error()
		}
		if !stopped(res.Err) {
			c.Remedy = remedyOf(res.Seen.Remedy)
		}
	}
	return c
}

// stopped reports whether a step only ended because the run did: that is no fault of what
// was looked at, and nothing mends it.
func stopped(err error) bool {
	return errors.Is(err, pipeline.ErrOutOfTime) || errors.Is(err, pipeline.ErrInterrupted)
}

// codeOf is the code of what failed or is warned of, or of the claim.
func codeOf(res pipeline.Result) string {
	if r := resultOf(res); res.Seen.Remedy.Code != "" && (r == "fail" || r == "warn") {
		return res.Seen.Remedy.Code
	}
	return res.Code
}

// resultOf is what a check came to: pass, warn, fail or skip.
func resultOf(res pipeline.Result) string {
	var skipped *pipeline.NotRunError
	switch {
	case errors.As(res.Err, &skipped), res.Err == nil && res.Seen.Status == pipeline.Unknown:
		return "skip"
	case res.Err != nil, res.Seen.Status != pipeline.Met:
		return "fail"
	case res.Seen.Warn != "":
		return "warn"
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
	for _, res := range r.Pipeline.Results {
		n[word(r.Command, res)]++
	}
	return n
}

// word is the one word for a result.
func word(command string, res pipeline.Result) string {
	switch command {
	case "verify":
		return resultOf(res)
	case "plan":
		return planWord(res)
	}
	if res.Outcome == "" {
		return planWord(res)
	}
	return string(res.Outcome)
}

func planWord(res pipeline.Result) string {
	switch {
	case res.Err != nil && resultOf(res) != "skip":
		return string(pipeline.ActionRefuse)
	case resultOf(res) == "skip":
		return "unknown"
	case res.Planned == "":
		return string(pipeline.ActionNone)
	}
	return string(res.Planned)
}
