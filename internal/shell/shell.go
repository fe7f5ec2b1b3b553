// Package shell writes command lines that are there to be copied into a shell.
package shell

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line makes one line that a POSIX shell reads back as args.
func Line(args ...string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = Quote(a)
	}
	return strings.Join(quoted, " ")
}

// Quote makes one word of arg, which a POSIX shell reads back. What can't be seen needs bash or zsh.
func Quote(arg string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=./:@,+"
	if arg != "" && strings.Trim(arg, plain) == "" {
		return arg
	}
	if !utf8.ValidString(arg) || strings.ContainsFunc(arg, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return unseen(arg)
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}

// unseen writes what can't be seen, and so not be pasted either, as bytes in octal:
// somebody else chose it, such as the name of a member.
// (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_04)
func unseen(arg string) string {
	var b strings.Builder
	for i := 0; i < len(arg); {
		r, size := utf8.DecodeRuneInString(arg[i:])
		switch {
		case r == '\'', r == '\\':
			b.WriteString(`\` + string(r))
		case unicode.IsPrint(r) && (r != utf8.RuneError || size > 1):
			b.WriteRune(r)
		default:
			for _, c := range []byte(arg[i : i+size]) {
				fmt.Fprintf(&b, `\%03o`, c)
			}
		}
		i += size
	}
	return "$'" + b.String() + "'"
}

// GcloudList is a flag of gcloud's that takes a list: with commas between the items or, where
// an item has one, with a mark that none has, which is named first.
//
// https://docs.cloud.google.com/sdk/gcloud/reference/topic/escaping
func GcloudList(name string, items ...string) string {
	all := strings.Join(items, "")
	if !strings.Contains(all, ",") {
		return name + "=" + strings.Join(items, ",")
	}
	mark := ";"
	for _, m := range strings.Fields("; | ~ # % ! @ +") {
		if !strings.Contains(all, m) {
			mark = m
			break
		}
	}
	return name + "=^" + mark + "^" + strings.Join(items, mark)
}
