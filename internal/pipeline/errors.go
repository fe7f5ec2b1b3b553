package pipeline

import (
	"errors"
	"fmt"
	"time"
)

// ErrInterrupted is the error of a step that was under way when the run was stopped.
var ErrInterrupted = errors.New("interrupted")

// ErrOutOfTime is the error of a step that was under way when the time for the whole run
// was up.
var ErrOutOfTime = errors.New("the time for the whole run was up")

// NotRunError is the error of a step that was not tried.
type NotRunError struct{ Why string }

// Error says why: "not run: needs gcp-pool".
func (e *NotRunError) Error() string { return "not run: " + e.Why }

// UnansweredError is the error of a look that was given no answer, or none that says
// anything of what it looked at. It belies no claim: looking again may tell.
type UnansweredError struct {
	Claim string // code of the claim that was being looked at; the step's earlier ones hold. Empty: all of them
	Err   error
}

func (e *UnansweredError) Error() string { return "could not look: " + e.Err.Error() }

// Unwrap gives what was asked, and what came of it.
func (e *UnansweredError) Unwrap() error { return e.Err }

// PendingError marks a failure that time alone may mend: something that was just
// written is not seen everywhere yet. The engine tries again while the step's Within lasts.
type PendingError struct{ Err error }

// Pending marks err as a PendingError.
func Pending(err error) error { return &PendingError{Err: err} }

func (e *PendingError) Error() string { return e.Err.Error() }

// Unwrap gives the failure itself.
func (e *PendingError) Unwrap() error { return e.Err }

// RemediedError is a failed change and what a person can do about it.
type RemediedError struct {
	Err    error
	Remedy Remedy
}

func (e *RemediedError) Error() string { return e.Err.Error() }

// Unwrap gives the failure itself.
func (e *RemediedError) Unwrap() error { return e.Err }

// remedyOf is the remedy that comes with err; the zero Remedy where none does. What the
// look before a change said of the claim is no remedy for the change that failed.
func remedyOf(err error) Remedy {
	var r *RemediedError
	if errors.As(err, &r) {
		return r.Remedy
	}
	return Remedy{}
}

// TimeoutError is the error of a claim that had not come true when its time was up,
// and that may still.
type TimeoutError struct {
	After time.Duration
	Last  string // what the last look saw
	Err   error  // the last error, if there was one
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("still waiting after %s: %s", Spell(e.After), e.Last)
}

// Unwrap gives the last error.
func (e *TimeoutError) Unwrap() error { return e.Err }

// NotSeenError is the error of a change that was accepted and then not seen.
type NotSeenError struct {
	Outcome Outcome
	Status  Status
	Detail  string
}

func (e *NotSeenError) Error() string {
	return fmt.Sprintf("%s, but looking again shows it %s: %s", e.Outcome, e.Status, e.Detail)
}

// BlockedError is the error of a claim that only a person can make true.
type BlockedError struct{ Detail string }

func (e *BlockedError) Error() string { return e.Detail }
