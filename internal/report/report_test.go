package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/pipeline"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file in testdata/golden: what people and machines really see.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("..", "..", "testdata", "golden", name)
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got), go test ./internal/report -update writes it anew:\n%s", name, diff)
	}
}

var names = Trust{
	Context: "prod", Server: "https://prod.k8s.us-east-04a.coreweave.com", Issuer: "https://oidc.cks.coreweave.com/id/1063bce6-6e5b-4b0a-b73a-7e6106b2a77c",
	Cluster: "1063bce6-6e5b-4b0a-b73a-7e6106b2a77c", ProjectID: "my-project-123", ProjectNumber: "123456789012", Pool: "k8s-pool", Provider: "cks-1063bce6",
	Namespace: "foo", ServiceAccount: "bar", GSA: "gcs-reader@my-project-123.iam.gserviceaccount.com", Bucket: "my-bucket",
}

func remedyFor(code string) pipeline.Remedy {
	return pipeline.Remedy{Code: code, Cause: "the GSA exists, but may not read", Run: []string{"gcloud storage buckets add-iam-policy-binding gs://my-bucket"}, See: "docs/errors.md#wif502"}
}

// a result of each kind that a phase can come to.
func met(id pipeline.ID, thing string, out pipeline.Outcome) pipeline.Result {
	return pipeline.Result{ID: id, Claim: string(id) + " is as it should be", Claims: []pipeline.Claim{{Code: "WIF101", Text: string(id) + " is as it should be"}}, Thing: thing, Outcome: out,
		Seen: pipeline.Observation{Status: pipeline.Met}, Planned: pipeline.ActionNone, Duration: 12 * time.Millisecond}
}

func absent(id pipeline.ID) pipeline.Result {
	return pipeline.Result{ID: id, Claim: "gcs-reader may read bucket my-bucket", Claims: []pipeline.Claim{{Code: "WIF502", Text: "gcs-reader may read bucket my-bucket"}}, Thing: "roles/storage.objectViewer on bucket my-bucket", Planned: pipeline.ActionCreate,
		Seen: pipeline.Observation{Status: pipeline.Absent, Remedy: remedyFor("WIF502"),
			Diffs: []pipeline.Diff{{Path: "bindings[roles/storage.objectViewer]", Want: "serviceAccount:gcs-reader@my-project-123.iam.gserviceaccount.com"}}}}
}

func drifted(id pipeline.ID) pipeline.Result {
	return pipeline.Result{ID: id, Claim: "the pool's provider believes the issuer about foo", Claims: []pipeline.Claim{{Code: "WIF311", Text: "the pool's provider believes the issuer about foo"}}, Thing: "the OIDC provider of pool k8s-pool", Planned: pipeline.ActionUpdate,
		Seen: pipeline.Observation{Status: pipeline.Drifted, Detail: "cks-1063bce6 differs in attributeCondition",
			Diffs: []pipeline.Diff{{Path: "attributeCondition", Have: "attribute.k8s_ns in ['web']", Want: "attribute.k8s_ns in ['foo', 'web']"}}}}
}

func failed(id pipeline.ID, out pipeline.Outcome) pipeline.Result {
	res := absent(id)
	res.Err, res.Outcome = errors.New("write policy of bucket my-bucket: storage.buckets.setIamPolicy denied"), out
	return res
}

func notRun(id pipeline.ID, out pipeline.Outcome) pipeline.Result {
	return pipeline.Result{ID: id, Claim: "foo/bar reads my-bucket, and others do not", Claims: []pipeline.Claim{{Code: "WIF601", Text: "foo/bar reads my-bucket, and others do not"}}, Outcome: out, Err: &pipeline.NotRunError{Why: "needs gcs-grant"}}
}

func kept(id pipeline.ID) pipeline.Result {
	res := met(id, "workload identity pool k8s-pool", pipeline.Kept)
	res.Keep = "it holds provider theirs"
	return res
}

func toKeep(id pipeline.ID) pipeline.Result {
	res := kept(id)
	res.Outcome = ""
	return res
}

func gone(id pipeline.ID) pipeline.Result {
	res := met(id, "namespace foo", "")
	res.Seen.Status = pipeline.Absent
	return res
}

