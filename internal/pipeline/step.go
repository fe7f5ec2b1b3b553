package pipeline

import (
	"context"
	"time"
)

// ID names a step in flags, JSON, docs and reports: "gcp-pool". Once released it is kept.
type ID string

// Check is a claim about the world and a way to look. Looking changes nothing.
type Check struct {
	ID    ID
	Claim string // true when Met: "pool k8s-pool exists and is enabled"
	Thing string // what the claim is about, where there is a thing: "pool k8s-pool"
	// Claims are what Claim comes to when it is told finely: the catalogue of verify.
	Claims []Claim

	// Facts are earlier checks whose facts this look reads: it is looked at once they
	// are Met or have at least Learned them, and is Unknown where one has not.
	Facts []ID
	// Needs are earlier steps that must be Met before Apply, and that stay until this
	// one has been taken back. They hold up looking only where there is nothing to
	// apply: a proof is tried on what is whole.
	Needs []ID
	// After are earlier checks that are looked at before this one, however they end.
	After []ID
	// Within bounds how long the claim may take to come true: after Apply, or while an
	// Observation says that it is Pending. Zero: at once.
	Within time.Duration

	Observe func(context.Context) (Observation, error)
}

// Step is a Check the tool can make true, and take back.
type Step struct {
	Check

	// Apply makes the claim true. It may be called when there is nothing left to do.
	// That it returns nil is not success: seeing the claim come true is. With a
	// PendingError it is called again; the Outcome beside one is what was done if the
	// next look sees the claim true. Nil: a precondition that only a person can meet.
	Apply func(context.Context, Observation) (Outcome, error)

	// Keep says why teardown must leave what the Observation saw: "not created by
	// wifctl". Empty: Remove may take it. Nil: Owner alone decides.
	Keep func(context.Context, Observation) (string, error)

	// Remove takes back what Apply made. Nil: there is nothing to take back.
	Remove func(context.Context, Observation) error
}

// Observation is what one look saw. Its zero value is never good news.
type Observation struct {
	Status Status
	Detail string // one line for people: what is there
	Diffs  []Diff // what Apply would change, sorted by Path
	Owner  Owner  // whose it is; decides what Remove may touch
	Action Action // what Apply would do; empty: derived from Status
	Remedy Remedy // what a person can do where the claim is not true
	// Findings are what is to be told of single claims. A claim without one holds, unless
	// the Remedy is for it or what it needs does not hold.
	Findings []Finding
	Said     []string // lines that the thing itself said, such as a program's log; no secrets

	// Learned says that the facts which later looks read are known although the claim
	// is not true, so that one run tells everything that is wrong.
	Learned bool
	// Barred says that it could not be looked at for want of access. It holds up no proof:
	// that speaks for itself.
	Barred bool
	// Excused says of what is Barred that nobody asked for it: it is no lack of access.
	Excused bool
	// Pending says that time alone may make the claim true: something that was just
	// written is not seen everywhere yet.
	Pending bool
	// Until names the step that must be Met before looking is possible at all.
	Until ID
}

// Diff is one difference between what is and what should be.
type Diff struct {
	Path string // of the field, as the API spells it
	Have string // empty: absent
	Want string // empty: should be absent
}

// Remedy is what a person can do: the cause, complete commands, and where to read on.
type Remedy struct {
	Code  string   // "WIF314"
	Cause string   // one sentence
	Run   []string // complete commands, to be pasted as they are
	See   string   // "docs/errors.md#wif314"
}

// Found reports whether something is there, as wanted or not.
func (o Observation) Found() bool {
	return o.Status == Met || o.Status == Drifted || o.Status == Blocked
}

// Next is what Apply would do about what was seen.
func (o Observation) Next() Action {
	if o.Action != "" {
		return o.Action
	}
	switch o.Status {
	case Absent:
		return ActionCreate
	case Drifted:
		return ActionUpdate
	case Blocked:
		return ActionRefuse
	default:
		return ActionNone
	}
}
