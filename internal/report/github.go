package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// GitHub writes the report as workflow commands, which GitHub Actions shows as annotations
// of the run, and the summary as a line of its log.
//
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
func GitHub(w io.Writer, r Report) error {
	r = r.clean()
	var b strings.Builder
	if r.Err != "" {
		annotate(&b, "error", r.name(), append([]string{r.Err}, remedyLines(r.Remedy)...))
	}
	levels := map[pipeline.Verdict]string{pipeline.Fail: "error", pipeline.Warn: "warning"}
	dark := firstInTheDark(r.Checks)
	for _, j := range r.Checks {
		if dark[j.Code] {
			annotate(&b, "error", j.Code+" "+j.Text, darkLines(j))
		}
		if level, bad := levels[j.Verdict]; bad {
			annotate(&b, level, j.Code+" "+j.Text, append(failureLines(j), j.Said...))
		}
	}
	if r.Err == "" {
		b.WriteString(sentence(r) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// annotate writes one workflow command. What it says can't end it: GitHub reads a command
// up to the end of the line, and its properties up to a colon or comma.
func annotate(b *strings.Builder, level, title string, lines []string) {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	fmt.Fprintf(b, "::%s title=%s::%s\n", level, property.Replace(title), data.Replace(strings.Join(lines, "\n")))
}

// failureLines are what a person reads of a check that isn't well: what is wrong, why, what
// to type, and where to read on.
func failureLines(j pipeline.Judged) []string {
	lines := []string{or(j.Detail, "not true: "+j.Text)}
	if stopped(j.Err) {
		return lines
	}
	return append(lines, remedyLines(j.Remedy)...)
}

func remedyLines(r pipeline.Remedy) (lines []string) {
	if r.Cause != "" {
		lines = append(lines, r.Cause)
	}
	lines = append(lines, r.Run...)
	if r.See != "" {
		lines = append(lines, "see "+r.See)
	}
	return lines
}
