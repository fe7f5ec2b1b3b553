package report

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// What is printed may have been written by anybody who may write a policy, a description
// or a log. All of it comes by here, so that it can neither move a cursor nor begin a line,
// nor look like something that it is not: what doesn't show, is shown as an escape.

// Visible is one line of text in which everything shows: "\x1b", "\n", "\u202e".
//
// A text that would be a command to a runner of GitHub Actions is none: those begin a
// line, blanks aside, with "::", and older ones are taken wherever "##[" stands.
// (https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs)
func Visible(s string) string {
	s = escapes(s)
	if text := strings.TrimLeft(s, " "); strings.HasPrefix(text, "::") {
		s = s[:len(s)-len(text)] + `\x3a` + text[1:]
	}
	return strings.ReplaceAll(s, "##[", `\x23#[`)
}

// visibleLines is Visible for text that may have several lines.
func visibleLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		tabs := len(l) - len(strings.TrimLeft(l, "\t"))
		lines[i] = l[:tabs] + Visible(l[tabs:])
	}
	return strings.Join(lines, "\n")
}

func escapes(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case shows(r):
			b.WriteString(s[i : i+size])
		default:
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
		i += size
	}
	return b.String()
}

// shows reports whether a person sees a character where it stands. Some letters are blank.
func shows(r rune) bool {
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// visibleJSON writes what doesn't show in an encoded document as JSON's own escapes, which
// mean the same. Outside its strings there is nothing but blanks and line feeds.
func visibleJSON(document []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(document) {
		if shows(r) || r == '\n' {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return bytes.ReplaceAll(b.Bytes(), []byte("##["), []byte(`\u0023#[`))
}
