package emulator

// operation is a long-running operation.
type operation struct {
	polls int // GETs that still say "not done"
}
