package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// clusterKey signs for a cluster whose keys are uploaded, so that nobody fetches them.
type clusterKey struct{ jose.JSONWebKey }

func newClusterKey(t *testing.T) clusterKey {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return clusterKey{jose.JSONWebKey{Key: private, KeyID: "k", Algorithm: "ES256", Use: "sig"}}
}

func (k clusterKey) jwks(t *testing.T) string {
	t.Helper()
	text, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{k.Public()}})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (k clusterKey) token(t *testing.T, audience string) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: k.JSONWebKey}, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	text, err := jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: "https://cluster.example", Subject: "system:serviceaccount:foo:bar", Audience: jwt.Audience{audience},
		IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(time.Hour)),
	}).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

const (
	statePool     = "projects/123456789012/locations/global/workloadIdentityPools/k8s-pool"
	stateProvider = statePool + "/providers/cks-one"
	stateMember   = "principal://iam.googleapis.com/" + statePool + "/subject/system:serviceaccount:foo:bar"
)

// makeTrust lets the cluster's foo/bar read demo-bucket, with no service account between.
func (e *emulation) makeTrust(k clusterKey) {
	e.t.Helper()
	provider, err := json.Marshal(map[string]any{
		"attributeMapping": map[string]string{"google.subject": "assertion.sub"},
		"oidc":             map[string]string{"issuerUri": "https://cluster.example", "jwksJson": k.jwks(e.t)},
	})
	if err != nil {
		e.t.Fatal(err)
	}
	e.must(enableAll,
		"POST /v1/"+strings.TrimSuffix(statePool, "/k8s-pool")+"?workloadIdentityPoolId=k8s-pool {}",
		"POST /v1/"+statePool+"/providers?workloadIdentityPoolProviderId=cks-one "+string(provider),
		`PUT /storage/v1/b/demo-bucket/iam {"bindings":[{"role":"roles/storage.admin","members":["user:operator@example.com"]},`+
			`{"role":"roles/storage.objectViewer","members":["`+stateMember+`"]}]}`)
}

// readAsPod exchanges a token of the cluster and reads the object with what it gets.
func (e *emulation) readAsPod(k clusterKey) (status int, text string) {
	e.t.Helper()
	form := url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "audience": {"//iam.googleapis.com/" + stateProvider},
		"scope": {"https://www.googleapis.com/auth/cloud-platform"}, "requested_token_type": {"urn:ietf:params:oauth:token-type:access_token"},
		"subject_token_type": {"urn:ietf:params:oauth:token-type:jwt"}, "subject_token": {k.token(e.t, "https://iam.googleapis.com/"+stateProvider)},
	}
	// The grant comes first: it is how askAs knows a form.
	body := "grant_type=" + url.QueryEscape(form.Get("grant_type"))
	form.Del("grant_type")
	status, text = e.askAs("", "POST /v1/token "+body+"&"+form.Encode())
	if status != http.StatusOK {
		return status, text
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		e.t.Fatal(err)
	}
	return e.askAs(answer.Token, "GET /storage/v1/b/demo-bucket/o/hello.txt?alt=media")
}

func TestEmulatorKeepsATrustOverARestart(t *testing.T) {
	file, key := filepath.Join(t.TempDir(), "state.json"), newClusterKey(t)
	args := []string{"--state", file, "--bucket", "demo-bucket"}
	first := emulate(t, args...)
	first.makeTrust(key)
	if status, text := first.readAsPod(key); status != http.StatusOK {
		t.Fatalf("before: %d %s", status, text)
	}
	if status := first.stop(); status != exitOK {
		t.Fatalf("exit status %d:\n%s", status, first.talk.String())
	}

	second := emulate(t, args...)
	if status, text := second.readAsPod(key); status != http.StatusOK || text != "Hello from demo-bucket\n" {
		t.Errorf("after: %d %s", status, text)
	}
	old := first.env["CLOUDSDK_AUTH_ACCESS_TOKEN"]
	if status, text := second.askAs(old, getProject); status != http.StatusUnauthorized {
		t.Errorf("the first run's operator token: %d %s, want 401", status, text)
	}
	saved := fileText(t, file)
	if status := second.stop(); status != exitOK {
		t.Fatalf("exit status %d:\n%s", status, second.talk.String())
	}
	if again := fileText(t, file); again != saved {
		t.Errorf("a run that changed nothing wrote another file:\n%s\nbefore:\n%s", again, saved)
	}
}

func TestEmulatorSavesWhenAsked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	e := emulate(t, "--state", file)
	e.must(enableAll, makeAccount, "POST /_emulator/save")
	if saved := fileText(t, file); !strings.Contains(saved, "gcs-reader@demo-project.iam.gserviceaccount.com") {
		t.Errorf("saved: %s", saved)
	}
}

func TestEmulatorSaysThatItCouldNotSave(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	e := emulate(t, "--state", filepath.Join(dir, "state.json"))
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if status := e.stop(); status != exitFailed || !strings.Contains(e.talk.String(), "state file "+dir) {
		t.Errorf("exit status %d, want 1 and the file's name:\n%s", status, e.talk.String())
	}
}

func fileText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
