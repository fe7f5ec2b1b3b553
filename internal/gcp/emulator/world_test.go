package emulator

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wifctl/wifctl/internal/gcp/emulator/issuertest"
)

// noon stands still, so that lives of tokens are whole numbers.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

type stillClock struct{}

func (stillClock) Now() time.Time { return noon }

// A world is a server in which the pods foo/bar of one cluster may read one bucket:
// pool, provider, service account, binding and grant, as the tutorial has them.
type world struct {
	*cloud
	t      *testing.T
	issuer *issuertest.Issuer

	claims   map[string]any     // of the pod's token
	with     issuertest.Signing // of the pod's token
	token    string             // the pod's token if not made from the above
	audience string             // of the exchange
	stsScope string
	scope    string // asked for at impersonation
	gsa      string // impersonated; empty: the federated token goes to the bucket
	object   string // path of what is read
}

const (
	audienceOne = "//iam.googleapis.com/" + poolName + "/providers/cks-one"
	workload    = "principalSet://iam.googleapis.com/" + poolName + "/attribute.k8s_workload/"
	setAccount  = "POST " + readerPath + ":setIamPolicy "
)

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, issuer: issuertest.New(t, issuertest.JWKS(t, "rsa-1", "p256", "p384"))}
	w.cloud = startEnabled(t, Options{
		Projects: []Project{{"acme-prod", "100200300400"}, {"other-proj", "500600700800"}},
		Buckets:  []string{"acme-data"}, Clock: stillClock{}, IssuerClient: w.issuer.Client(),
	})
	w.must(t, createPool, w.provider("cks-one", w.issuer.URL, "c-1"), createReader)
	w.bind(workload + "c-1/foo/bar")
	w.grant("acme-data", "serviceAccount:"+readerEmail)

	now := w.now()
	w.claims = map[string]any{
		"iss": w.issuer.URL, "sub": "system:serviceaccount:foo:bar", "aud": []string{"https:" + audienceOne},
		"iat": now, "exp": now + 3600, "groups": []string{"a", "b"},
		"kubernetes.io": map[string]any{"namespace": "foo", "serviceaccount": map[string]any{"name": "bar"}},
	}
	w.audience, w.stsScope, w.scope, w.gsa, w.object = audienceOne, cloudPlatform, cloudPlatform, readerEmail, "acme-data/hello.txt"
	return w
}

func (w *world) now() int64 { return w.clock.Now().Unix() }