// toGo is what a teardown would remove.
func toGo(id pipeline.ID) pipeline.Result {
	res := met(id, "the right of foo/bar to impersonate gcs-reader", "")
	res.Planned = pipeline.ActionRemove
	res.Seen.Diffs = []pipeline.Diff{{Path: "bindings[roles/iam.workloadIdentityUser]", Have: longMember}}
	return res
}

// longMember is as long as members get: it must not be cut.
var longMember = "principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/k8s-pool/attribute.k8s_workload/1063bce6-6e5b-4b0a-b73a-7e6106b2a77c/" +
	strings.Repeat("n", 63) + "/" + strings.Repeat("s", 253)

// rewritten is a file in which one line differs.
func rewritten(id pipeline.ID) pipeline.Result {
	res := drifted(id)
	res.Claim, res.Seen.Detail = "ConfigMap foo/bar-gcp-credentials is right", "its file differs"
	res.Seen.Diffs = []pipeline.Diff{
		{Path: "data[file]", Have: "{\n  \"type\": \"external_account\",\n  \"audience\": \"x\",\n  \"z\": 1\n}\n", Want: "{\n  \"type\": \"external_account\",\n  \"audience\": \"y\",\n  \"z\": 1\n}\n"},
		{Path: "disabled", Have: "true", Want: "false"}, {Path: "oidc.jwksJson", Have: "an uploaded key set"},
	}
	return res
}

// unseen is what could not be looked at, and would be written.
func unseen(id pipeline.ID) pipeline.Result {
	res := absent(id)
	res.Claim, res.Planned = "pool k8s-pool exists and is enabled", pipeline.ActionNone
	res.Seen = pipeline.Observation{Until: "gcp-apis", Detail: "cannot be looked at while iam.googleapis.com is not enabled", Diffs: []pipeline.Diff{{Path: "displayName", Want: "CKS workloads"}}}
	return res
}

func reports() map[string]Report {
	all := someReports()
	for name, r := range all {
		if r.Command == "verify" && r.Checks == nil {
			r.Checks = r.Pipeline.Judge()
			all[name] = r
		}
	}
	return all
}

func someReports() map[string]Report {
	return map[string]Report{
		"setup": {Command: "setup", Trust: names, Next: "wifctl verify --project my-project-123 --bucket my-bucket", Requests: Requests{31, 14, 1},
			Pipeline: pipeline.Report{Results: []pipeline.Result{met("kube-access", "", pipeline.Unchanged), met("gcp-pool", "pool", pipeline.Created), met("gcs-grant", "grant", pipeline.Unchanged)}}},
		"setup-failed": {Command: "setup", ExitStatus: 1, Trust: names, Undo: "wifctl teardown --project my-project-123 --bucket my-bucket",
			Pipeline: pipeline.Report{Results: []pipeline.Result{met("gcp-pool", "pool", pipeline.Restored), failed("gcs-grant", pipeline.Failed), notRun("proof", pipeline.Skipped)}}},
		"setup-interrupted": {Command: "setup", ExitStatus: 130, Trust: names,
			Pipeline: pipeline.Report{Interrupted: true, Results: []pipeline.Result{met("gcp-pool", "pool", pipeline.Created), notRun("proof", pipeline.Skipped)}}},
		"setup-dry-run": {Command: "setup", DryRun: true, Trust: names,
			Pipeline: pipeline.Report{Results: []pipeline.Result{met("kube-access", "", ""), drifted("gcp-provider"), absent("gcs-grant"), rewritten("kube-credentials"), unseen("gcp-pool"), notRun("proof", "")}}},
		"teardown-dry-run": {Command: "teardown", DryRun: true, Trust: names, Next: "wifctl teardown --project my-project-123 --bucket my-bucket",
			Pipeline: pipeline.Report{Results: []pipeline.Result{met("kube-access", "", ""), gone("kube-namespace"), toKeep("gcp-pool"), toGo("gcp-binding")}}},
		"plan": {Command: "plan", Trust: names, Next: "wifctl setup --project my-project-123 --bucket my-bucket",
			Pipeline: pipeline.Report{Results: []pipeline.Result{met("kube-access", "", ""), drifted("gcp-provider"), absent("gcs-grant"), notRun("proof", "")}}},
		"verify-failed": {Command: "verify", ExitStatus: 1, Trust: names,
			Pipeline: pipeline.Report{Results: []pipeline.Result{met("kube-access", "", ""), absent("gcs-grant"), notRun("proof", "")}}},
		"teardown": {Command: "teardown", ExitStatus: 1, Trust: names, Recover: []string{"gcloud storage buckets remove-iam-policy-binding gs://my-bucket"},
			Pipeline: pipeline.Report{Results: []pipeline.Result{met("kube-access", "", ""), kept("gcp-pool"), failed("gcs-grant", pipeline.Failed), met("gcp-binding", "leave to impersonate", pipeline.Removed)}}},
		"refused-input": {Command: "setup", ExitStatus: 2, Err: "--bucket is required: the bucket that the pods read", Remedy: pipeline.Remedy{Run: []string{"wifctl setup --help"}}},
	}
}

