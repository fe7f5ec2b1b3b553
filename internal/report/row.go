package report

import (
	"fmt"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// row is a step in the live view.
type row struct {
	id    pipeline.ID
	claim string
	thing string

	told   bool            // in the answer, on this very screen
	doing  string          // what is being done; empty: nothing
	since  time.Time       // its turn came
	wait   pipeline.Wait   // the last one; its For is empty where there is none
	heard  time.Time       // of wait
	result pipeline.Result // of its last turn; without an ID: it had none
}

// doings are the words for changes under way.
var doings = map[pipeline.Action]string{
	pipeline.ActionCreate: "creating", pipeline.ActionRestore: "restoring", pipeline.ActionUpdate: "updating", pipeline.ActionAdopt: "adopting",
}

func (r *row) hear(command string, e pipeline.Event, now time.Time) {
	switch e.Kind {
	case pipeline.Begun:
		r.doing, r.since, r.wait = "checking", now, pipeline.Wait{}
	case pipeline.Started:
		r.doing, r.wait = or(doings[e.Result.Seen.Next()], "changing"), pipeline.Wait{}
		if command == "teardown" {
			r.doing = "removing"
		}
	case pipeline.Waiting:
		r.doing, r.wait, r.heard = "waiting", e.Wait, now
	case pipeline.Ended, pipeline.Looked, pipeline.Finished:
		r.doing, r.result = "", e.Result
	}
}

// idle reports whether it isn't the row's turn yet: a setup that could not look at a step
// beforehand comes back to it.
func (r *row) idle(command string) bool {
	beforehand := command == "setup" && r.result.Outcome == "" && resultOf(r.result) == "skip"
	return r.doing == "" && (r.result.ID == "" || beforehand)
}

// quiet reports whether nothing is being done about the row.
func (r *row) quiet(string) bool { return r.doing == "" }

// reasonLines is how many lines the reason of a wait may take.
const reasonLines = 3

// lines are those of the row, for a terminal of so many columns.
func (r *row) lines(command string, c paint, now time.Time, columns int) []string {
	switch {
	case r.idle(command):
		return []string{c.dim(line("·", r.id, "", r.claim))}
	case r.doing == "":
		return []string{c.took(line(c.mark(command, r.result), r.id, liveWord(command, r.result), r.claim), r.result.Duration, columns)}
	}
	spin := c.as(yellow, spinner(now.Sub(r.since)))
	if r.wait.For == "" {
		return []string{c.took(line(spin, r.id, r.doing, r.claim), now.Sub(r.since), columns)}
	}
	time := pipeline.Spell(r.wait.Elapsed + now.Sub(r.heard))
	if r.wait.Bound > 0 {
		time += " of at most " + pipeline.Spell(r.wait.Bound)
	}
	whole := line(spin, r.id, r.doing, time+": "+r.wait.For)
	if ansi.StringWidth(whole) < columns {
		return []string{whole}
	}
	lines := []string{line(spin, r.id, r.doing, time)}
	for i, reason := range wrapped(r.wait.For, columns-len(indent)-1) {
		if i == reasonLines {
			break
		}
		lines = append(lines, indent+reason)
	}
	return lines
}

// line is one line for a step, in the columns that all outputs share.
func line(mark string, id pipeline.ID, word, rest string) string {
	return fmt.Sprintf("%s %-19s %-9s %s", mark, id, word, rest)
}

// liveWord is the word for a result; a teardown that has only looked has found or not.
func liveWord(command string, res pipeline.Result) string {
	if command == "teardown" && res.Outcome == "" {
		if res.Seen.Found() {
			return "found"
		}
		return res.Seen.Status.String()
	}
	return shownWord(command, res)
}

// spinner turns once a second.
func spinner(since time.Duration) string {
	frames := []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
	return string(frames[int(since/frame)%len(frames)])
}
