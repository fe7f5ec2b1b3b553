package report

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// checkedWorld is a verify in which every verdict is found.
func checkedWorld() Report {
	claim := func(code, text string) pipeline.Claim { return pipeline.Claim{Code: code, Text: text} }
	binding := pipeline.Remedy{Code: "WIF511", Cause: "the GSA's policy does not name the workload",
		Run: []string{"gcloud iam service-accounts add-iam-policy-binding gcs-reader@my-project-123.iam.gserviceaccount.com --member=principalSet://x --condition=None"},
		See: "docs/errors.md#wif511"}
	login := pipeline.Remedy{Code: "WIF103", Cause: "the login has expired", Run: []string{"kubectl auth whoami"}, See: "docs/errors.md#wif103"}
	return Report{Command: "verify", Version: "v1.2.3", ExitStatus: 1, Trust: names, Checks: []pipeline.Judged{
		{Claim: claim("WIF101", "the cluster answers"), ID: "kube-access", Verdict: pipeline.Pass, Duration: 12 * time.Millisecond},
		{Claim: claim("WIF201", "namespace foo exists"), ID: "kube-namespace", Barred: true, Because: "may not look: namespaces is forbidden", Remedy: login},
		{Claim: claim("WIF202", "namespace foo is active"), ID: "kube-namespace", Barred: true, Because: "may not look: namespaces is forbidden", Remedy: login},
		{Claim: claim("WIF403", "gcs-reader has no keys that people keep"), ID: "gcp-serviceaccount", Verdict: pipeline.Warn, Detail: "1 key: 5d0b",
			Remedy: pipeline.Remedy{Code: "WIF403", Cause: "whoever has a key is gcs-reader", Run: []string{"gcloud iam service-accounts keys list"}, See: "docs/errors.md#wif403"}},
		{Claim: claim("WIF511", "foo/bar may impersonate gcs-reader"), ID: "gcp-binding", Verdict: pipeline.Fail, Duration: 34 * time.Millisecond,
			Detail: "the role is given to principalSet k8s-pool/attribute.k8s_sa/bar", Remedy: binding},
		{Claim: claim("WIF621", "the federated token becomes gcs-reader"), ID: "proof", Because: "needs WIF511"},
		{Claim: claim("WIF701", "a pod reads the bucket"), ID: "pod", Verdict: pipeline.Pass, Said: []string{"hello", "world"}},
	}}
}

// darkWorld is a verify of which one look was not answered.
func darkWorld() Report {
	r := wellWorld()
	again := pipeline.Remedy{Code: "WIF124", Cause: "such a fault is Google's own: try again", Run: []string{"wifctl verify --project my-project-123"}, See: "docs/errors.md#wif124"}
	const why = "could not look: get pool k8s-pool: unavailable (503 to iam.projects.locations.workloadIdentityPools.get at iam.googleapis.com)"
	for _, c := range []pipeline.Claim{{Code: "WIF301", Text: "pool k8s-pool exists"}, {Code: "WIF302", Text: "pool k8s-pool is not deleted"}} {
		r.Checks = append(r.Checks, pipeline.Judged{Claim: c, ID: "gcp-pool", Dark: true, Because: why, Remedy: again})
	}
	r.ExitStatus = 4
	return r
}

func wellWorld() Report {
	r := checkedWorld()
	r.ExitStatus, r.Checks = 0, []pipeline.Judged{r.Checks[0], r.Checks[6]}
	return r
}

func text(change func(*Text)) func(io.Writer, Report) error {
	return func(w io.Writer, r Report) error {
		t := &Text{Command: r.Command, Out: w, Talk: io.Discard}
		change(t)
		t.Finish(r)
		return nil
	}
}

var formats = map[string]func(io.Writer, Report) error{
	"txt":        text(func(*Text) {}),
	"colour.txt": text(func(t *Text) { t.Colour = true }),
	"short.txt":  text(func(t *Text) { t.Short = true }),
	"quiet.txt":  text(func(t *Text) { t.Quiet = true }),
	"json":       JSON, "junit.xml": JUnit, "github.txt": GitHub, "md": Markdown,
}

// One verify in every format that there is.
func TestWhatAVerifySaysInEveryFormat(t *testing.T) {
	for name, r := range map[string]Report{"verify": checkedWorld(), "verify-well": wellWorld(), "verify-dark": darkWorld()} {
		for format, write := range formats {
			t.Run(name+"."+format, func(t *testing.T) {
				var out bytes.Buffer
				if err := write(&out, r); err != nil {
					t.Fatal(err)
				}
				if !strings.HasPrefix(format, "colour") && bytes.ContainsRune(out.Bytes(), '\x1b') {
					t.Error("an escape sequence")
				}
				golden(t, name+"."+format, out.Bytes())
			})
		}
	}
}

// Where warnings are to fail, a CI system that adds up the failures finds one.
func TestAStrictWarningIsAFailureInJUnit(t *testing.T) {
	r := checkedWorld()
	r.Strict = true
	var out bytes.Buffer
	if err := JUnit(&out, r); err != nil || !strings.Contains(out.String(), `tests="7" failures="2"`) {
		t.Errorf("%v in:\n%s", err, out.String())
	}
}

// What was found may be written by anybody who may write a policy. It ends neither an
// annotation nor a table, and is no markup.
func TestWhatWasFoundIsDataInEveryFormat(t *testing.T) {
	r := wellWorld()
	hostile := "a%\r\n::error title=forged::x | <img src=x> [y](http://z) `code`"
	r.Checks[0].Verdict, r.Checks[0].Detail, r.Checks[0].Said = pipeline.Fail, hostile, []string{"```", "::add-mask::x", hostile}
	r.Checks[0].Text = "a, b: c"
	var annotations, summary bytes.Buffer
	if err := GitHub(&annotations, r); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(annotations.String()), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "::error title=WIF101 a%2C b%3A c::a%25\\r\\n::error title=forged") {
		t.Errorf("annotations:\n%s", annotations.String())
	}
	if err := Markdown(&summary, r); err != nil {
		t.Fatal(err)
	}
	golden(t, "hostile.md", summary.Bytes())
}
