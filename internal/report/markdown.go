package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// Markdown writes the report as the summary of a job: what is wrong first, with the
// commands that mend it, and then every check.
func Markdown(w io.Writer, r Report) error {
	r = r.clean()
	var b strings.Builder
	state := "✅ all true"
	if !r.OK() {
		state = "❌ not all true"
	}
	fmt.Fprintf(&b, "### %s: %s\n\n", r.name(), state)
	if r.Err != "" {
		b.WriteString(escaped(r.Err) + "\n\n" + fenced(r.Remedy.Run))
	} else {
		facts(&b, r)
		dark := firstInTheDark(r.Checks)
		for _, j := range r.Checks {
			if j.Verdict == pipeline.Fail || j.Verdict == pipeline.Warn || dark[j.Code] {
				trouble(&b, j)
			}
		}
		table(&b, r)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// facts are the sentence of the report, and what it is about.
func facts(b *strings.Builder, r Report) {
	b.WriteString(escaped(sentence(r)) + "\n\n| | |\n|---|---|\n")
	for _, p := range properties(r) {
		fmt.Fprintf(b, "| %s | %s |\n", p.Name, escaped(p.Value))
	}
	b.WriteString("\n")
}

// trouble is a check that isn't well, and what mends it.
func trouble(b *strings.Builder, j pipeline.Judged) {
	fmt.Fprintf(b, "#### %s %s %s\n\n", emoji(j.Verdict), j.Code, escaped(j.Text))
	fmt.Fprintf(b, "%s\n\n", escaped(or(j.Detail, or(j.Because, "This is not true."))))
	b.WriteString(fenced(j.Said))
	if stopped(j.Err) {
		return
	}
	if j.Remedy.Cause != "" {
		fmt.Fprintf(b, "%s\n\n", escaped(j.Remedy.Cause))
	}
	b.WriteString(fenced(j.Remedy.Run))
	if j.Remedy.See != "" {
		fmt.Fprintf(b, "See %s.\n\n", escaped(j.Remedy.See))
	}
}

func table(b *strings.Builder, r Report) {
	if len(r.Checks) == 0 {
		return
	}
	b.WriteString("<details><summary>All checks</summary>\n\n| | code | step | claim | found |\n|---|---|---|---|---|\n")
	for _, j := range r.Checks {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", emoji(j.Verdict), j.Code, j.ID, escaped(j.Text), escaped(or(j.Detail, j.Because)))
	}
	b.WriteString("\n</details>\n\n")
}

func emoji(v pipeline.Verdict) string {
	switch v {
	case pipeline.Pass:
		return "✅"
	case pipeline.Warn:
		return "⚠️"
	case pipeline.Fail:
		return "❌"
	default:
		return "⏭️"
	}
}

// fenced is a block of code, with a fence that is longer than any in the lines themselves.
func fenced(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	fence := "```"
	for slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, fence) }) {
		fence += "`"
	}
	return fence + "sh\n" + strings.Join(lines, "\n") + "\n" + fence + "\n\n"
}

// escaped is text that Markdown and HTML show as it is: what is found in a cluster or a
// policy may be written by anybody.
func escaped(s string) string {
	marks := []string{"&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "", "\n", " "}
	for _, c := range "\\`*_[]|~#!" {
		marks = append(marks, string(c), "\\"+string(c))
	}
	return strings.NewReplacer(marks...).Replace(s)
}
