package trust

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/gcp/emulator"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// What keeps the GSA from a bucket of another project is a deny policy of that project.
func TestADenyPolicyOfTheBucketsProject(t *testing.T) {
	const theirs = "500600700800"
	for made, named := range map[string]bool{"their-project": true, "my-project-123": false} {
		tr := known()
		tr.purpose, tr.facts.grantSeen = ToVerify, true
		google, err := emulator.New(emulator.Options{
			Projects: []emulator.Project{{ID: "their-project", Number: theirs}, {ID: "my-project-123", Number: number}},
			Buckets:  []string{tr.w.Bucket}, OperatorToken: "t", OperatorRoles: []string{"roles/owner", "roles/iam.denyAdmin"},
		})
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(google)
		t.Cleanup(server.Close)
		enableIAM(t, server.URL, "their-project", "my-project-123")
		post(t, server.URL+"/v2/policies/cloudresourcemanager.googleapis.com%2Fprojects%2F"+made+"/denypolicies?policyId=no-objects",
			fmt.Sprintf(`{"rules":[{"denyRule":{"deniedPrincipals":[%q],"deniedPermissions":["storage.googleapis.com/objects.get"]}}]}`, everybody))
		tr.google = googleAt(t, server.URL)
		obs := tr.laidToDenial(t.Context(), "WIF631", &gcp.Error{Reason: gcp.PermissionDenied}, pipeline.Observation{Pending: true})
		there := strings.Contains(strings.Join(obs.Remedy.Run, " "), "cloudresourcemanager.googleapis.com/projects/"+theirs+" ")
		if there != named || obs.Pending == named {
			t.Errorf("a deny policy of %s: got %+v", made, obs)
		}
	}
}

// What may not be the cause is mentioned, and is no reason not to wait.
func TestADenyPolicyThatMayNotBeTheCause(t *testing.T) {
	const ours = `"deniedPrincipals":["principalSet://goog/public:all"],"deniedPermissions":["storage.googleapis.com/objects.*"]`
	for _, tc := range []struct {
		name, rule, cause string
		pending           bool
	}{
		{"it is", ours, "denies this", false},
		{"under a condition", ours + `,"denialCondition":{"expression":"resource.matchTag('1/env', 'prod')"}`, "whether deny policy some means us can't be looked at", true},
		{"but for a group", ours + `,"exceptionPrincipals":["principalSet://goog/group/readers@example.com"]`, "whether deny policy some means us can't be looked at", true},
		{"but for a user", ours + `,"exceptionPrincipals":["principal://goog/subject/ann@example.com"]`, "denies this", false},
		{"but for workloads", ours + `,"exceptionPrincipals":["principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/*"]`, "denies this", false},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case strings.HasSuffix(r.URL.Path, "/denypolicies"):
				_, _ = w.Write([]byte(`{"policies":[{"name":"policies/x/denypolicies/some"}]}`))
			case strings.HasSuffix(r.URL.Path, "/some"):
				_, _ = w.Write([]byte(`{"rules":[{"denyRule":{` + tc.rule + `}}]}`))
			default:
				http.NotFound(w, r)
			}
		}))
		t.Cleanup(server.Close)
		tr := known()
		tr.facts.grantSeen = true
		tr.google = googleAt(t, server.URL)
		obs := tr.laidToDenial(t.Context(), "WIF631", &gcp.Error{Reason: gcp.PermissionDenied}, pipeline.Observation{Pending: true})
		if obs.Pending != tc.pending || !strings.Contains(strings.ReplaceAll(obs.Remedy.Cause, " of the project", ""), tc.cause) {
			t.Errorf("%s: got pending %t, %q", tc.name, obs.Pending, obs.Remedy.Cause)
		}
		if run := strings.Join(obs.Remedy.Run, "\n"); !strings.Contains(run, "gcloud iam policies ") {
			t.Errorf("%s: got the commands %q", tc.name, run)
		}
	}
}

// googleAt is a client with a login.
func googleAt(t *testing.T, base string) *gcp.Client {
	t.Helper()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("t"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := gcp.New(t.Context(), gcp.Options{Endpoint: base, AccessTokenFile: token})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func enableIAM(t *testing.T, base string, projects ...string) {
	t.Helper()
	for _, p := range projects {
		post(t, base+"/v1/projects/"+p+"/services/iam.googleapis.com:enable", "{}")
	}
}

func post(t *testing.T, url, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer t")
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", url, resp.Status)
	}
}
