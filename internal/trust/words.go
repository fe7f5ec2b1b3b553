package trust

import (
	"strconv"
	"strings"
)

// plural counts: "1 key", "2 keys"; "more" has no plural.
func plural(n int, word string) string {
	s := strconv.Itoa(n) + " " + word
	if n == 1 || word == "more" {
		return s
	}
	return s + "s"
}

// lastPart is the id at the end of a resource name.
func lastPart(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// someOf lists three things and counts the rest.
func someOf(all []string) string {
	const shown = 3
	if len(all) <= shown {
		return strings.Join(all, ", ")
	}
	return strings.Join(all[:shown], ", ") + " and " + plural(len(all)-shown, "more")
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
