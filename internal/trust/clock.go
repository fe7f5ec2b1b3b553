package trust

import (
	"context"
	"time"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// Google accepts a token whose times are at most about a minute off. Half of that is worth
// a warning.
const (
	skewWarned  = 30 * time.Second
	skewRefused = 60 * time.Second
)

// clock holds the clock of this machine against that of Google's answers. It is the clock
// by which we judge tokens, and where the cluster is, often the cluster's too.
func (t *Trust) clock() pipeline.Step {
	return pipeline.Step{Check: pipeline.Check{
		ID: Clock, Claims: t.claims(Clock),
		Claim: "the clock here and Google's agree",
		Facts: []pipeline.ID{GCPProject},
		Observe: func(context.Context) (pipeline.Observation, error) {
			ahead, known := t.google.Skew()
			if !known {
				return barred("no answer of Google's had a date"), nil
			}
			f := judgeSkew("WIF141", "the clock here", ahead)
			if f.Verdict == pipeline.Fail {
				return blocked(f.Detail, f.Remedy), nil
			}
			return pipeline.Observation{Status: pipeline.Met, Findings: []pipeline.Finding{f}}, nil
		},
	}}
}

// clusterClock holds the cluster's clock, by the time at which it issued a token, against
// Google's. What is off by more than Google takes fails only where Google did not take it.
func (t *Trust) clusterClock(token kube.Token, minted time.Time, exchange error) pipeline.Finding {
	unknown := pipeline.Finding{Code: "WIF604", Verdict: pipeline.Skip, Detail: "the token's age is not known"}
	ahead, known := t.google.Skew()
	c, err := token.Claims()
	if t.pod != nil || !known || err != nil || c.IssuedAt.IsZero() {
		return unknown
	}
	f := judgeSkew("WIF604", "the cluster's clock", c.IssuedAt.Sub(minted.Add(-ahead)))
	if f.Verdict == pipeline.Fail && gcp.ReasonOf(exchange) != gcp.StaleToken {
		f.Verdict = pipeline.Warn
	}
	return f
}

func judgeSkew(code, whose string, ahead time.Duration) pipeline.Finding {
	off := ahead.Abs()
	f := pipeline.Finding{Code: code, Verdict: pipeline.Pass}
	if off <= skewWarned {
		return f
	}
	f.Verdict = pipeline.Warn
	if off > skewRefused {
		f.Verdict = pipeline.Fail
	}
	where := "ahead of"
	if ahead < 0 {
		where = "behind"
	}
	f.Detail = whose + " is " + pipeline.Spell(off) + " " + where + " Google's"
	f.Remedy = remedy(code, "Google refuses tokens whose times are more than a minute off: set the clock by NTP")
	return f
}
