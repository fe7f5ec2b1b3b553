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
		token := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(token, []byte("t"), 0o600); err != nil {
			t.Fatal(err)
		}
		if tr.google, err = gcp.New(t.Context(), gcp.Options{Endpoint: server.URL, AccessTokenFile: token}); err != nil {
			t.Fatal(err)
		}
		obs := tr.laidToDenial(t.Context(), "WIF631", &gcp.Error{Reason: gcp.PermissionDenied}, pipeline.Observation{Pending: true})
		there := strings.Contains(strings.Join(obs.Remedy.Run, " "), "cloudresourcemanager.googleapis.com/projects/"+theirs+" ")
		if there != named || obs.Pending == named {
			t.Errorf("a deny policy of %s: got %+v", made, obs)
		}
	}
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
