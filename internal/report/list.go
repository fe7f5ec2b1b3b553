package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// Listed is one row of the catalogue of checks.
type Listed struct {
	pipeline.Claim
	ID pipeline.ID
}

// severity is what it means if a claim does not hold.
func (l Listed) severity() string {
	if l.Lint {
		return "warning"
	}
	return "error"
}

func (l Listed) see() string { return "docs/errors.md#" + strings.ToLower(l.Code) }

// List prints the catalogue, a line a check.
func List(w io.Writer, rows []Listed) error {
	for _, l := range rows {
		line := fmt.Sprintf("%s  %-7s  %-19s  %s", l.Code, l.severity(), l.ID, l.Text)
		if len(l.Needs) > 0 {
			line += " (needs " + strings.Join(l.Needs, ", ") + ")"
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

type listed struct {
	Code     string   `json:"code"`
	ID       string   `json:"id"`
	Claim    string   `json:"claim"`
	Severity string   `json:"severity"`
	Needs    []string `json:"needs,omitempty"`
	See      string   `json:"see"`
}

// ListJSON writes the catalogue as one object.
func ListJSON(w io.Writer, rows []Listed) error {
	d := struct {
		Schema  string   `json:"schema"`
		Command string   `json:"command"`
		Checks  []listed `json:"catalogue"`
	}{Schema: schema, Command: "verify", Checks: make([]listed, len(rows))}
	for i, l := range rows {
		d.Checks[i] = listed{Code: l.Code, ID: string(l.ID), Claim: l.Text, Severity: l.severity(), Needs: l.Needs, See: l.see()}
	}
	return encode(w, d)
}
