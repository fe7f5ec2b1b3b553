package gcp

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCredentialsThatAreMissing(t *testing.T) {
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", filepath.Join(t.TempDir(), "none.json"))
	_, err := New(t.Context(), Options{})
	if ReasonOf(err) != NoCredentials || !strings.Contains(err.Error(), "none.json") {
		t.Errorf("got %v", err)
	}
}

func TestTheTokenFileIsReadForEachRequest(t *testing.T) {
	path := tokenFile(t)
	s := &script{t: t, answers: []answerTo{{method: getAccount, body: "{}"}, {method: getAccount, body: "{}"}}}
	c, err := New(t.Context(), Options{AccessTokenFile: path, Transport: memory{s}})
	if err != nil {
		t.Fatal(err)
	}
	get := func() error { _, _, err := c.ServiceAccount(t.Context(), "acme", someone); return err }
	for _, content := range []string{"first\n", "  second  "} {
		write(t, path, content)
		if err := get(); err != nil {
			t.Fatal(err)
		}
	}
	got := []string{s.seen[0].Header.Get("Authorization"), s.seen[1].Header.Get("Authorization")}
	if diff := cmp.Diff([]string{"Bearer first", "Bearer second"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, content := range []string{"", "two tokens", "a\nb"} {
		write(t, path, content)
		if err := get(); !is(err, NoCredentials) {
			t.Errorf("%q: got %v, want no credentials", content, err)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := get(); !is(err, NoCredentials) {
		t.Errorf("got %v, want no credentials", err)
	}
}

func TestLoginsThatDoNotWork(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		status     int
		want       Reason
	}{
		{"an expired login", `{"error":"invalid_grant","error_description":"Token has been expired or revoked."}`, 400, LoginExpired},
		{"a login that must be renewed", `{"error":"invalid_grant","error_description":"reauth related error (invalid_rapt)","error_subtype":"invalid_rapt"}`, 400, LoginExpired},
		{"a login that is not accepted", `{"error":"unauthorized_client"}`, 401, NotLoggedIn},
	} {
		t.Run(tc.name, func(t *testing.T) {
			logins := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(tc.status)
				fmt.Fprint(w, tc.body)
			}))
			defer logins.Close()
			t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", keyFile(t, logins.URL))
			c, err := New(t.Context(), Options{Transport: memory{&script{t: t}}})
			if err != nil {
				t.Fatal(err)
			}
			if got := c.DefaultProject(); got != "acme-prod" {
				t.Errorf("default project: got %q", got)
			}
			_, _, err = c.ServiceAccount(t.Context(), "acme", someone)
			if ReasonOf(err) != tc.want {
				t.Errorf("got %v, want reason %q", err, tc.want)
			}
		})
	}
}

func TestImpersonationIsAskedForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const generate = "iamcredentials.projects.serviceAccounts.generateAccessToken"
		s := &script{t: t, answers: []answerTo{
			{method: generate, body: `{"accessToken":"ya29.of-the-account","expireTime":"` + time.Now().Add(time.Hour).Format(time.RFC3339) + `"}`},
			{method: getAccount, body: "{}"}, {method: getAccount, body: "{}"},
			{method: generate, status: 403, body: refusal(403, "PERMISSION_DENIED", "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).")},
		}}
		c, err := New(t.Context(), Options{AccessTokenFile: tokenFile(t), ImpersonateServiceAccount: someone, Transport: memory{s}})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, _, err := c.ServiceAccount(t.Context(), "acme", someone); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, r := range s.seen {
			got = append(got, r.Header.Get("Authorization"))
		}
		want := []string{"Bearer " + userToken, "Bearer ya29.of-the-account", "Bearer ya29.of-the-account"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		<-time.After(2 * time.Hour) // in fake time: the token is out of date
		_, _, err = c.ServiceAccount(t.Context(), "acme", someone)
		if e, ok := errors.AsType[*Error](err); !ok || e.Op != "impersonate service account" || e.Reason != PermissionDenied {
			t.Errorf("got %v, want the refusal of the impersonation", err)
		}
	})
}

// keyFile is a service account's key that asks for its tokens at one URL.
func keyFile(t *testing.T, tokenURL string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "acme-prod", "private_key_id": "1", "client_email": someone, "token_uri": tokenURL,
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key.json")
	write(t, path, string(b))
	return path
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
