package emulator

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
)

// methodIDs are the ids a fault can name.
var methodIDs = sync.OnceValue(func() (ids []string) {
	for _, r := range routes() {
		ids = append(ids, r.id)
	}
	return ids
})

// check reports why a fault could never be met, or would not do what it says.
func (f *Fault) check() error {
	if err := checkMatch(f.Match); err != nil {
		return err
	}
	answers := f.Status != 0 || !f.Lost // something comes back
	switch {
	case f.Status == 0 && f.Delay == 0 && !f.Lost && !f.Reset && !f.Truncate:
		return errors.New("nothing would go wrong: want one of status, delay, lost, reset, truncate")
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return fmt.Errorf("status=%d: want a number from 400 to 599", f.Status)
	case f.After < 0 || f.Times < -1:
		return fmt.Errorf("after=%d, times=%d: want no less than 0 and -1", f.After, f.Times)
	case f.Delay < 0:
		return fmt.Errorf("delay=%s: want a time ahead", f.Delay)
	case f.Reason != "" && f.Status == 0:
		return fmt.Errorf("reason=%s: want a status too, whose reason it is", f.Reason)
	case f.Reset && (f.Status != 0 || f.Lost || f.Truncate):
		return errors.New("reset: no answer comes, so want no status, lost or truncate beside it")
	case f.Truncate && !answers:
		return errors.New("lost,truncate: no answer comes that could break off; want a status, or one of the two")
	}
	return nil
}

// checkMatch refuses an id or a pattern that no method has, and names the nearest.
func checkMatch(match string) error {
	for _, id := range methodIDs() {
		if ok, err := path.Match(match, id); err != nil {
			return fmt.Errorf("method %q: %w", match, err)
		} else if ok {
			return nil
		}
	}
	return fmt.Errorf("no method is called %s; the nearest is %s", match, nearest(match))
}

// nearest is the method id that takes the fewest changes to reach. Of a pattern, the part
// before the first star is compared.
func nearest(match string) string {
	best, least := "", 1<<30
	text, _, pattern := strings.Cut(match, "*")
	for _, id := range methodIDs() {
		with := id
		if pattern {
			with = id[:min(len(id), len(text))]
		}
		if d := changes(text, with); d < least {
			best, least = id, d
		}
	}
	return best
}

// changes counts the letters to add, drop or replace that make a of b (Levenshtein).
func changes(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
