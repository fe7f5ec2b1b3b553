package pipeline

import (
	"testing"
	"time"
)

func TestTimesAreSaidAsPeopleSayThem(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 1400 * time.Millisecond: "1s", 3 * time.Minute: "3m", 65 * time.Second: "1m5s", time.Hour: "1h", 90 * time.Minute: "1h30m", 10 * time.Minute: "10m",
	} {
		if got := Spell(d); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
}

func TestAnErrorSpellsItsTimeAsTheViewDoes(t *testing.T) {
	err := &TimeoutError{After: 3 * time.Minute, Last: "still 404"}
	if got, want := err.Error(), "still waiting after 3m: still 404"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
