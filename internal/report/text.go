package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// Text tells people what happens, line by line as it does. Its zero value prints nowhere;
// Out and Talk are needed.
type Text struct {
	Command string
	Out     io.Writer // the answer
	Talk    io.Writer // the conversation
	Colour  bool      // Out is a terminal that wants colour
	Columns int       // of that terminal
	Watched bool      // a live view tells what is being waited for
	Quiet   bool      // say nothing when all is well
	Short   bool      // verify: only what isn't well, and one line

	told    map[pipeline.ID]bool
	waiting map[pipeline.ID]time.Duration
	said    string // why the last step was not run
	printed bool   // lines of steps or checks
}

// Header shows what is about to be changed, before it is.
func (t *Text) Header(tr Trust) {
	if t.Quiet {
		return
	}
	tr = tr.clean()
	t.fact("context", tr.Context, tr.Server)
	t.fact("issuer", tr.Issuer)
	t.fact("project", tr.ProjectID, tr.ProjectNumber)
	fmt.Fprintln(t.Talk)
}

func (t *Text) fact(name string, values ...string) {
	said := strings.TrimSpace(strings.Join(values, "  "))
	if said == "" {
		said = "not known"
	}
	fmt.Fprintf(t.Talk, "%-8s %s\n", name, said)
}

// Event prints what is worth a line while the run goes on: what is done, and what is
// being waited for.
func (t *Text) Event(e pipeline.Event) {
	if t.Quiet {
		return // only the end tells whether all is well
	}
	switch e.Kind {
	case pipeline.Finished:
		t.result(cleanResult(e.Result))
	case pipeline.Waiting:
		t.wait(e)
	}
}

// On a log a wait is told when it has lasted a while, and again a good while later.
const (
	waitMentioned = time.Second
	waitTold      = 30 * time.Second
)

func (t *Text) wait(e pipeline.Event) {
	if t.Watched {
		return
	}
	line := fmt.Sprintf("… %s (%s of at most %s): %s", e.ID, pipeline.Spell(e.Wait.Elapsed), pipeline.Spell(e.Wait.Bound), Visible(e.Wait.For))
	last, before := t.waiting[e.ID]
	if e.Wait.Elapsed < waitMentioned || before && e.Wait.Elapsed >= last && e.Wait.Elapsed-last < waitTold {
		return
	}
	if t.waiting == nil {
		t.waiting = make(map[pipeline.ID]time.Duration)
	}
	t.waiting[e.ID] = e.Wait.Elapsed
	fmt.Fprintln(t.Talk, line)
}

// Finish prints what was not told yet, the summary, and what to do next.
func (t *Text) Finish(r Report) {
	r = r.clean()
	if r.Err != "" {
		for line := range strings.Lines(r.Err) { // one a mistake
			fmt.Fprintf(t.Talk, "%s: %s\n", r.name(), strings.TrimSpace(line))
		}
		t.remedy(t.Talk, "  ", r.Remedy)
		return
	}
	if t.Quiet && r.OK() {
		return
	}
	if r.Command == "verify" {
		t.checks(r.Checks)
	} else {
		t.untold(r.Pipeline.Results)
	}
	if t.printed {
		fmt.Fprintln(t.Out)
	}
	fmt.Fprintln(t.Out, sentence(r))
	t.undo(r)
	for _, command := range r.Recover {
		fmt.Fprintf(t.Out, "  %s\n", command)
	}
	if r.Next != "" {
		fmt.Fprintf(t.Talk, "next: %s\n", r.Next)
	}
}

// undo says what a setup that failed has made, and how to be rid of it.
func (t *Text) undo(r Report) {
	if made := r.made(); r.Undo != "" && len(made) > 0 {
		fmt.Fprintf(t.Out, "Changed in this run: %s.\nTo take away all that setup made:\n  %s\n", strings.Join(made, ", "), r.Undo)
	}
}

