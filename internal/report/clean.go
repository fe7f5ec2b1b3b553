package report

import (
	"errors"
	"slices"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// clean is a report of which every text is visible. What the texts mean, and what the
// errors are, stays as it was.
func (r Report) clean() Report {
	r.Trust, r.Identity = r.Trust.clean(), r.Identity.clean()
	r.Pipeline.Results = each(r.Pipeline.Results, cleanResult)
	r.Checks = each(r.Checks, cleanJudged)
	r.Err, r.Remedy = visibleLines(r.Err), cleanRemedy(r.Remedy)
	r.Next, r.Undo = Visible(r.Next), Visible(r.Undo)
	r.Recover = each(r.Recover, Visible)
	return r
}

func each[T any](all []T, f func(T) T) []T {
	all = slices.Clone(all)
	for i := range all {
		all[i] = f(all[i])
	}
	return all
}

func (t Trust) clean() Trust {
	for _, s := range []*string{
		&t.Context, &t.Server, &t.Cluster, &t.Issuer, &t.ProjectID, &t.ProjectNumber, &t.Pool, &t.Provider, &t.Audience,
		&t.Principal, &t.Namespace, &t.ServiceAccount, &t.GSA, &t.Bucket,
	} {
		*s = Visible(*s)
	}
	return t
}

func (id *Identity) clean() *Identity {
	if id == nil {
		return nil
	}
	c := *id
	c.Kubernetes.User, c.Kubernetes.Groups = Visible(c.Kubernetes.User), each(c.Kubernetes.Groups, Visible)
	for _, s := range []*string{&c.Google.Kind, &c.Google.Account, &c.Google.File, &c.Google.As, &c.Google.QuotaProject} {
		*s = Visible(*s)
	}
	return &c
}

func cleanResult(res pipeline.Result) pipeline.Result {
	res.Claim, res.Thing, res.Keep = Visible(res.Claim), Visible(res.Thing), Visible(res.Keep)
	res.Seen, res.Err = cleanObservation(res.Seen), cleanErr(res.Err)
	return res
}

func cleanObservation(o pipeline.Observation) pipeline.Observation {
	o.Detail, o.Remedy = Visible(o.Detail), cleanRemedy(o.Remedy)
	o.Diffs, o.Said = each(o.Diffs, cleanDiff), each(o.Said, Visible)
	o.Findings = each(o.Findings, func(f pipeline.Finding) pipeline.Finding {
		f.Detail, f.Remedy = Visible(f.Detail), cleanRemedy(f.Remedy)
		return f
	})
	return o
}

func cleanJudged(j pipeline.Judged) pipeline.Judged {
	j.Text, j.Detail, j.Because = Visible(j.Text), Visible(j.Detail), Visible(j.Because)
	j.Diffs, j.Said = each(j.Diffs, cleanDiff), each(j.Said, Visible)
	j.Remedy = cleanRemedy(j.Remedy)
	return j
}

// cleanDiff leaves the lines of a value apart: each has a sign of its own.
func cleanDiff(d pipeline.Diff) pipeline.Diff {
	return pipeline.Diff{Path: Visible(d.Path), Have: visibleLines(d.Have), Want: visibleLines(d.Want)}
}

func cleanRemedy(r pipeline.Remedy) pipeline.Remedy {
	r.Cause, r.Run, r.See = Visible(r.Cause), each(r.Run, Visible), Visible(r.See)
	return r
}

// visibleError is an error that says what it says visibly.
type visibleError struct{ error }

func (e visibleError) Error() string { return Visible(e.error.Error()) }

func (e visibleError) Unwrap() error { return e.error }

func cleanErr(err error) error {
	var skipped *pipeline.NotRunError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &skipped): // its reason is told alone
		return &pipeline.NotRunError{Why: Visible(skipped.Why)}
	}
	return visibleError{err}
}
