package kube_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/kube"
)

var update = flag.Bool("update", false, "write testdata from what gcloud answers")

const resource = "projects/123456789012/locations/global/workloadIdentityPools/k8s-pool/providers/cks-provider"

// credentialCases are configurations with the golden file that gcloud wrote for
// them, and the flags that it was given.
var credentialCases = map[string]struct {
	config kube.CredentialConfig
	gcloud []string
}{
	"impersonation": {
		config: kube.CredentialConfig{TokenFile: "/var/run/secrets/tokens/gcp/token", Impersonate: "gcs-reader@demo-project.iam.gserviceaccount.com"},
		gcloud: []string{"--credential-source-file=/var/run/secrets/tokens/gcp/token", "--service-account=gcs-reader@demo-project.iam.gserviceaccount.com"},
	},
	"direct": {
		config: kube.CredentialConfig{TokenFile: "/var/run/secrets/tokens/gcp/token"},
		gcloud: []string{"--credential-source-file=/var/run/secrets/tokens/gcp/token"},
	},
	"strange-path": {
		config: kube.CredentialConfig{TokenFile: "/tokens/<a>&\"b\\c'é😀\x7f/token"},
		gcloud: []string{"--credential-source-file=/tokens/<a>&\"b\\c'é😀\x7f/token"},
	},
	"another-universe": {
		config: kube.CredentialConfig{TokenFile: "/token", UniverseDomain: "example.com", Impersonate: "a@b.iam.example.com"},
		gcloud: []string{"--credential-source-file=/token", "--service-account=a@b.iam.example.com"},
	},
}

func golden(name string) string { return filepath.Join("testdata", "credentials", name+".json") }

func TestCredentialFileIsAsGcloudWroteIt(t *testing.T) {
	for name, tc := range credentialCases {
		t.Run(name, func(t *testing.T) {
			want, err := os.ReadFile(golden(name))
			if err != nil {
				t.Fatal(err)
			}
			tc.config.Audience = "//iam.googleapis.com/" + resource
			if diff := cmp.Diff(string(want), string(kube.CredentialFile(tc.config))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestGoldenCredentialFilesAreGclouds asks the gcloud of this machine for the
// golden files. It sends nothing: the command only writes a file.
func TestGoldenCredentialFilesAreGclouds(t *testing.T) {
	gcloud, err := exec.LookPath("gcloud")
	if err != nil {
		t.Skip("gcloud is not installed")
	}
	for name, tc := range credentialCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "cred.json")
			args := append([]string{"iam", "workload-identity-pools", "create-cred-config", resource, "--output-file=" + out}, tc.gcloud...)
			cmd := exec.Command(gcloud, args...)
			cmd.Env = append(os.Environ(), "CLOUDSDK_CONFIG="+t.TempDir(), "PYTHONUTF8=1")
			if tc.config.UniverseDomain != "" {
				cmd.Env = append(cmd.Env, "CLOUDSDK_CORE_UNIVERSE_DOMAIN="+tc.config.UniverseDomain)
			}
			if said, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			got, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(golden(name), got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden(name))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCredentialFileForAnotherEndpoint(t *testing.T) {
	got := string(kube.CredentialFile(kube.CredentialConfig{
		Audience: "//iam.googleapis.com/" + resource, TokenFile: "/token",
		Impersonate: "a@b.iam.gserviceaccount.com", Endpoint: "http://127.0.0.1:8080/",
	}))
	for _, want := range []string{
		`"audience": "//iam.googleapis.com/` + resource + `"`,
		`"token_url": "http://127.0.0.1:8080/v1/token"`,
		`"service_account_impersonation_url": "http://127.0.0.1:8080/v1/projects/-/serviceAccounts/a@b.iam.gserviceaccount.com:generateAccessToken"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}
