package emulator

import (
	"regexp"
	"strings"
)

// projectFilter is what a list of projects is narrowed by: all of its terms are true
// (docs.cloud.google.com/resource-manager/reference/rest/v1/projects/list).
//
// not modelled: filters by labels and by parent, with OR, NOT or != in them.
type projectFilter []projectTerm

// projectTerm compares one field. A star at the end of what is wanted stands for anything.
type projectTerm struct{ field, operator, want string }

// projectTermForm also takes the spellings that gcloud sends, which writes the field that
// it shows as projectId as id, puts what it was given in parentheses and values in quotes.
var projectTermForm = regexp.MustCompile(`(?i)^(id|projectId|name|projectNumber|lifecycleState)\s*([:=])\s*"?([a-z0-9_*-]+)"?$`)

func parseProjectFilter(text string) (projectFilter, error) {
	var filter projectFilter
	for term := range strings.SplitSeq(text, " AND ") {
		term = strings.TrimSpace(term)
		for strings.HasPrefix(term, "(") && strings.HasSuffix(term, ")") {
			term = strings.TrimSpace(term[1 : len(term)-1])
		}
		m := projectTermForm.FindStringSubmatch(term)
		switch {
		case term == "":
		case m == nil:
			return nil, notModelled("filter %q", text)
		default:
			filter = append(filter, projectTerm{strings.ToLower(m[1]), m[2], strings.ToLower(m[3])})
		}
	}
	return filter, nil
}

func (f projectFilter) matches(p projectDoc) bool {
	fields := map[string]string{"id": p.ID, "projectid": p.ID, "name": p.Name, "projectnumber": p.Number, "lifecyclestate": p.State}
	for _, t := range f {
		if !t.matches(strings.ToLower(fields[t.field])) {
			return false
		}
	}
	return true
}

// matches compares without regard to case; a colon is content with a part.
func (t projectTerm) matches(have string) bool {
	start, open := strings.CutSuffix(t.want, "*")
	switch {
	case open:
		return strings.HasPrefix(have, start)
	case t.operator == ":":
		return strings.Contains(have, t.want)
	}
	return have == t.want
}
