// Package report renders what a run saw and did: as text for people, on a terminal or in a
// log, as one JSON object for machines, and as JUnit and GitHub Actions read a verify. It is
// the only room that prints.
//
// Standard output is the answer in the chosen format and nothing else; standard error is
// the conversation: what cluster this is, what is being waited for. Output has no
// timestamps and is in the order of the list, so that two equal runs print the same.
// Where there is no terminal there is no colour.
package report