func TestWhatPeopleSee(t *testing.T) {
	for name, r := range reports() {
		t.Run(name, func(t *testing.T) {
			var both bytes.Buffer
			text := &Text{Command: r.use(), Out: &both, Talk: &both}
			if r.Err == "" {
				text.Header(r.Trust)
			}
			text.Finish(r)
			golden(t, name+".txt", both.Bytes())
		})
	}
}

func TestWhatMachinesSee(t *testing.T) {
	for name, r := range reports() {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := JSON(&out, r); err != nil {
				t.Fatal(err)
			}
			var one map[string]any
			if err := json.Unmarshal(out.Bytes(), &one); err != nil {
				t.Fatalf("not one object: %v", err)
			}
			golden(t, name+".json", out.Bytes())
		})
	}
}

func TestColourOnlyOnATerminal(t *testing.T) {
	var plain, coloured bytes.Buffer
	r := reports()["setup-failed"]
	(&Text{Command: r.Command, Out: &plain, Talk: &plain}).Finish(r)
	(&Text{Command: r.Command, Out: &coloured, Talk: &coloured, Colour: true}).Finish(r)
	if bytes.ContainsRune(plain.Bytes(), '\x1b') {
		t.Errorf("an escape sequence without a terminal:\n%q", plain.String())
	}
	golden(t, "setup-failed-colour.txt", coloured.Bytes())
	var plan bytes.Buffer
	(&Text{Command: "plan", Out: &plan, Talk: io.Discard, Colour: true}).Finish(reports()["setup-dry-run"])
	golden(t, "plan-colour.txt", plan.Bytes())
}

func TestQuietSaysNothingWhenAllIsWell(t *testing.T) {
	var out bytes.Buffer
	r := reports()["setup"]
	text := &Text{Command: r.Command, Out: &out, Talk: &out, Quiet: true}
	text.Header(r.Trust)
	for _, res := range r.Pipeline.Results {
		text.Event(pipeline.Event{Kind: pipeline.Finished, ID: res.ID, Result: res})
	}
	text.Finish(r)
	if out.Len() != 0 {
		t.Errorf("said:\n%s", out.String())
	}
}

// On a log a wait is told when it lasts, and again now and then; on a terminal one line is
// written over and over, and taken away in the end.
func TestWaitsAreTold(t *testing.T) {
	waits := func(text *Text) {
		for _, at := range []time.Duration{0, 500 * time.Millisecond, 2 * time.Second, 10 * time.Second, 40 * time.Second} {
			text.Event(pipeline.Event{Kind: pipeline.Waiting, ID: "gcp-serviceaccount", Wait: pipeline.Wait{For: "not visible yet", Elapsed: at, Bound: 3 * time.Minute}})
		}
		text.Event(pipeline.Event{Kind: pipeline.Finished, ID: "gcp-serviceaccount", Result: met("gcp-serviceaccount", "GSA", pipeline.Created)})
	}
	var log, screen bytes.Buffer
	waits(&Text{Command: "setup", Out: &log, Talk: &log})
	waits(&Text{Command: "setup", Out: &screen, Talk: &screen, Watched: true})
	golden(t, "wait-log.txt", log.Bytes())
	golden(t, "wait-screen.txt", screen.Bytes())
}
