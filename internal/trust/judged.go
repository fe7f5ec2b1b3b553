package trust

import (
	"slices"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// Judge tells of every claim whether it holds. Where the bucket is not there either, the setup
// that mends something else is told to make it: without a bucket setup changes nothing.
func (t *Trust) Judge(looked pipeline.Report) []pipeline.Judged {
	all := looked.Judge()
	if !t.facts.bucketAbsent {
		return all
	}
	plain, whole := t.wifctl("setup"), t.wifctl("setup", makesBucket...)
	for i, j := range all {
		if at := slices.Index(j.Remedy.Run, plain); at >= 0 {
			all[i].Remedy.Run = slices.Clone(j.Remedy.Run)
			all[i].Remedy.Run[at] = whole
		}
	}
	return all
}
