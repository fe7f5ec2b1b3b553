package cks

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Source is one place that names the issuer.
type Source struct {
	Name   string // "the cluster", "the CoreWeave API", "--issuer"
	Issuer string
}

// ErrNoSource is what Agree returns when no source names an issuer.
var ErrNoSource = errors.New("nothing names the issuer")

// A DisagreementError says that sources name different issuers. Google compares
// byte for byte, so one character is enough to have every token refused.
type DisagreementError struct{ Sources []Source }

// Agree returns the issuer that all sources name, byte for byte. A source with
// an empty issuer has nothing to say and is left out.
func Agree(sources []Source) (string, error) {
	var said []Source
	same := true
	for _, s := range sources {
		if s.Issuer == "" {
			continue
		}
		said = append(said, s)
		same = same && s.Issuer == said[0].Issuer
	}
	if len(said) == 0 {
		return "", ErrNoSource
	}
	if !same {
		return "", &DisagreementError{Sources: said}
	}
	return said[0].Issuer, nil
}

// Error shows every source, and for each that differs from the first, where.
func (e *DisagreementError) Error() string {
	if len(e.Sources) == 0 {
		return "sources disagree on the issuer"
	}
	first := e.Sources[0]
	parts := []string{fmt.Sprintf("%s says %q", first.Name, first.Issuer)}
	for _, s := range e.Sources[1:] {
		part := fmt.Sprintf("%s says %q", s.Name, s.Issuer)
		if d := Difference(first.Issuer, s.Issuer); d != "" {
			part += " (" + d + ")"
		}
		parts = append(parts, part)
	}
	return "sources disagree on the issuer: " + strings.Join(parts, "; ")
}

// Difference says where b first differs from a: "differs at character 9: 'a'
// and 'b'", counting from 1, with a trailing slash called by name. It is empty
// when they are equal.
func Difference(a, b string) string {
	switch {
	case a == b:
		return ""
	case b == a+"/":
		return "has a trailing slash that the other has not"
	case a == b+"/":
		return "lacks the trailing slash that the other has"
	}
	n, rest := 1, b
	for a != "" && rest != "" {
		ra, size := utf8.DecodeRuneInString(a)
		rb, sizeB := utf8.DecodeRuneInString(rest)
		if a[:size] != rest[:sizeB] {
			return fmt.Sprintf("differs at character %d: %q and %q", n, ra, rb)
		}
		a, rest, n = a[size:], rest[sizeB:], n+1
	}
	if rest == "" {
		return fmt.Sprintf("ends before character %d, where the other goes on with %q", n, oneLine(a, 40))
	}
	return fmt.Sprintf("goes on after the end of the other, at character %d, with %q", n, oneLine(rest, 40))
}
