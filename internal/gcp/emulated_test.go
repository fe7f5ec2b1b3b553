package gcp

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/wifctl/wifctl/internal/gcp/discoverytest"
	"github.com/wifctl/wifctl/internal/gcp/emulator"
)

const (
	acme       = "acme-prod"
	acmeNumber = "100200300400"
	acmePool   = "projects/" + acmeNumber + "/locations/global/workloadIdentityPools/k8s-pool"
	acmeCKS    = acmePool + "/providers/cks-1063bce6"
	acmeBucket = "acme-data"
	acmeReader = "gcs-reader@acme-prod.iam.gserviceaccount.com"
	issuer     = "https://oidc.cks.example/id/1063bce6"
	reader     = "principal://iam.googleapis.com/" + acmePool + "/subject/system:serviceaccount:foo:bar"
)

// world is the emulator, a client of it, and an issuer of tokens.
type world struct {
	*Client
	*calls
	google *emulator.Server
	issuer issuerOfTokens
}

// inWorld runs a test against the emulator, without a network and in fake time, and
// holds what is said to Google's discovery documents.
// The APIs are enabled and the calls for that forgotten.
func inWorld(t *testing.T, o emulator.Options, test func(*testing.T, world)) {
	t.Helper()
	signing := newIssuer(t)
	var google *emulator.Server
	wire := discoverytest.Watch(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { google.ServeHTTP(w, r) }), discoverytest.Anybody)
	synctest.Test(t, func(t *testing.T) {
		o.Projects = []emulator.Project{{ID: acme, Number: acmeNumber}}
		o.Buckets = []string{acmeBucket}
		o.OperatorToken = userToken
		var err error
		google, err = emulator.New(o)
		if err != nil {
			t.Fatal(err)
		}
		seen := &calls{}
		c, err := New(t.Context(), Options{Endpoint: "http://127.0.0.1:1", AccessTokenFile: tokenFile(t), Observe: seen.add, Transport: memory{wire}})
		if err != nil {
			t.Fatal(err)
		}
		w := world{c, seen, google, signing}
		w.enable(t)
		test(t, w)
	})
}

// enable needs a while for its effect, where the weather is typical.
func (w world) enable(t *testing.T) {
	t.Helper()
	must(t, w.EnableServices(t.Context(), acmeNumber, []string{
		"iam.googleapis.com", "sts.googleapis.com", "iamcredentials.googleapis.com", "cloudresourcemanager.googleapis.com", "storage.googleapis.com",
	}))
	<-time.After(5 * time.Minute)
	w.calls.all = nil
}

// build makes all that a token of foo/bar needs to read the bucket.
func (w world) build(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	must(t, w.CreatePool(ctx, Pool{Name: acmePool, DisplayName: "k8s-pool"}))
	must(t, w.CreateProvider(ctx, w.provider()))
	_, err := w.CreateServiceAccount(ctx, acme, "gcs-reader", "reader", "Managed by wifctl")
	must(t, err)
	_, err = w.EditPolicy(ctx, BucketPolicy(acmeBucket), AddMember(viewer, "serviceAccount:"+acmeReader))
	must(t, err)
	_, err = w.EditPolicy(ctx, ServiceAccountPolicy(acme, acmeReader), AddMember("roles/iam.workloadIdentityUser", reader))
	must(t, err)
}

func (w world) provider() Provider {
	return Provider{
		Name: acmeCKS, Description: "Managed by wifctl", Issuer: issuer, JWKS: w.issuer.jwks,
		Mapping:   map[string]string{"google.subject": "assertion.sub", "attribute.k8s_ns": "assertion['kubernetes.io']['namespace']"},
		Condition: "attribute.k8s_ns in ['foo']",
	}
}

// issuerOfTokens signs tokens as a cluster does.
type issuerOfTokens struct {
	signer jose.Signer
	jwks   string
}

func newIssuer(t *testing.T) issuerOfTokens {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	private := jose.JSONWebKey{Key: key, KeyID: "k1", Algorithm: "RS256", Use: "sig"}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: private}, nil)
	must(t, err)
	keys, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{private.Public()}})
	must(t, err)
	return issuerOfTokens{signer, string(keys)}
}

// token is one of ServiceAccount foo/bar, changed as edit wishes.
func (i issuerOfTokens) token(t *testing.T, edit func(claims map[string]any)) string {
	t.Helper()
	claims := map[string]any{
		"iss": issuer, "sub": "system:serviceaccount:foo:bar", "aud": []string{"https://iam.googleapis.com/" + acmeCKS},
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
		"kubernetes.io": map[string]any{"namespace": "foo", "serviceaccount": map[string]any{"name": "bar"}},
	}
	if edit != nil {
		edit(claims)
	}
	signed, err := jwt.Signed(i.signer).Claims(claims).Serialize()
	must(t, err)
	return signed
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
