package report

import (
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// screen is the last lines of a terminal, which are written over again and again. Between
// two writes the cursor stands below them, and it is never hidden: however the program
// ends, there is nothing to restore.
type screen struct {
	out   io.Writer
	size  func() (columns, rows int)
	drawn []int // the widths of the lines that are on it
	wide  int   // columns when they were drawn
}

// draw puts lines in the place of those that were drawn before, in one write, so that
// nothing flickers. Each row is erased by itself: to erase the rest of a screen at once
// from its first row on makes some terminals keep it in their scrollback. After a resize
// each is erased before it is written, too: a row that the terminal has wrapped stays
// joined to the next one until it is empty, and would take it along when there is room.
func (s *screen) draw(lines []string) {
	columns, _ := s.size()
	before := s.height(columns)
	empty := ""
	if columns != s.wide {
		empty = ansi.EraseLineRight
	}
	s.drawn, s.wide = nil, columns
	var b strings.Builder
	up(&b, before)
	for _, line := range lines {
		line = ansi.Truncate(line, columns-1, "…") // in the last column a terminal may wrap
		b.WriteString(empty + line + ansi.EraseLineRight + "\n")
		s.drawn = append(s.drawn, ansi.StringWidth(line))
	}
	for range before - len(lines) {
		b.WriteString(ansi.EraseLineRight + "\n")
	}
	b.WriteString(ansi.EraseLineRight) // what was typed
	up(&b, before-len(lines))
	_, _ = io.WriteString(s.out, b.String())
}

// erase takes the lines away.
func (s *screen) erase() {
	if len(s.drawn) > 0 {
		s.draw(nil)
	}
}

// leave makes the lines part of what was printed for good.
func (s *screen) leave() { s.drawn = nil }

// height is how many rows the lines take now: a terminal that has become narrower since
// has wrapped what was longer.
func (s *screen) height(columns int) (rows int) {
	for _, width := range s.drawn {
		rows += max(1, (width+columns-1)/columns)
	}
	return rows
}

func up(b *strings.Builder, rows int) {
	if rows > 0 {
		b.WriteString("\r" + ansi.CursorUp(rows))
	}
}
