package report

import (
	"fmt"
	"strings"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// checks prints every claim that was judged, under the step whose look judged it; with Short
// and with Quiet those that are not well.
func (t *Text) checks(all []pipeline.Judged) {
	var group pipeline.ID
	for _, j := range all {
		if (t.Short || t.Quiet) && j.Verdict != pipeline.Fail && j.Verdict != pipeline.Warn && !j.Barred && !j.Dark {
			continue // what follows from a failure needs no line of its own
		}
		if j.ID != group {
			if group != "" {
				fmt.Fprintln(t.Out)
			}
			group, t.said = j.ID, ""
			fmt.Fprintln(t.Out, paint(t.Colour).as(bold, string(group)))
		}
		t.check(j)
	}
}

// check prints one line for a claim, and below it what a person needs to know of it.
func (t *Text) check(j pipeline.Judged) {
	const indent = "      "
	t.printed = true
	c := paint(t.Colour)
	said := fmt.Sprintf("  %s %s %s", c.verdict(j.Verdict), c.dim(j.Code), j.Text)
	if j.Verdict == pipeline.Skip {
		t.skipped(said, indent, j)
		return
	}
	fmt.Fprintln(t.Out, said)
	if j.Detail != "" {
		fmt.Fprintf(t.Out, "%s%s\n", indent, j.Detail)
	}
	for _, line := range j.Said {
		fmt.Fprintf(t.Out, "%s| %s\n", indent, line)
	}
	if j.Verdict != pipeline.Pass && !stopped(j.Err) {
		t.remedy(t.Out, indent, j.Remedy)
	}
}

// skipped prints a claim that nobody judged. Why is said beside it where another check's
// failure is the reason; else below, once for many in a row.
func (t *Text) skipped(said, indent string, j pipeline.Judged) {
	if strings.HasPrefix(j.Because, "needs ") {
		fmt.Fprintf(t.Out, "%s %s\n", said, paint(t.Colour).dim("("+j.Because+")"))
		return
	}
	fmt.Fprintln(t.Out, said)
	if j.Because == t.said {
		return
	}
	t.said = j.Because
	fmt.Fprintf(t.Out, "%s%s\n", indent, j.Because)
	t.remedy(t.Out, indent, j.Remedy)
}

func (c paint) verdict(v pipeline.Verdict) string {
	switch v {
	case pipeline.Pass:
		return c.as(green, "✓")
	case pipeline.Warn:
		return c.as(yellow, "!")
	case pipeline.Fail:
		return c.as(red, "✗")
	default:
		return c.as(yellow, "–")
	}
}
