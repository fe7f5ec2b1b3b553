package report

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// terminal is as much of a terminal as the live view makes use of. It wraps at its right
// edge, scrolls at its lower one, and fails the test for a sequence that it does not know.
type terminal struct {
	t             *testing.T
	mu            sync.Mutex // the view writes from its own goroutine
	columns, rows int

	lines [][]rune // the scrollback, and below it the screen
	joins []bool   // that a line is one with the next, until it is emptied
	x, y  int      // y counts from the first line of the scrollback
}

func (v *terminal) size() (columns, rows int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.columns, v.rows
}

// top is the first line that is on the screen: what is above it can't be reached.
func (v *terminal) top() int { return max(0, len(v.lines)-v.rows) }

func (v *terminal) Write(b []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.write(b)
	return len(b), nil
}

func (v *terminal) write(b []byte) {
	for s := string(b); s != ""; {
		seq, width, n, _ := ansi.DecodeSequence(s, ansi.NormalState, nil)
		s = s[n:]
		switch {
		case width > 0:
			v.put([]rune(seq)[0])
		case seq == "\n":
			v.x, v.y = 0, v.y+1
		case seq == "\r":
			v.x = 0
		default:
			v.control(seq)
		}
		for len(v.lines) <= v.y {
			v.lines = append(v.lines, nil)
		}
	}
}

func (v *terminal) put(r rune) {
	if v.x == v.columns {
		for len(v.joins) <= v.y {
			v.joins = append(v.joins, false)
		}
		v.joins[v.y] = true
		v.x, v.y = 0, v.y+1
	}
	for len(v.lines) <= v.y {
		v.lines = append(v.lines, nil)
	}
	for len(v.lines[v.y]) <= v.x {
		v.lines[v.y] = append(v.lines[v.y], ' ')
	}
	v.lines[v.y][v.x] = r
	v.x++
}

func (v *terminal) control(seq string) {
	var n int
	switch {
	case strings.HasSuffix(seq, "m"): // colour
	case seq == ansi.EraseLineRight:
		v.lines[v.y] = v.lines[v.y][:min(v.x, len(v.lines[v.y]))]
		if v.x == 0 && v.y < len(v.joins) {
			v.joins[v.y] = false
		}
	case scanned(seq, "\x1b[%dA", &n):
		v.y = max(v.y-n, v.top())
	case seq == ansi.CUU1:
		v.y = max(v.y-1, v.top())
	default:
		v.t.Errorf("the sequence %q is not known", seq)
	}
}

func scanned(s, format string, n *int) bool {
	_, err := fmt.Sscanf(s, format, n)
	return err == nil && s == fmt.Sprintf(format, *n)
}

// all is everything that can be seen, by scrolling up.
func (v *terminal) all() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var b strings.Builder
	for _, l := range v.lines {
		b.WriteString(strings.TrimRight(string(l), " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// resize wraps anew what is on the screen, as terminals do.
func (v *terminal) resize(columns, rows int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	old, joins, width := v.lines[:v.y], v.joins, v.columns // below them, all is erased
	v.columns, v.rows, v.lines, v.joins, v.x, v.y = columns, rows, nil, nil, 0, 0
	for i, l := range old {
		joined := i < len(joins) && joins[i]
		for _, r := range l {
			v.put(r)
		}
		if !joined {
			v.write([]byte("\n"))
			continue
		}
		for range width - len(l) {
			v.put(' ')
		}
	}
}