// provider is the request that makes a provider for a cluster.
func (w *world) provider(id, issuer, cluster string) string {
	ns, sa := "assertion['kubernetes.io']['namespace']", "assertion['kubernetes.io']['serviceaccount']['name']"
	body, err := json.Marshal(map[string]any{
		"attributeMapping": map[string]string{
			"google.subject": "assertion.sub", "attribute.k8s_ns": ns,
			"attribute.k8s_workload": fmt.Sprintf("'%s/' + %s + '/' + %s", cluster, ns, sa),
		},
		"attributeCondition": "attribute.k8s_ns in ['foo', 'bad']",
		"oidc":               map[string]string{"issuerUri": issuer},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return "POST " + providersPath + "?workloadIdentityPoolProviderId=" + id + " " + string(body)
}

// patch changes fields of the provider.
func (w *world) patch(mask, body string) {
	w.t.Helper()
	w.must(w.t, "PATCH "+providerPath+"?updateMask="+mask+" "+body)
}

// bind makes the members the only ones that may impersonate the reader.
func (w *world) bind(members ...string) {
	w.t.Helper()
	w.must(w.t, setAccount+policyBody(w.t, "roles/iam.workloadIdentityUser", members...))
}

// grant lets the members, beside the bucket's owners, read its objects.
func (w *world) grant(bucket string, members ...string) {
	w.t.Helper()
	r := w.do(w.t, "GET /storage/v1/b/"+bucket+"/iam", "")
	var p bucketPolicyDoc
	if err := json.Unmarshal([]byte(r.text), &p); err != nil {
		w.t.Fatal(err)
	}
	p.Bindings = append(p.Bindings, bindingDoc{Role: "roles/storage.objectViewer", Members: members})
	body, err := json.Marshal(p)
	if err != nil {
		w.t.Fatal(err)
	}
	w.must(w.t, "PUT /storage/v1/b/"+bucket+"/iam "+string(body))
}

// policyBody is the policy with one binding, or without any if that has no members.
func policyBody(t *testing.T, role string, members ...string) string {
	t.Helper()
	policy := policyDoc{}
	if len(members) > 0 {
		policy.Bindings = []bindingDoc{{Role: role, Members: members}}
	}
	b, err := json.Marshal(map[string]any{"policy": policy})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// podToken signs the claims.
func (w *world) podToken() string {
	if w.token != "" {
		return w.token
	}
	return issuertest.Sign(w.t, w.claims, w.with)
}

// exchange asks STS as Google's libraries do, with what is changed in the form.
func (w *world) exchange(changes map[string]string) reply {
	w.t.Helper()
	form := map[string]string{
		"grant_type": exchangeGrant, "audience": w.audience, "scope": w.stsScope, "requested_token_type": accessTokenType,
		"subject_token": w.podToken(), "subject_token_type": jwtType,
	}
	maps.Copy(form, changes)
	values := url.Values{}
	for k, v := range form {
		values.Set(k, v)
	}
	return w.post("/v1/token", "application/x-www-form-urlencoded", values.Encode(), nil)
}

func (w *world) post(path, contentType, body string, header http.Header) reply {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	maps.Copy(req.Header, header)
	req.Header.Set("Content-Type", contentType)
	_, r := roundTrip(w.t, req)
	return r
}

// roundTrip is one request with whatever headers it has.
func roundTrip(t *testing.T, req *http.Request) (http.Header, reply) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := reply{status: resp.StatusCode, text: string(b)}
	_ = json.Unmarshal(b, &r.json) // not JSON: a test that reads it will say so
	return resp.Header, r
}

// impersonate asks for a token of the account.
func (w *world) impersonate(federated, body string) reply {
	w.t.Helper()
	return w.as(w.t, federated, "POST /v1/projects/-/serviceAccounts/"+w.gsa+":generateAccessToken", body)
}

// An outcome is where the way from the pod's token to the object ends, and how.
type outcome struct {
	At     string // sts, iamcredentials, storage
	Status int
	Code   string // of STS; elsewhere the reason of the first detail, if there is one
	Text   string
}

// walkIn goes the whole way.
func (w *world) walkIn() outcome {
	w.t.Helper()
	r := w.exchange(nil)
	if r.status != http.StatusOK {
		return refused("sts", r)
	}
	token, _ := r.at("access_token").(string)
	if w.gsa != "" {
		r = w.impersonate(token, fmt.Sprintf(`{"scope":[%q]}`, w.scope))
		if r.status != http.StatusOK {
			return refused("iamcredentials", r)
		}
		token, _ = r.at("accessToken").(string)
	}
	return w.read(token)
}

// read reads the object by the JSON API with an access token.
func (w *world) read(token string) outcome {
	w.t.Helper()
	bucket, object, _ := strings.Cut(w.object, "/")
	r := w.as(w.t, token, "GET /storage/v1/b/"+bucket+"/o/"+url.PathEscape(object)+"?alt=media", "")
	if r.status != http.StatusOK {
		return refused("storage", r)
	}
	return outcome{At: "storage", Status: r.status, Text: r.text}
}

// anonymised says ISSUER for the test issuer's address, which is new each time.
func (w *world) anonymised(o outcome) outcome {
	o.Text = strings.ReplaceAll(o.Text, w.issuer.URL, "ISSUER")
	return o
}

func refused(at string, r reply) outcome {
	o := outcome{At: at, Status: r.status}
	if _, oauth := r.json["error"].(string); oauth {
		o.Code, _ = r.at("error").(string)
		o.Text, _ = r.at("error_description").(string)
		return o
	}
	if r.json == nil { // a download is refused in words
		o.Text = r.text
		return o
	}
	o.Text, _ = r.at("error.message").(string)
	if details, ok := r.at("error.details").([]any); ok {
		for _, d := range details {
			if m, ok := d.(map[string]any); ok && m["reason"] != nil {
				o.Code, _ = m["reason"].(string)
			}
		}
	}
	return o
}

// handle hands one request to the server without a network, for fuzzing.
func handle(t *testing.T, s *Server, verb, target, contentType, body string) (status int, text string) {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), verb, target, strings.NewReader(body))
	req.Header.Set("Content-Type", contentType)
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, req)
	return rec.Code, rec.Body.String()
}