// untold prints the results that no event told.
func (t *Text) untold(results []pipeline.Result) {
	if t.Command == "teardown" { // it walks backwards
		results = slices.Clone(results)
		slices.Reverse(results)
	}
	for _, res := range results {
		if !t.told[res.ID] {
			t.result(res)
		}
	}
}

// result prints one line for a step, and below it what a person needs to know of it.
func (t *Text) result(res pipeline.Result) {
	if t.told == nil {
		t.told = make(map[pipeline.ID]bool)
	}
	t.told[res.ID] = true
	good := t.good(res)
	if good && (t.Quiet || t.Command == "teardown" && res.Thing == "") {
		return // of what is only looked at, a teardown has nothing to tell
	}
	t.printed = true
	what := res.Claim
	if t.Command == "teardown" {
		what = or(res.Thing, what)
	}
	c := paint(t.Colour)
	said := line(c.mark(t.Command, res), res.ID, shownWord(t.Command, res), what)
	fmt.Fprintln(t.Out, c.took(said, res.Duration, t.Columns))
	t.details(res)
}

// indent is that of what is said below a line.
const indent = "    "

func (t *Text) details(res pipeline.Result) {
	skipped := resultOf(res) == "skip"
	if !skipped {
		t.said = ""
	}
	switch {
	case skipped && because(res) == t.said:
	case skipped:
		t.said = because(res) // once is enough for many steps in a row
		fmt.Fprintf(t.Out, "%s%s\n", indent, t.said)
	case res.Err != nil:
		fmt.Fprintf(t.Out, "%s%s\n", indent, res.Err)
	case res.Keep != "":
		fmt.Fprintf(t.Out, "%skept: %s\n", indent, res.Keep)
	case res.Seen.Detail != "" && res.Outcome != pipeline.Gone && res.Outcome != pipeline.Removed:
		fmt.Fprintf(t.Out, "%s%s\n", indent, res.Seen.Detail)
	}
	for _, line := range res.Seen.Said {
		fmt.Fprintf(t.Out, "%s| %s\n", indent, line)
	}
	if warned(t.Command, res) {
		for _, w := range res.Seen.Warnings() {
			fmt.Fprintf(t.Out, "%swarning: %s\n", indent, w.Detail)
			t.remedy(t.Out, indent, w.Remedy)
		}
	}
	t.differences(res)
	bad := res.Seen.Status == pipeline.Blocked
	if stopped(res.Err) {
		return
	}
	if res.Err != nil && !skipped || bad && t.Command != "teardown" {
		t.remedy(t.Out, indent, res.Seen.Remedy)
	}
}

// differences prints what would be changed, where that is what was asked, and what keeps a
// run from changing anything.
func (t *Text) differences(res pipeline.Result) {
	switch blocked := res.Seen.Status == pipeline.Blocked; {
	case t.Command == "teardown" && !blocked:
		if res.Outcome == "" && res.Planned == pipeline.ActionRemove && res.Seen.Status == pipeline.Met {
			t.diffs(indent, res.Seen.Diffs)
		}
	case t.Command == "plan" && res.Seen.Status == pipeline.Unknown && len(res.Seen.Diffs) > 0:
		fmt.Fprintf(t.Out, "%sif it is not there, this is written:\n", indent)
		t.diffs(indent, res.Seen.Diffs)
	case t.Command == "plan", t.Command == "preflight", blocked:
		t.diffs(indent, res.Seen.Diffs)
	}
}

func (t *Text) remedy(w io.Writer, indent string, r pipeline.Remedy) {
	if r.Cause != "" {
		fmt.Fprintf(w, "%s%s\n", indent, r.Cause)
	}
	for _, command := range r.Run {
		fmt.Fprintf(w, "%s  %s\n", indent, command)
	}
	if r.See != "" {
		fmt.Fprintf(w, "%smore: wifctl explain %s\n", indent, r.Code)
	}
}

// good reports whether a result needs nobody's attention.
func (t *Text) good(res pipeline.Result) bool {
	if t.Command == "teardown" {
		return res.Err == nil
	}
	return res.Err == nil && res.Seen.Status == pipeline.Met && !warned(t.Command, res)
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
