package pipeline

import (
	"strings"
	"time"
)

// Spell is a duration as people say it, and as flags take it: "12s", "3m", "1m5s". All
// that is printed for people spells it so.
func Spell(d time.Duration) string {
	s := d.Round(time.Second).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
