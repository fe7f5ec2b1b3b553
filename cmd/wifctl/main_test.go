package main

import "testing"

// A live view and colour are for terminals, and for nobody who asked for plain text.
func TestEscapeSequencesAreForTerminalsThatWantThem(t *testing.T) {
	for name, c := range map[string]struct {
		outTerm, errTerm bool
		env              map[string]string
		colour, live     bool
	}{
		"on a terminal":              {outTerm: true, errTerm: true, colour: true, live: true},
		"the answer in a pipe":       {errTerm: true, live: true},
		"the conversation in a file": {outTerm: true, colour: true},
		"both in a pipe":             {},
		"NO_COLOR":                   {outTerm: true, errTerm: true, env: map[string]string{"NO_COLOR": "1"}},
		"a terminal that knows no escape sequences": {outTerm: true, errTerm: true, env: map[string]string{"TERM": "dumb"}},
		"a CI system with a terminal":               {outTerm: true, errTerm: true, env: map[string]string{"CI": "true"}},
	} {
		s := streams{outTerm: c.outTerm, errTerm: c.errTerm, env: func(name string) string { return c.env[name] }}
		if s.colour() != c.colour || s.live() != c.live {
			t.Errorf("%s: colour %t, live %t", name, s.colour(), s.live())
		}
	}
}
