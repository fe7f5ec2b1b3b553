package pipeline

// Claim is one thing that a look finds true or not: the finest that a report tells of.
type Claim struct {
	Code  string   // "WIF314", as in docs/errors.md. Once released it is kept.
	Text  string   // true when it holds: "the provider trusts exactly the cluster's issuer"
	Needs []string // codes of earlier claims without which this one says nothing
	// Lint claims are about how well something is done. Where one does not hold, that is
	// a warning: the trust works, and is wider or weaker than it should be.
	Lint bool
}

// Finding is what a look found of one claim.
type Finding struct {
	Code    string
	Verdict Verdict
	Detail  string // one line for people; of a Skip, why
	Remedy  Remedy
}

// Verdict is what came of a claim.
type Verdict int

// The zero value is Skip: a claim that nobody judged is not known to hold.
const (
	Skip Verdict = iota
	Pass
	Warn
	Fail
)

// String is the word used in reports.
func (v Verdict) String() string {
	switch v {
	case Pass:
		return "pass"
	case Warn:
		return "warn"
	case Fail:
		return "fail"
	default:
		return "skip"
	}
}

// Of gives the finding on one claim.
func (o Observation) Of(code string) (Finding, bool) {
	for _, f := range o.Findings {
		if f.Code == code {
			return f, true
		}
	}
	return Finding{}, false
}

// Warnings are the findings that are no failure, and still need somebody's attention.
func (o Observation) Warnings() []Finding {
	var out []Finding
	for _, f := range o.Findings {
		if f.Verdict == Warn {
			out = append(out, f)
		}
	}
	return out
}
