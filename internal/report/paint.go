package report

import (
	"errors"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// paint says whether what is written goes to a terminal that wants colour.
type paint bool

const (
	bold, faint, green, yellow, red, cyan = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[36m"
	plain                                 = "\x1b[0m"
)

// as gives s in a colour.
func (c paint) as(colour, s string) string {
	if !c || s == "" || colour == "" {
		return s
	}
	return colour + s + plain
}

func (c paint) dim(s string) string { return c.as(faint, s) }

// took adds to a line how long that took, if it took long and there is room: on a terminal
// and never in what is piped, where two equal runs print the same.
func (c paint) took(line string, d time.Duration, columns int) string {
	said := "  " + pipeline.Spell(d)
	if !c || d < time.Second || ansi.StringWidth(line+said) >= columns {
		return line
	}
	return line + c.dim(said)
}

// mark is the sign in front of a result.
func (c paint) mark(command string, res pipeline.Result) string {
	sign, colour := signOf(command, res)
	return c.as(colour, sign)
}

func signOf(command string, res pipeline.Result) (sign, colour string) {
	var skipped *pipeline.NotRunError
	plans := res.Outcome == "" && (command == "plan" || command == "setup" || command == "preflight")
	switch w := shownWord(command, res); {
	case errors.As(res.Err, &skipped), w == "unknown", w == "skip":
		return "–", yellow
	case res.Err != nil, w == string(pipeline.ActionRefuse), w == "fail":
		return "✗", red
	case warned(command, res):
		return "!", yellow
	case w == string(pipeline.ActionRemove):
		return "-", red
	case w == string(pipeline.Kept), w == "keep":
		return "=", ""
	case plans && (w == string(pipeline.ActionCreate) || w == string(pipeline.ActionRestore)):
		return "+", green
	case plans && w != "ok" && w != "unchanged":
		return "~", yellow
	}
	return "✓", green
}

// wrapped breaks a text into lines of at most so many columns, at blanks only where it
// can: a name with a hyphen in it stays in one piece.
func wrapped(s string, columns int) (lines []string) {
	for _, word := range strings.Fields(s) {
		last := len(lines) - 1
		if last >= 0 && ansi.StringWidth(lines[last])+1+ansi.StringWidth(word) <= columns {
			lines[last] += " " + word
			continue
		}
		lines = append(lines, strings.Split(ansi.Hardwrap(word, max(columns, 1), false), "\n")...)
	}
	return lines
}

// shownWord is the word for a result in a line. What is only looked at was not "unchanged"
// by us, and of what a plan leaves alone, it says why.
func shownWord(command string, res pipeline.Result) string {
	w := word(command, res)
	left := w == string(pipeline.ActionNone)
	switch {
	case left && res.Keep != "":
		return "keep"
	case left && command == "teardown" && !res.Seen.Found():
		return "absent"
	case (left || w == string(pipeline.Unchanged)) && res.Thing == "":
		return "ok"
	case left:
		return "unchanged"
	}
	return w
}

// warned reports whether a claim is true, but something about it not well.
func warned(command string, res pipeline.Result) bool {
	return command != "teardown" && res.Err == nil && res.Seen.Status == pipeline.Met && len(res.Seen.Warnings()) > 0
}
