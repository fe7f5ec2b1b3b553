package report

import (
	"fmt"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// checks prints every claim that was judged, under the step whose look judged it.
func (t *Text) checks(all []pipeline.Judged) {
	var group pipeline.ID
	for _, j := range all {
		if t.Quiet && (j.Verdict == pipeline.Pass || j.Verdict == pipeline.Skip) {
			continue
		}
		if j.ID != group {
			if group != "" {
				fmt.Fprintln(t.Out)
			}
			group = j.ID
			fmt.Fprintln(t.Out, group)
		}
		t.check(j)
	}
}

// check prints one line for a claim, and below it what a person needs to know of it.
func (t *Text) check(j pipeline.Judged) {
	const indent = "      "
	fmt.Fprintf(t.Out, "  %s %s %s\n", t.verdict(j.Verdict), j.Code, j.Text)
	if said := or(j.Detail, j.Because); said != "" {
		fmt.Fprintf(t.Out, "%s%s\n", indent, said)
	}
	for _, line := range j.Said {
		fmt.Fprintf(t.Out, "%s| %s\n", indent, line)
	}
	if j.Verdict != pipeline.Pass && !stopped(j.Err) {
		t.remedy(t.Out, indent, j.Remedy)
	}
}

func (t *Text) verdict(v pipeline.Verdict) string {
	sign, colour := "–", yellow
	switch v {
	case pipeline.Pass:
		sign, colour = "✓", green
	case pipeline.Warn:
		sign = "!"
	case pipeline.Fail:
		sign, colour = "✗", red
	}
	if !t.Colour {
		return sign
	}
	return colour + sign + plain
}
