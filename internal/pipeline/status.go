package pipeline

// Status is what a look made of a claim.
type Status int

// The zero value is Unknown: a forgotten field shows as "we don't know", not as "fine".
const (
	Unknown Status = iota // not looked, or looking was not possible
	Met                   // the claim is true
	Absent                // what the claim speaks of is not there
	Drifted               // it is there and differs; Apply knows how to mend it
	Blocked               // only a person can mend it
)

// String is the word used in reports.
func (s Status) String() string {
	switch s {
	case Met:
		return "met"
	case Absent:
		return "absent"
	case Drifted:
		return "drifted"
	case Blocked:
		return "blocked"
	default:
		return "unknown"
	}
}

// Outcome is what happened to a step in this run. Each word is used only when it is
// what happened.
type Outcome string

// The outcomes. The empty Outcome means that nothing was tried.
const (
	Created   Outcome = "created"
	Restored  Outcome = "restored" // was soft-deleted
	Updated   Outcome = "updated"
	Adopted   Outcome = "adopted" // was somebody else's and differed; changed on request
	Unchanged Outcome = "unchanged"
	Removed   Outcome = "removed"
	Kept      Outcome = "kept" // found, and not ours to remove
	Gone      Outcome = "absent"
	Skipped   Outcome = "skipped"
	Failed    Outcome = "failed"
)

// Changed reports whether the outcome is a change of the world.
func (o Outcome) Changed() bool {
	switch o {
	case Created, Restored, Updated, Adopted, Removed:
		return true
	default:
		return false
	}
}

// Action is what Apply would do.
type Action string

// The actions a plan can announce.
const (
	ActionCreate  Action = "create"
	ActionRestore Action = "restore"
	ActionUpdate  Action = "update"
	ActionAdopt   Action = "adopt"
	ActionNone    Action = "none"
	ActionRefuse  Action = "refuse"
	ActionRemove  Action = "remove" // of teardown
)

// Owner says whose a thing is.
type Owner int

// The zero value is Nobody's: nothing is removed because a field was forgotten.
const (
	NobodyKnows Owner = iota
	Ours
	Theirs
)
