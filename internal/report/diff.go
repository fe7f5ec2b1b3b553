package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// diffs prints what would be written, and in the place of what, as a diff: a line a field,
// and where a field has two values or many lines, those below it. A value is never cut: it
// is what will be in a policy, and can be looked for there.
func (t *Text) diffs(indent string, diffs []pipeline.Diff) {
	for _, d := range diffs {
		for _, l := range diffLines(d) {
			sign := l[:1]
			fmt.Fprintf(t.Out, "%s%s%s\n", indent, paint(t.Colour).as(diffColours[sign], sign), l[1:])
		}
	}
}

var diffColours = map[string]string{"+": green, "-": red, "~": yellow, " ": ""}

// shortValue is how long both values of a field may be together to stand on its line.
const shortValue = 40

// diffLines are the lines of one difference; the first character of each is its sign.
func diffLines(d pipeline.Diff) []string {
	have, want := strings.TrimSpace(d.Have), strings.TrimSpace(d.Want)
	many := strings.Contains(have+want, "\n")
	switch {
	case have == "" && !many:
		return []string{"+ " + d.Path + " = " + want}
	case want == "" && !many:
		return []string{"- " + d.Path + " = " + have}
	case !many && len(have+want) <= shortValue:
		return []string{"~ " + d.Path + " = " + have + " → " + want}
	}
	sign := "~ "
	if have == "" {
		sign = "+ "
	}
	lines := []string{sign + d.Path}
	for _, l := range lineDiff(linesOf(have), linesOf(want)) {
		lines = append(lines, l[:1]+"   "+l[1:])
	}
	return lines
}

func linesOf(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// lineDiff are the lines that go, and then those that come, between what stays at both ends.
// Of that only the nearest line is told.
func lineDiff(have, want []string) (lines []string) {
	var before, after []string
	for len(have) > 0 && len(want) > 0 && have[0] == want[0] {
		before, have, want = []string{" " + have[0]}, have[1:], want[1:]
	}
	for len(have) > 0 && len(want) > 0 && have[len(have)-1] == want[len(want)-1] {
		after, have, want = []string{" " + have[len(have)-1]}, have[:len(have)-1], want[:len(want)-1]
	}
	return slices.Concat(before, signed("-", have), signed("+", want), after)
}

func signed(sign string, lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = sign + l
	}
	return out
}
