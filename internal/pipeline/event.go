package pipeline

import "time"

// EventKind says what an Event tells.
type EventKind int

// Looked and Finished come in the order of the list. The others come as they happen, for
// whoever watches.
const (
	Looked   EventKind = iota + 1 // a step was looked at
	Started                       // Apply or Remove begins
	Waiting                       // a change is not seen yet
	Finished                      // a step is done, one way or another
	Begun                         // a step's turn has come: it is looked at, or settled
	Ended                         // its turn is over; Looked or Finished follows in its place
)

// Event is one thing that happened in a run.
type Event struct {
	Kind   EventKind
	ID     ID
	Result Result // of Looked, Finished and Ended; of Started as far as it is known
	Wait   Wait   // of Waiting
}

// Wait tells what is waited for: "new service account not visible yet, 12s of at most 3m".
type Wait struct {
	For     string
	Elapsed time.Duration
	Bound   time.Duration
}
