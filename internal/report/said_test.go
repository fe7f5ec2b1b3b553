package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// A log is told whether the check passed or failed, in every format.
func TestWhatAThingSaidIsTold(t *testing.T) {
	passed := met("pod", "", "")
	passed.Seen.Said = []string{"listed gs://my-bucket: <hello.txt>", "read 23 bytes of it"}
	failed := absent("pod-2")
	failed.Seen.Said = []string{"ERROR: 403"}
	r := Report{Command: "verify", Pipeline: pipeline.Report{Results: []pipeline.Result{passed, failed}}}
	r.Checks = r.Pipeline.Judge()
	var text, object, suite bytes.Buffer
	(&Text{Command: "verify", Out: &text, Talk: &text}).Finish(r)
	if err := JSON(&object, r); err != nil {
		t.Fatal(err)
	}
	if err := JUnit(&suite, r); err != nil {
		t.Fatal(err)
	}
	for format, c := range map[string]struct{ got, want string }{
		"text":               {text.String(), "      | listed gs://my-bucket: <hello.txt>\n      | read 23 bytes of it\n"},
		"text of a failure":  {text.String(), "      | ERROR: 403\n      the GSA exists, but may not read\n"},
		"json":               {object.String(), `"read 23 bytes of it"`},
		"json of a failure":  {object.String(), `"ERROR: 403"`},
		"junit":              {suite.String(), "<system-out>listed gs://my-bucket: &lt;hello.txt&gt;&#xA;read 23 bytes of it</system-out>"},
		"junit of a failure": {suite.String(), "<system-out>ERROR: 403</system-out>"},
	} {
		if !strings.Contains(c.got, c.want) {
			t.Errorf("%s: %q is not in\n%s", format, c.want, c.got)
		}
	}
}
