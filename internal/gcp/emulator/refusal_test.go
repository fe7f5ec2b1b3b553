package emulator

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// step is a request of a story and what its answer must be. An empty message
// asks for no error.
type step struct {
	name    string
	given   []string // requests that must succeed first, "VERB PATH BODY"
	request string   // "VERB PATH BODY"
	status  int
	message string // of the error; a prefix is enough where it ends in ...
}

const (
	poolsPath     = "/v1/projects/acme-prod/locations/global/workloadIdentityPools"
	poolPath      = poolsPath + "/k8s-pool"
	providersPath = poolPath + "/providers"
	providerPath  = providersPath + "/cks-one"
	accountsPath  = "/v1/projects/acme-prod/serviceAccounts"
	readerEmail   = "gcs-reader@acme-prod.iam.gserviceaccount.com"
	readerPath    = accountsPath + "/" + readerEmail

	poolName = "projects/100200300400/locations/global/workloadIdentityPools/k8s-pool"

	createPool     = "POST " + poolsPath + "?workloadIdentityPoolId=k8s-pool {}"
	plainProvider  = `{"attributeMapping":{"google.subject":"assertion.sub"},"oidc":{"issuerUri":"https://issuer.example/1"}}`
	createProvider = "POST " + providersPath + "?workloadIdentityPoolProviderId=cks-one " + plainProvider
	createReader   = "POST " + accountsPath + ` {"accountId":"gcs-reader","serviceAccount":{"displayName":"Reader"}}`
)

// startEnabled is start with the three federation APIs enabled, and without
// the wait for it.
func startEnabled(t *testing.T, o Options) *cloud {
	t.Helper()
	c := start(t, o)
	r := c.do(t, "POST /v1/projects/acme-prod/services:batchEnable", `{"serviceIds":["iam.googleapis.com","sts.googleapis.com","iamcredentials.googleapis.com"]}`)
	if r.status != http.StatusOK {
		t.Fatalf("enable: %d %s", r.status, r.text)
	}
	c.Advance(c.lag.enable)
	return c
}

// send takes verb, path and body in one string.
func (c *cloud) send(t *testing.T, text string) reply {
	t.Helper()
	parts := strings.SplitN(text, " ", 3)
	if len(parts) == 2 {
		parts = append(parts, "")
	}
	return c.do(t, parts[0]+" "+parts[1], parts[2])
}

// must sends requests that have to succeed.
func (c *cloud) must(t *testing.T, requests ...string) {
	t.Helper()
	for _, text := range requests {
		if r := c.send(t, text); r.status != http.StatusOK {
			t.Fatalf("%s: %d %s", text, r.status, r.text)
		}
	}
}

// walk runs each step on a server of its own.
func walk(t *testing.T, o Options, steps []step) {
	t.Helper()
	for _, st := range steps {
		t.Run(st.name, func(t *testing.T) {
			c := startEnabled(t, o)
			c.must(t, st.given...)
			r := c.send(t, st.request)
			message, _ := r.at("error.message").(string)
			if short, ok := strings.CutSuffix(st.message, "..."); ok && strings.HasPrefix(message, short) {
				message = st.message
			}
			type outcome struct {
				Status  int
				Message string
			}
			if diff := cmp.Diff(outcome{st.status, st.message}, outcome{r.status, message}); diff != "" {
				t.Errorf("%s (-want +got):\n%s\n%s", st.request, diff, r.text)
			}
		})
	}
}
