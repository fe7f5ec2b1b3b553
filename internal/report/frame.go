package report

import (
	"fmt"
	"slices"
	"time"
)

// frame is what the live view shows now: as much as fits the terminal, first of all what
// is being done.
func (p *Progress) frame(now time.Time) []string {
	columns, rows := p.screen.size()
	room := max(rows-1, 1) // the cursor stands in the last row
	blocks := p.blocks(now, columns)
	hidden := 0
	for _, unimportant := range []func(*row, string) bool{(*row).idle, (*row).quiet} {
		for i := len(blocks) - 1; i >= 0 && height(blocks) > room-min(hidden, 1); i-- {
			if i < len(p.rows) && len(blocks[i]) > 0 && unimportant(p.rows[i], p.Command) {
				blocks[i] = nil
				hidden++
			}
		}
	}
	lines := slices.Concat(blocks...)
	if hidden > 0 {
		lines = append(lines, paint(true).dim(fmt.Sprintf("· and %d more", hidden)))
	}
	return lines[:min(len(lines), room)]
}

// blocks are the lines of each row, and those of the note.
func (p *Progress) blocks(now time.Time, columns int) [][]string {
	blocks := make([][]string, len(p.rows), len(p.rows)+1)
	for i, r := range p.rows {
		if !r.told {
			blocks[i] = r.lines(p.Command, true, now, columns)
		}
	}
	if p.note != "" {
		blocks = append(blocks, wrapped(p.note, columns-1))
	}
	return blocks
}

func height(blocks [][]string) (n int) {
	for _, b := range blocks {
		n += len(b)
	}
	return n
}
