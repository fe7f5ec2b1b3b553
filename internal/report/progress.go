package report

import (
	"io"
	"slices"
	"sync"
	"time"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// Progress is the live view of a run, for a terminal: every step with its state, the time
// it takes and, while it waits, what for and how long at most. It is conversation: nothing
// of it is in the answer. A nil Progress shows nothing. Out and Size are needed.
type Progress struct {
	Command string
	Out     io.Writer
	Size    func() (columns, rows int) // of the terminal, at the moment
	Beside  bool                       // Text tells what is finished on the same terminal: it is told once
	Stays   bool                       // the answer goes elsewhere: in the end, the list stays on the screen

	mu     sync.Mutex
	screen screen
	rows   []*row
	note   string
	done   chan struct{} // closed to end the ticking; nil while there is none
	ended  sync.WaitGroup
}

// frame is how often a live view is drawn anew, for its clocks to go on.
const frame = 100 * time.Millisecond

// Start shows the list of steps, and keeps it current until Pause or Stop.
func (p *Progress) Start(steps []pipeline.Step) {
	if p == nil || p.done != nil {
		return
	}
	done := make(chan struct{})
	p.change(func() {
		p.done, p.screen = done, screen{out: p.Out, size: p.Size}
		if p.rows == nil {
			p.rows = rowsOf(p.Command, steps)
		}
	})
	p.ended.Go(func() {
		tick := time.NewTicker(frame)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				p.change(func() {})
			}
		}
	})
}

// rowsOf are the rows of steps, in the order in which they will be told.
func rowsOf(command string, steps []pipeline.Step) []*row {
	rows := make([]*row, len(steps))
	for i, s := range steps {
		rows[i] = &row{id: s.ID, claim: Visible(s.Claim), thing: Visible(s.Thing)}
	}
	if command == "teardown" {
		slices.Reverse(rows)
	}
	return rows
}

// change changes what is to be seen, and shows it.
func (p *Progress) change(what func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	what()
	if p.done != nil {
		p.screen.draw(p.frame(time.Now()))
	}
}

// Pause takes the list off the screen, so that something can be asked there.
func (p *Progress) Pause() { p.end(false) }

// Stop ends the view. What is only here stays on the screen; what is told in the answer
// beside it does not.
func (p *Progress) Stop() {
	if p != nil {
		p.end(p.Stays)
	}
}

func (p *Progress) end(leave bool) {
	if p == nil || p.done == nil {
		return
	}
	p.mu.Lock()
	close(p.done)
	p.done, p.note = nil, ""
	p.screen.erase()
	if leave {
		columns, _ := p.screen.size()
		p.screen.draw(slices.Concat(p.blocks(time.Now(), columns)...))
		p.screen.leave()
	}
	p.mu.Unlock()
	p.ended.Wait()
}

// Above lets print write what stays, above the list.
func (p *Progress) Above(print func()) {
	if p == nil {
		print()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.screen.erase()
	print()
	if p.done != nil {
		p.screen.draw(p.frame(time.Now()))
	}
}

// Note shows a sentence below the list.
func (p *Progress) Note(sentence string) {
	if p != nil {
		p.change(func() { p.note = Visible(sentence) })
	}
}

// Event brings the list up to date.
func (p *Progress) Event(e pipeline.Event) {
	if p == nil {
		return
	}
	e.Result, e.Wait.For = cleanResult(e.Result), Visible(e.Wait.For)
	p.change(func() {
		for _, r := range p.rows {
			if r.id == e.ID {
				r.hear(p.Command, e, time.Now())
				r.told = e.Kind == pipeline.Finished && (p.Beside || p.Command == "teardown" && r.thing == "")
			}
		}
	})
}
