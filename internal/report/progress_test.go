package report

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// story is a run with a live view beside its text, on a terminal.
type story struct {
	t     *testing.T
	v     *terminal
	live  *Progress
	text  *Text
	shots strings.Builder
}

var storySteps = []pipeline.Result{
	met("kube-access", "", pipeline.Unchanged), met("gcp-apis", "the APIs", pipeline.Updated), met("gcp-pool", "pool", pipeline.Created),
	slow(met("gcp-serviceaccount", "GSA", pipeline.Created)), failed("gcs-grant", pipeline.Failed), notRun("proof", pipeline.Skipped),
}

// slow is a result that took its time.
func slow(r pipeline.Result) pipeline.Result {
	r.Duration = 40 * time.Second
	return r
}

func newStory(t *testing.T, columns, rows int) *story {
	v := &terminal{t: t, columns: columns, rows: rows}
	s := &story{t: t, v: v, live: &Progress{Command: "setup", Out: v, Size: v.size, Beside: true},
		text: &Text{Command: "setup", Out: v, Talk: v, Colour: true, Columns: columns, Watched: true}}
	_, _ = v.Write([]byte("$ wifctl setup\n"))
	return s
}

func (s *story) start() {
	steps := make([]pipeline.Step, len(storySteps))
	for i, r := range storySteps {
		steps[i].Check = pipeline.Check{ID: r.ID, Claim: r.Claim, Thing: r.Thing}
	}
	s.live.Start(steps)
}

func (s *story) event(e pipeline.Event) {
	s.live.Event(e)
	s.live.Above(func() { s.text.Event(e) })
}

// shot keeps what the terminal shows now.
func (s *story) shot(what string) {
	s.t.Helper()
	synctest.Wait()
	fmt.Fprintf(&s.shots, "---- %s\n%s", what, s.v.all())
}

// after lets time go by.
func after(d time.Duration) { <-time.After(d + frame/2) }

// tell is what happens in a setup: steps that look, change, wait, fail.
func (s *story) tell() {
	s.start()
	s.shot("at once")
	for _, r := range storySteps {
		s.event(pipeline.Event{Kind: pipeline.Begun, ID: r.ID})
	}
	s.event(pipeline.Event{Kind: pipeline.Ended, ID: "gcs-grant", Result: absent("gcs-grant")})
	after(2 * time.Second)
	s.shot("looking, one step done early")
	for _, r := range storySteps {
		r.Outcome, r.Err = "", nil
		s.event(pipeline.Event{Kind: pipeline.Looked, ID: r.ID, Result: r})
	}
	s.live.Above(func() { s.text.Header(names) })
	s.event(pipeline.Event{Kind: pipeline.Begun, ID: "gcp-serviceaccount"})
	s.event(pipeline.Event{Kind: pipeline.Started, ID: "gcp-serviceaccount", Result: absent("gcp-serviceaccount")})
	s.event(pipeline.Event{Kind: pipeline.Begun, ID: "gcp-pool"})
	s.event(pipeline.Event{Kind: pipeline.Started, ID: "gcp-pool", Result: drifted("gcp-pool")})
	s.event(pipeline.Event{Kind: pipeline.Finished, ID: "kube-access", Result: storySteps[0]})
	s.event(pipeline.Event{Kind: pipeline.Waiting, ID: "gcp-serviceaccount", Wait: pipeline.Wait{
		For: "the new service account is not visible everywhere yet", Elapsed: 10 * time.Second, Bound: 3 * time.Minute,
	}})
	after(2 * time.Second)
	s.live.Above(func() { fmt.Fprintln(s.v, "  google     200    12ms iam.projects.serviceAccounts.get") })
	s.shot("changing and waiting")
}

func (s *story) end() {
	for _, r := range storySteps[1:] {
		s.event(pipeline.Event{Kind: pipeline.Finished, ID: r.ID, Result: r})
	}
	s.live.Stop()
	s.shot("in the end")
}

// The whole story at the two usual widths; what is looked at in the golden file is what a
// person sees, the scrollback included.
func TestProgressIsWorthWatching(t *testing.T) {
	for _, columns := range []int{80, 120} {
		t.Run(fmt.Sprint(columns), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStory(t, columns, 24)
				s.tell()
				s.end()
				golden(t, fmt.Sprintf("progress-%d.txt", columns), []byte(s.shots.String()))
			})
		})
	}
}

// A terminal with fewer rows than steps shows what is being done, and nothing twice.
func TestProgressFitsALowTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStory(t, 80, 6)
		s.tell()
		s.end()
		golden(t, "progress-low.txt", []byte(s.shots.String()))
	})
}

// A terminal that becomes narrower has wrapped what was drawn: nothing of it stays.
func TestProgressSurvivesAResize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStory(t, 120, 24)
		s.tell()
		s.v.resize(50, 24)
		after(time.Second)
		s.shot("narrower")
		s.v.resize(120, 24)
		after(time.Second)
		s.shot("wider")
		s.end()
		golden(t, "progress-resize.txt", []byte(s.shots.String()))
	})
}

// Where the answer goes into a file, the list stays on the terminal, whole.
func TestProgressStaysWhereTheAnswerGoesElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var file strings.Builder
		s := newStory(t, 80, 24)
		s.live.Beside, s.live.Stays = false, true
		s.text.Out, s.text.Colour = &file, false
		s.tell()
		s.live.Note("Stopping.")
		s.end()
		if strings.Contains(file.String(), "\x1b") {
			t.Errorf("an escape sequence in the file:\n%q", file.String())
		}
		golden(t, "progress-elsewhere.txt", []byte(s.shots.String()+"---- the file\n"+file.String()))
	})
}

// A question is asked on a screen that is quiet.
func TestProgressMakesRoomForAQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStory(t, 80, 24)
		s.start()
		s.live.Pause()
		_, _ = s.v.Write([]byte("Remove these? [y/N] "))
		after(5 * time.Second)
		if got, want := s.v.all(), "$ wifctl setup\nRemove these? [y/N]\n"; got != want {
			t.Errorf("the screen:\n%s", got)
		}
	})
}

func TestNobodyWatches(t *testing.T) {
	var p *Progress
	said := false
	p.Start(nil)
	p.Event(pipeline.Event{Kind: pipeline.Begun})
	p.Note("x")
	p.Above(func() { said = true })
	p.Pause()
	p.Stop()
	if !said {
		t.Error("what is printed above no list, is printed")
	}
}
