package pipeline

import "time"

// EventKind says what an Event tells.
type EventKind int

// Looked and Finished come in the order of the list. Started and Waiting come as they
// happen, for whoever watches.
const (
	Looked   EventKind = iota + 1 // a step was looked at
	Started                       // Apply or Remove begins
	Waiting                       // a change is not seen yet
	Finished                      // a step is done, one way or another
)

// Event is one thing that happened in a run.
type Event struct {
	Kind   EventKind
	ID     ID
	Result Result // of Looked and Finished
	Wait   Wait   // of Waiting
}

// Wait tells what is waited for: "new service account not visible yet, 12s of at most 3m".
type Wait struct {
	For     string
	Elapsed time.Duration
	Bound   time.Duration
}
