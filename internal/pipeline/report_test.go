package pipeline

// OK reports whether every claim is true and nothing failed.
func (r Report) OK() bool {
	for _, res := range r.Results {
		if res.Err != nil || res.Seen.Status != Met {
			return false
		}
	}
	return !r.Interrupted
}

// Of gives the result of one step; its zero value where there is none.
func (r Report) Of(id ID) Result {
	for _, res := range r.Results {
		if res.ID == id {
			return res
		}
	}
	return Result{}
}
