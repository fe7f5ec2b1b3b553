package gcp

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLoginsAreToldWithoutTheirSecrets(t *testing.T) {
	const url = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/reader@acme.iam.gserviceaccount.com:generateAccessToken"
	for _, tc := range []struct {
		name, file string
		want       Login
	}{
		{
			"a person", `{"type":"authorized_user","client_id":"id","client_secret":"s3cret","refresh_token":"s3cret","quota_project_id":"acme-quota"}`,
			Login{Kind: "user", QuotaProject: "acme-quota"},
		},
		{
			"a person whose name gcloud wrote down", `{"type":"authorized_user","account":"me@acme.example","client_id":"id","client_secret":"s3cret","refresh_token":"s3cret"}`,
			Login{Kind: "user", Account: "me@acme.example"},
		},
		{
			"somebody who acts as a service account",
			`{"type":"impersonated_service_account","service_account_impersonation_url":"` + url + `","source_credentials":{"type":"authorized_user","client_id":"id","client_secret":"s3cret","refresh_token":"s3cret"}}`,
			Login{Kind: "impersonated service account", Account: "reader@acme.iam.gserviceaccount.com"},
		},
		{
			"a pod", `{"type":"external_account","audience":"//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q","subject_token_type":"urn:ietf:params:oauth:token-type:jwt","token_url":"https://sts.googleapis.com/v1/token","credential_source":{"file":"/token"},"service_account_impersonation_url":"` + url + `"}`,
			Login{Kind: "federated workload", Provider: "projects/1/locations/global/workloadIdentityPools/p/providers/q", Account: "reader@acme.iam.gserviceaccount.com"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "adc.json")
			write(t, file, tc.file)
			t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
			c, err := New(t.Context(), Options{})
			must(t, err)
			tc.want.File = file
			if diff := cmp.Diff(tc.want, c.Login()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheLoginOfAnAccessTokenIsItsFile(t *testing.T) {
	c, err := New(t.Context(), Options{AccessTokenFile: "/run/token", ImpersonateServiceAccount: "a@acme.iam.gserviceaccount.com", QuotaProject: "acme-quota"})
	must(t, err)
	want := Login{Kind: "access token", File: "/run/token", As: "a@acme.iam.gserviceaccount.com", QuotaProject: "acme-quota"}
	if diff := cmp.Diff(want, c.Login()); diff != "" {
		t.Error(diff)
	}
}
