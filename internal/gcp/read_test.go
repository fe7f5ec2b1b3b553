package gcp

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	listObjects = "storage.objects.list"
	getObject   = "storage.objects.get"
)

func TestBucketsAreRead(t *testing.T) {
	// The library must not be led elsewhere, least of all without a token.
	t.Setenv("STORAGE_EMULATOR_HOST", "127.0.0.1:1")
	forbidden := storageRefusal(403, "forbidden", "x does not have storage.objects.list access to the Google Cloud Storage bucket. Permission 'storage.objects.list' denied on resource (or it may not exist).")
	inWords := answerTo{
		method: getObject, status: 403, header: http.Header{"Content-Type": {"text/html; charset=UTF-8"}},
		body: "x does not have storage.objects.get access to the Google Cloud Storage object. Permission 'storage.objects.get' denied on resource (or it may not exist).",
	}
	for _, tc := range []struct {
		name    string
		answers []answerTo
		want    Reading
		reason  Reason
	}{
		{"the first object with something in it is read", []answerTo{
			{method: listObjects, body: `{"items":[{"name":"folder/","size":"0"},{"name":"folder/a b.txt","size":"5"},{"name":"z","size":"7"}],"nextPageToken":"more"}`},
			{method: getObject, status: 206, body: "hello", header: http.Header{"Content-Range": {"bytes 0-4/5"}, "Content-Length": {"5"}}},
		}, Reading{Objects: 3, Object: "folder/a b.txt", Bytes: 5}, Unknown},
		{"an object of no bytes is read as well", []answerTo{
			{method: listObjects, body: `{"items":[{"name":"nothing","size":"0"}]}`}, {method: getObject, header: http.Header{"Content-Length": {"0"}}},
		}, Reading{Objects: 1, Object: "nothing"}, Unknown},
		{"an empty bucket can only be listed", []answerTo{{method: listObjects, body: `{"kind":"storage#objects"}`}}, Reading{}, Unknown},
		{"a list that is refused is asked for once", []answerTo{{method: listObjects, status: 403, body: forbidden}}, Reading{}, PermissionDenied},
		{"an object that is refused is named", []answerTo{
			{method: listObjects, body: `{"items":[{"name":"a","size":"5"}]}`}, inWords,
		}, Reading{Objects: 1, Object: "a"}, PermissionDenied},
		{"a bucket that is not there is not found", []answerTo{{method: listObjects, status: 404, body: storageRefusal(404, "notFound", "The specified bucket does not exist.")}}, Reading{}, NotFound},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, s, _ := follow(t, tc.answers...)
			got, err := c.ReadBucket(t.Context(), Token{raw: "ya29.of-the-pod"}, "b")
			if ReasonOf(err) != tc.reason || (err == nil) != (tc.reason == Unknown) {
				t.Errorf("got %v, want reason %q", err, tc.reason)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for _, r := range s.seen {
				if r.URL.Host != "storage.googleapis.com" || r.Header.Get("Authorization") != "Bearer ya29.of-the-pod" || r.Header.Get(quotaHeader) != "" {
					t.Errorf("%s went out as %q", r.URL, r.Header.Get("Authorization"))
				}
			}
		})
	}
}

func TestTokensAreTraded(t *testing.T) {
	expires := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	c, s, _ := follow(t,
		answerTo{method: "sts.token", body: `{"access_token":"ya29.federated","issued_token_type":"urn:ietf:params:oauth:token-type:access_token","token_type":"Bearer","expires_in":3599}`},
		answerTo{method: "iamcredentials.projects.serviceAccounts.generateAccessToken", body: `{"accessToken":"ya29.account","expireTime":"2026-11-23T10:00:00Z"}`})
	federated, err := c.Exchange(t.Context(), "//iam.googleapis.com/"+providerName, "the.subject.token")
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(federated.Expires); left < 3500*time.Second || left > 3599*time.Second {
		t.Errorf("the federated token expires in %s", left)
	}
	account, err := c.Impersonate(t.Context(), federated, someone, 10*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if account.Reveal() != "ya29.account" || !account.Expires.Equal(expires) {
		t.Errorf("got %q until %s", account.Reveal(), account.Expires)
	}
	sameJSON(t, `{"audience":"//iam.googleapis.com/`+providerName+`","grantType":"urn:ietf:params:oauth:grant-type:token-exchange",
		"requestedTokenType":"urn:ietf:params:oauth:token-type:access_token","scope":"https://www.googleapis.com/auth/cloud-platform",
		"subjectToken":"the.subject.token","subjectTokenType":"urn:ietf:params:oauth:token-type:jwt"}`, s.bodies[0])
	sameJSON(t, `{"lifetime":"600s","scope":["https://www.googleapis.com/auth/cloud-platform"]}`, s.bodies[1])
	if got := s.seen[1].Header.Get("Authorization"); got != "Bearer ya29.federated" {
		t.Errorf("impersonated as %q", got)
	}
}
