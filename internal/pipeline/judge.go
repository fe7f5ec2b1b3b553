package pipeline

import (
	"errors"
	"slices"
	"time"
)

// Judged is one claim and what came of it.
type Judged struct {
	Claim
	ID       ID
	Verdict  Verdict
	Detail   string // what was found, or of a Fail what is wrong
	Because  string // of a Skip
	Barred   bool   // of a Skip: for want of access, and not of something that failed
	Excused  bool   // of a Skip: the user wanted it so
	Dark     bool   // of a Skip: the look was given no answer; whether it holds is open
	Pending  bool   // of a Fail: time alone may mend it
	Err      error  // of a Fail that is an error of the look
	Diffs    []Diff
	Said     []string // lines of a log; of the claim that failed, or the last of its step
	Remedy   Remedy
	Duration time.Duration // of the whole look; set on its first claim
}

// Judge tells of every claim, in order, whether it holds. Where something that a claim
// needs does not hold, the claim is skipped, so that one cause is told once.
func (r Report) Judge() []Judged {
	var out []Judged
	before := make(map[string]standing)
	for _, res := range r.Results {
		for i, c := range res.Claims {
			j := res.judge(c, before)
			if i == 0 {
				j.Duration = res.Duration
			}
			before[c.Code] = standingOf(j, before)
			out = append(out, j)
		}
	}
	return out
}

// standing is what a claim means to those that need it.
type standing int

const (
	unseen standing = iota // nobody could look
	holds
	down // it does not hold, or what it needs does not
)

func standingOf(j Judged, before map[string]standing) standing {
	switch {
	case j.Verdict == Pass, j.Verdict == Warn:
		return holds
	case j.Verdict == Fail, firstOf(j.Needs, before, down) != "":
		return down
	}
	return unseen
}

// firstOf is the first of the codes with a standing; empty if there is none.
func firstOf(codes []string, before map[string]standing, s standing) string {
	for _, code := range codes {
		if before[code] == s {
			return code
		}
	}
	return ""
}

func (r Result) judge(c Claim, before map[string]standing) Judged {
	j := Judged{Claim: c, ID: r.ID}
	missing := firstOf(c.Needs, before, down)
	if f, told := r.Seen.Of(c.Code); told && (f.Verdict != Warn || missing == "") {
		j.Verdict, j.Detail, j.Remedy = f.Verdict, f.Detail, f.Remedy
		if f.Verdict == Skip {
			j.Detail, j.Because, j.Barred, j.Excused = "", f.Detail, r.Seen.Barred, r.Seen.Excused
		}
		if f.Verdict == Fail {
			j.Diffs, j.Pending = r.Seen.Diffs, r.Seen.Pending
		}
		return j
	}
	why, skipped := r.unjudged(c, before)
	switch {
	case skipped:
		j.Because, j.Barred, j.Excused, j.Dark = why, r.Seen.Barred, r.Seen.Excused, r.dark(c.Code)
		j.Remedy = r.lookRemedy()
	case r.whole(), r.failing() != c.Code:
		j.Verdict = Pass
		if r.whole() && c.Code == r.last() { // the whole is true then
			j.Detail, j.Said = r.Seen.Detail, r.Seen.Said
		}
	default:
		j.Verdict, j.Detail, j.Remedy = Fail, r.Seen.Detail, r.Seen.Remedy
		if r.Err != nil {
			j.Detail = r.Err.Error()
		}
		j.Err, j.Diffs, j.Pending, j.Said = r.Err, r.Seen.Diffs, r.Seen.Pending, r.Seen.Said
	}
	return j
}

// unjudged says why nothing can be said of a claim that was not spoken of.
func (r Result) unjudged(c Claim, before map[string]standing) (why string, skipped bool) {
	var notRun *NotRunError
	missing, dark := firstOf(c.Needs, before, down), firstOf(c.Needs, before, unseen)
	switch {
	case errors.As(r.Err, &notRun):
		return notRun.Why, true
	case r.whole() && !c.Lint:
		return "", false
	case missing != "":
		return "needs " + missing, true
	case r.Err == nil && r.Seen.Status == Unknown, r.Seen.Barred && r.failing() == "", r.dark(c.Code):
		return r.said(), true
	case dark != "" && r.failing() != c.Code && !r.whole():
		return "needs " + dark, true
	}
	return "", false
}

// whole reports whether all that the step claims is true.
func (r Result) whole() bool { return r.Err == nil && r.Seen.Status == Met }

// last is the code of the claim beside which the whole's detail is told: the last that no
// finding tells of. There is none where a finding has said it beside its own.
func (r Result) last() string {
	if slices.ContainsFunc(r.Seen.Findings, func(f Finding) bool { return f.Verdict == Pass && f.Detail != "" }) {
		return ""
	}
	for _, c := range slices.Backward(r.Claims) {
		if _, told := r.Seen.Of(c.Code); !told {
			return c.Code
		}
	}
	return ""
}

// failing is the code of the claim that does not hold: the one that the remedy is for, else
// the first. It is empty where the look was barred by what is no claim of this step's, or
// where findings tell it all.
func (r Result) failing() string {
	ours := slices.ContainsFunc(r.Claims, func(c Claim) bool { return c.Code == r.Seen.Remedy.Code })
	_, dark := errors.AsType[*UnansweredError](r.Err)
	switch {
	case r.whole(), dark:
		return ""
	case ours:
		return r.Seen.Remedy.Code
	case r.Seen.Barred, len(r.Claims) == 0, r.toldFailure():
		return ""
	}
	return r.Claims[0].Code
}

// dark reports whether the look was given no answer when it looked at a claim.
func (r Result) dark(code string) bool {
	e, dark := errors.AsType[*UnansweredError](r.Err)
	return dark && (e.Claim == "" || e.Claim == code)
}

func (r Result) toldFailure() bool {
	return slices.ContainsFunc(r.Seen.Findings, func(f Finding) bool { return f.Verdict == Fail })
}

// said is what came of a look that did not end well.
func (r Result) said() string {
	if r.Err != nil {
		return r.Err.Error()
	}
	return waitReason(r.Seen)
}

// lookRemedy is what would let us look, told with a claim that could not be looked at.
func (r Result) lookRemedy() Remedy {
	if _, dark := errors.AsType[*UnansweredError](r.Err); dark || r.Seen.Barred {
		return r.Seen.Remedy
	}
	return Remedy{}
}
