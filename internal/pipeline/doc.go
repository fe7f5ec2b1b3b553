// Package pipeline is the engine: it looks at an ordered list of claims about the
// world, makes them true, and takes them back. It knows no cloud and prints nothing.
//
// A [Check] is a claim and a read-only way to look. A [Step] is a Check that can be
// made true and taken back. Plan, setup, verify and teardown are uses of one list:
//
//	plan      Look
//	setup     Look, Apply
//	verify    Look, with Wait
//	teardown  Look, Remove
//
// Everything a later step needs is learned by looking. Nothing is kept between runs,
// so a run that died is resumed by running again.
package pipeline
