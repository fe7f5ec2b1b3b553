package main

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A question ends the line that it is on, and nothing is drawn behind it.
func TestTeardownRemovesNothingUnlessItIsToldYes(t *testing.T) {
	st := onStage(t)
	before := st.writes()
	for name, c := range map[string]struct {
		answer string // none: an interrupt
		status int
		after  string
	}{
		"no":           {"n\n", exitFailed, "Nothing was removed.\n"},
		"end of input": {"\n", exitFailed, "Nothing was removed.\n"},
		"an interrupt": {"", exitInterrupted, "\nNothing was removed.\nwifctl teardown: interrupted\n"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			in, typed := io.Pipe()
			screen := &audience{cue: "[y/N] ", do: func() {
				if c.answer == "" {
					cancel()
					return
				}
				go func() { _, _ = io.WriteString(typed, c.answer) }()
			}}
			s := st.inner
			s.in, s.out, s.err = in, screen, screen
			s.asks, s.outTerm, s.errTerm = true, true, true
			s.outSize = func() (int, int) { return 80, 24 }
			s.errSize = s.outSize
			status := run(ctx, st.command("teardown"), s)
			_, after, _ := strings.Cut(screen.String(), "[y/N] ")
			if diff := cmp.Diff(c.after, after); status != c.status || diff != "" {
				t.Errorf("status %d, want %d; after the question (-want +got):\n%s", status, c.status, diff)
			}
			if n := st.writes() - before; n != 0 {
				t.Errorf("%d requests changed something", n)
			}
		})
	}
}
