package report

import "github.com/wifctl/wifctl/internal/pipeline"

// What nobody answered is skipped, and still keeps a verify from saying that all is well. A
// format in which skipped checks go unseen tells each cause once, as the trouble that it is.

// firstInTheDark reports of each claim, by its code, whether it is the first that could not
// be looked at for its cause.
func firstInTheDark(all []pipeline.Judged) map[string]bool {
	first, told := make(map[string]bool), make(map[string]bool)
	for _, j := range all {
		if j.Dark && !told[j.Because] {
			told[j.Because], first[j.Code] = true, true
		}
	}
	return first
}

// darkLines are what a person reads of a check that nobody answered.
func darkLines(j pipeline.Judged) []string {
	return append([]string{j.Because}, remedyLines(j.Remedy)...)
}
