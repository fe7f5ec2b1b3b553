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
	verdicts := make(map[string]Verdict)
	for _, res := range r.Results {
		for i, c := range res.Claims {
			j := res.judge(c, verdicts)
			if i == 0 {
				j.Duration = res.Duration
			}
			verdicts[c.Code] = j.Verdict
			out = append(out, j)
		}
	}
	return out
}

func (r Result) judge(c Claim, before map[string]Verdict) Judged {
	j := Judged{Claim: c, ID: r.ID}
	if f, told := r.Seen.Of(c.Code); told {
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
		j.Because, j.Barred, j.Excused, j.Remedy = why, r.Seen.Barred, r.Seen.Excused, r.barredRemedy()
	case r.whole(), r.failing() != c.Code:
		j.Verdict = Pass
		if r.whole() && c.Code == r.Claims[len(r.Claims)-1].Code { // the whole is true then
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
func (r Result) unjudged(c Claim, before map[string]Verdict) (why string, skipped bool) {
	var notRun *NotRunError
	need := func(v Verdict) string {
		i := slices.IndexFunc(c.Needs, func(code string) bool { return before[code] == v })
		if i < 0 {
			return ""
		}
		return c.Needs[i]
	}
	switch {
	case errors.As(r.Err, &notRun):
		return notRun.Why, true
	case r.whole():
		return "", false
	case need(Fail) != "":
		return "needs " + need(Fail), true
	case r.Err == nil && r.Seen.Status == Unknown, r.Seen.Barred && r.failing() == "":
		return r.said(), true
	case need(Skip) != "" && r.failing() != c.Code:
		return "needs " + need(Skip), true
	}
	return "", false
}

// whole reports whether all that the step claims is true.
func (r Result) whole() bool { return r.Err == nil && r.Seen.Status == Met }

// failing is the code of the claim that does not hold: the one that the remedy is for, else
// the first. It is empty where the look was barred by what is no claim of this step's, or
// where findings tell it all.
func (r Result) failing() string {
	ours := slices.ContainsFunc(r.Claims, func(c Claim) bool { return c.Code == r.Seen.Remedy.Code })
	switch {
	case r.whole():
		return ""
	case ours:
		return r.Seen.Remedy.Code
	case r.Seen.Barred, len(r.Claims) == 0, r.toldFailure():
		return ""
	}
	return r.Claims[0].Code
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

// barredRemedy is what would let us look, told with a claim that could not be looked at.
func (r Result) barredRemedy() Remedy {
	if r.Seen.Barred {
		return r.Seen.Remedy
	}
	return Remedy{}
}
