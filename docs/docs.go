// Package docs carries the document of the codes inside the program: whoever has the
// program alone can read it.
package docs

import (
	_ "embed"
	"regexp"
	"strings"
)

//go:embed errors.md
var codes string

const heading = "\n### "

// Codes are all codes that have a section, in the order of the document.
func Codes() (all []string) {
	for _, section := range strings.Split(codes, heading)[1:] {
		code, _, _ := strings.Cut(section, "\n")
		all = append(all, code)
	}
	return all
}

// Section is what errors.md says of a code, as plain text; empty: there is no such code.
func Section(code string) string {
	_, section, found := strings.Cut(codes, heading+code+"\n")
	if !found {
		return ""
	}
	for _, next := range []string{heading, "\n## "} {
		section, _, _ = strings.Cut(section, next)
	}
	return plain(strings.TrimSpace(section)) + "\n"
}

var (
	link     = regexp.MustCompile(`\[([^\]]+)\]\([^)]+\)`)
	emphasis = regexp.MustCompile(`\*{1,2}([^*\n]+)\*{1,2}`)
)

// plain takes Markdown's marks away. Commands are indented, so that they stand out, and
// keep every character.
func plain(markdown string) string {
	var lines []string
	inCode := false
	for line := range strings.SplitSeq(markdown, "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			inCode = !inCode
		case inCode:
			lines = append(lines, strings.TrimRight("    "+line, " "))
		default:
			lines = append(lines, emphasis.ReplaceAllString(link.ReplaceAllString(line, "$1"), "$1"))
		}
	}
	return strings.Join(lines, "\n")
}
