package main

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/rogpeppe/go-internal/testscript"
)

// A ciHost stands in for GitHub or GitLab: the issuer of its jobs' tokens, as docs/ci.md names
// it, and what it says of one job.
//
// https://docs.github.com/en/actions/reference/security/oidc,
// https://docs.gitlab.com/ci/secrets/id_token_authentication/
type ciHost struct {
	issuer string
	pool   string
	claims map[string]any
}

var ciHosts = map[string]ciHost{
	"github": {"https://token.actions.githubusercontent.com", "github", map[string]any{
		"sub": "repo:my-org/my-repo:ref:refs/heads/main", "repository": "my-org/my-repo", "repository_id": "7654321",
		"repository_owner": "my-org", "repository_owner_id": "1234567", "ref": "refs/heads/main", "event_name": "schedule",
	}},
	"gitlab": {"https://gitlab.com", "gitlab", map[string]any{
		"sub": "project_path:my-group/my-project:ref_type:branch:ref:main", "project_path": "my-group/my-project", "project_id": "7654321",
		"namespace_id": "1234567", "ref": "main", "ref_type": "branch", "ref_protected": "true",
	}},
}

// ciKey signs the tokens of jobs.
var ciKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// ciIssuers answers for the issuers of jobs' tokens, which are addresses on the internet.
type ciIssuers struct{ next http.RoundTripper }

func (i ciIssuers) RoundTrip(r *http.Request) (*http.Response, error) {
	issuer := "https://" + r.URL.Host
	for _, h := range ciHosts {
		if h.issuer != issuer {
			continue
		}
		key, err := ciKey()
		if err != nil {
			return nil, err
		}
		var document any = map[string]string{"issuer": issuer, "jwks_uri": issuer + "/jwks"}
		if r.URL.Path == "/jwks" {
			document = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "ci", Algorithm: "RS256", Use: "sig"}}}
		}
		body, err := json.Marshal(document)
		return &http.Response{
			StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(string(body))),
		}, err
	}
	return i.next.RoundTrip(r)
}

// token is what the host gives a job for an audience.
func (h ciHost) token(audience string) (string, error) {
	key, err := ciKey()
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "ci"}}, nil)
	if err != nil {
		return "", err
	}
	now := time.Now()
	claims := jwt.Claims{Issuer: h.issuer, Audience: jwt.Audience{audience}, IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(5 * time.Minute))}
	return jwt.Signed(signer).Claims(h.claims).Claims(claims).Serialize()
}

// ci-login github|gitlab [CLAIM=VALUE] makes this the job of docs/ci.md, whose token may have
// another claim: no login but that of the job, in the credential file that there is one for.
func cmdCILogin(ts *testscript.TestScript, _ bool, args []string) {
	host := ciHosts[args[0]]
	for _, other := range args[1:] {
		name, value, _ := strings.Cut(other, "=")
		host.claims = maps.Clone(host.claims)
		host.claims[name] = value
	}
	file := map[string]any{
		"universe_domain": "googleapis.com", "type": "external_account",
		"audience":                          "//iam.googleapis.com/" + ts.Getenv("WI") + "/" + host.pool + "/providers/jobs",
		"subject_token_type":                "urn:ietf:params:oauth:token-type:jwt",
		"token_url":                         ts.Getenv("WIFCTL_GCP_ENDPOINT") + "/v1/token",
		"service_account_impersonation_url": ts.Getenv("WIFCTL_GCP_ENDPOINT") + "/v1/projects/-/serviceAccounts/ci-verify@" + storyProject + ".iam.gserviceaccount.com:generateAccessToken",
	}
	if args[0] == "github" {
		file["credential_source"] = askedFor(ts, host)
	} else {
		file["credential_source"] = lyingIn(ts, host)
	}
	raw, err := json.Marshal(file)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("login.json"), raw, 0o600))
	ts.Setenv("GOOGLE_APPLICATION_CREDENTIALS", ts.MkAbs("login.json"))
	ts.Setenv("WIFCTL_ACCESS_TOKEN_FILE", "")
}

// askedFor is a token as GitHub's runner gives it, to whoever has the job's request token; the
// file is as google-github-actions/auth writes it.
func askedFor(ts *testscript.TestScript, host ciHost) map[string]any {
	const requestToken = "eyJ-request-token-of-the-job"
	runner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+requestToken || r.URL.Query().Get("api-version") != "2.0" {
			http.Error(w, `{"message":"not this job"}`, http.StatusUnauthorized)
			return
		}
		token, err := host.token(r.URL.Query().Get("audience"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"value": token})
	}))
	ts.Defer(runner.Close)
	return map[string]any{
		"url":     runner.URL + "/idtoken?api-version=2.0&audience=https://iam.googleapis.com/" + ts.Getenv("WI") + "/github/providers/jobs",
		"headers": map[string]string{"Authorization": "Bearer " + requestToken},
		"format":  map[string]string{"type": "json", "subject_token_field_name": "value"},
	}
}

// lyingIn is a token that GitLab put into a variable, and the job into a file.
func lyingIn(ts *testscript.TestScript, host ciHost) map[string]any {
	token, err := host.token("https://iam.googleapis.com/" + ts.Getenv("WI") + "/gitlab/providers/jobs")
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("job-token"), []byte(token), 0o600))
	return map[string]any{"file": ts.MkAbs("job-token")}
}

// recipe HEADING runs what docs/ci.md has for a shell under the heading, for the story's project.
func cmdRecipe(ts *testscript.TestScript, _ bool, args []string) {
	raw, err := os.ReadFile(filepath.Join(root, "docs", "ci.md"))
	ts.Check(err)
	_, section, found := strings.Cut(string(raw), "\n## "+args[0]+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	_, block, block2 := strings.Cut(section, "\n```sh\n")
	commands, _, _ := strings.Cut(block, "\n```")
	if !found || !block2 {
		ts.Fatalf("docs/ci.md has no commands under %q", args[0])
	}
	commands = strings.NewReplacer("my-project-123", storyProject, "my-bucket", storyBucket).Replace(commands)
	ts.Check(ts.Exec("sh", "-e", "-c", commands))
}
