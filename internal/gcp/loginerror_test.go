package gcp

import (
	"errors"
	"io/fs"
	"testing"
)

// Google's library has no type for what refuses a federated login, so its words are read.
func TestRefusedFederatedLogins(t *testing.T) {
	login := Login{Kind: "federated workload", Account: "ci@acme.iam.gserviceaccount.com", Provider: "projects/1/locations/global/workloadIdentityPools/github/providers/jobs"}
	for _, tc := range []struct {
		name, err string
		reason    Reason
		want      string
	}{
		{
			"STS", `credentials: status code 400: {"error":"invalid_target","error_description":"The target service indicated by the \"audience\" parameters is invalid."}`,
			NotLoggedIn, `exchange the login's own token at projects/1/locations/global/workloadIdentityPools/github/providers/jobs: not logged in: The target service indicated by the "audience" parameters is invalid.`,
		},
		{
			"impersonation", `credentials: status code 403: {"error":{"code":403,"message":"Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).","status":"PERMISSION_DENIED"}}`,
			NotLoggedIn, "act as ci@acme.iam.gserviceaccount.com: not logged in: Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).",
		},
		{
			"the job's own token", "credentials: status code 401: not this job\neyJhbGciOi.eyJpc3Mi.c2ln",
			NotLoggedIn, "get the login's own token: not logged in: not this job " + redacted,
		},
		{
			"an API that is off", `credentials: status code 403: {"error":{"code":403,"message":"IAM Service Account Credentials API has not been used in project 1 before or it is disabled.","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"SERVICE_DISABLED","domain":"googleapis.com","metadata":{"consumer":"projects/1","service":"iamcredentials.googleapis.com"}}]}}`,
			NotLoggedIn, "log in to Google Cloud: not logged in: iamcredentials.googleapis.com is not enabled in project 1",
		},
		{"an outage", `credentials: status code 503: {"error":{"code":503,"message":"try later","status":"UNAVAILABLE"}}`, Unavailable, "log in to Google Cloud: unavailable: try later"},
		{"too much", `credentials: status code 429: slowly`, RateLimited, "log in to Google Cloud: rate limited: slowly"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := login.refused(errors.New(tc.err))
			if ReasonOf(got) != tc.reason || got.Error() != tc.want {
				t.Errorf("got %v %q\nwant %v %q", ReasonOf(got), got, tc.reason, tc.want)
			}
		})
	}
}

// A login that is there, and whose token is not, is no lack of a login.
func TestALoginWithoutItsTokenIsNotNone(t *testing.T) {
	err := &fs.PathError{Op: "open", Path: "/tmp/job-token", Err: fs.ErrNotExist}
	if got := (Login{}).refused(err); ReasonOf(got) != NotLoggedIn {
		t.Errorf("%v: %v", ReasonOf(got), got)
	}
}
