package emulator

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/gcp/emulator/issuertest"
)

// TestHostileTargets is whom the exchange asks.
func TestHostileTargets(t *testing.T) {
	to := func(old, changed string) func(*world) {
		return func(w *world) { w.audience = strings.Replace(audienceOne, old, changed, 1) }
	}
	turnedAway(t, map[string]hostile{
		"5.4 nobody":                         {func(w *world) { w.audience = "" }, noSuchForm},
		"5.4 the token's own audience":       {func(w *world) { w.audience = "https:" + audienceOne }, noSuchForm},
		"5.4 by http":                        {func(w *world) { w.audience = "http:" + audienceOne }, noSuchForm},
		"5.4 without the slashes":            {to("//", ""), noSuchForm},
		"5.4 a space before it":              {to("//", " //"), noSuchForm},
		"5.4 a line end behind it":           {to("cks-one", "cks-one\n"), noSuchForm},
		"5.4 another host":                   {to("iam.googleapis.com", "evil.example"), noSuchForm},
		"5.4 another place":                  {to("global", "us-central1"), noSuchForm},
		"5.4 in other letters":               {to("k8s-pool", "K8s-Pool"), noSuchForm},
		"5.4 encoded":                        {to("k8s-pool", "k8s%2Dpool"), noSuchForm},
		"5.4 by way of another":              {to("k8s-pool", "other/../k8s-pool"), noSuchForm},
		"5.4 an id of a domain":              {to("100200300400", "example.com:acme-prod"), noSuchTarget},
		"5.4 the number of nobody's project": {to("100200300400", "999888777666"), noSuchTarget},
		"5.4 the number with a zero":         {to("100200300400", "0100200300400"), noSuchTarget},
		"5.4 another pool":                   {to("k8s-pool", "k8s-pool-2"), noSuchTarget},
		"5.4 the same names in another project": {func(w *world) {
			w.must(w.t, `POST /v1/projects/other-proj/services:batchEnable {"serviceIds":["sts.googleapis.com"]}`)
			to("100200300400", "500600700800")(w)
		}, noSuchTarget},
		"5.4 another cluster's provider, whose audience it is": {func(w *world) {
			second := issuertest.New(w.t, issuertest.JWKS(w.t, "rsa-2"))
			w.must(w.t, w.provider("cks-two", second.URL, "c-2"))
			to("cks-one", "cks-two")(w)
			w.claims["aud"], w.claims["iss"] = "https:"+w.audience, second.URL // and our key
		}, noIssuerKey},
	})
}

// TestHostileIssuers is what an issuer's two documents may be, on the whole way.
func TestHostileIssuers(t *testing.T) {
	says := func(text string) http.HandlerFunc {
		return func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, text) }
	}
	discovery := func(from func(w *world) string) func(*world) {
		return func(w *world) { w.issuer.Discovery = says(from(w)) }
	}
	endless := func(rw http.ResponseWriter, _ *http.Request) {
		spaces := []byte(strings.Repeat(" ", 1<<20))
		for range 1 << 10 { // 1 GiB, if anybody listened
			if _, err := rw.Write(spaces); err != nil {
				return
			}
		}
	}
	turnedAway(t, map[string]hostile{
		"1.11 it never ends":   {func(w *world) { w.issuer.Discovery = endless }, noIssuerKey},
		"1.11 nor do its keys": {func(w *world) { w.issuer.Keys = endless }, noIssuerKey},
		"1.11 it goes deep":    {discovery(func(*world) string { return strings.Repeat("[", 1<<19) }), noIssuerKey},
		"1.11 its keys are elsewhere": {discovery(func(w *world) string {
			return fmt.Sprintf(`{"issuer":%q,"jwks_uri":"https://127.0.0.1:1/keys"}`, w.issuer.URL)
		}), noIssuerKey},
		"1.11 its keys are in a file": {discovery(func(w *world) string {
			return fmt.Sprintf(`{"issuer":%q,"jwks_uri":"file:///etc/passwd"}`, w.issuer.URL)
		}), noIssuerKey},
		"1.11 its keys come over http": {discovery(func(w *world) string {
			return fmt.Sprintf(`{"issuer":%q,"jwks_uri":"http%s/keys"}`, w.issuer.URL, w.issuer.URL[5:])
		}), noIssuerKey},
		"1.11 its keys are redirected": {func(w *world) {
			w.issuer.Keys = func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/keys?again", http.StatusFound) }
		}, noIssuerKey},
		"1.11 it lies by a slash": {discovery(func(w *world) string {
			return fmt.Sprintf(`{"issuer":%q,"jwks_uri":%q}`, w.issuer.URL+"/", w.issuer.URL+"/keys")
		}), noIssuerKey},
		"1.11 it says nothing": {discovery(func(*world) string { return "{}" }), noIssuerKey},
		"1.12 no usable key was uploaded": {func(w *world) {
			w.patch("oidc.jwksJson", fmt.Sprintf(`{"oidc":{"jwksJson":%q}}`, `{"keys":[{"kty":"RSA","kid":"rsa-1","n":"0vx7ag","e":"AQAB"}]}`))
		}, noIssuerKey},
		"1.12 another cluster's key was uploaded": {func(w *world) {
			w.patch("oidc.jwksJson", fmt.Sprintf(`{"oidc":{"jwksJson":%q}}`, strings.Replace(issuertest.JWKS(w.t, "rsa-2"), "rsa-2", "rsa-1", 1)))
		}, notSigned},
	})
}

// TestTheWayMayCloseWhileTheIssuerIsAsked is an exchange that began in time.
func TestTheWayMayCloseWhileTheIssuerIsAsked(t *testing.T) {
	for name, request := range map[string]string{
		"1.3 provider disabled": "PATCH " + providerPath + `?updateMask=disabled {"disabled":true}`,
		"1.3 provider deleted":  "DELETE " + providerPath,
		"1.3 pool disabled":     "PATCH " + poolPath + `?updateMask=disabled {"disabled":true}`,
		"1.3 pool deleted":      "DELETE " + poolPath,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			honest := w.issuer.Keys
			w.issuer.Keys = func(rw http.ResponseWriter, r *http.Request) {
				w.must(t, request)
				honest(rw, r)
			}
			if diff := cmp.Diff(noSuchTarget, w.walkIn()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestHostileImpersonation is who asks for a token of which account.
func TestHostileImpersonation(t *testing.T) {
	const other = "gcs-reader@other-proj.iam.gserviceaccount.com"
	other403 := func(w *world) {
		w.must(w.t, `POST /v1/projects/other-proj/services:batchEnable {"serviceIds":["iam.googleapis.com","iamcredentials.googleapis.com"]}`,
			`POST /v1/projects/other-proj/serviceAccounts {"accountId":"gcs-reader"}`)
		w.gsa = other
	}
	turnedAway(t, map[string]hostile{
		"6 a namesake in another project": {other403, mayNot},
		"6 an account that never was":     {func(w *world) { w.gsa = "nobody@acme-prod.iam.gserviceaccount.com" }, noGaia("nobody@acme-prod.iam.gserviceaccount.com")},
		"6 every account":                 {func(w *world) { w.gsa = "-" }, noGaia("-")},
		"6 the unique id of a deleted one": {func(w *world) {
			w.gsa = w.do(w.t, "GET "+readerPath, "").at("uniqueId").(string)
			w.must(w.t, "DELETE "+readerPath, createReader)
		}, outcome{"iamcredentials", 404, "", "Not found; Gaia id not found for email 100000000000000001010"}},
		"2.4 bound to make ID tokens alone": {func(w *world) {
			w.must(w.t, setAccount+policyBody(w.t, "roles/iam.serviceAccountOpenIdTokenCreator", workload+"c-1/foo/bar"))
		}, mayNot},
		"2.4 bound to use, not to become": {func(w *world) {
			w.must(w.t, setAccount+policyBody(w.t, "roles/iam.serviceAccountUser", workload+"c-1/foo/bar"))
		}, mayNot},
		"2.4 bound to own": {func(w *world) { w.must(w.t, setAccount+policyBody(w.t, "roles/owner", workload+"c-1/foo/bar")) }, mayNot},
		"4.1 bound under a condition": {func(w *world) {
			w.must(w.t, setAccount+`{"policy":{"version":3,"bindings":[{"role":"roles/iam.workloadIdentityUser","members":["`+workload+`c-1/foo/bar"],"condition":{"title":"t","expression":"true"}}]}}`)
		}, mayNot},
		"2.1 everybody with a Google account": {func(w *world) { w.bind("allAuthenticatedUsers") }, mayNot},
		"2.1 the same pool's name elsewhere": {func(w *world) {
			w.must(w.t, `POST /v1/projects/other-proj/services:batchEnable {"serviceIds":["iam.googleapis.com"]}`, strings.Replace(createPool, "acme-prod", "other-proj", 1))
			w.bind(strings.Replace(workload, "100200300400", "500600700800", 1) + "c-1/foo/bar")
		}, mayNot},
		"2.1 another attribute's value": {func(w *world) { w.bind("principalSet://iam.googleapis.com/" + poolName + "/attribute.k8s_ns/bar") }, mayNot},
		"2.1 a group in place of a subject": {func(w *world) {
			w.bind("principalSet://iam.googleapis.com/" + poolName + "/group/system:serviceaccount:foo:bar")
		}, mayNot},
	})
}

// TestATokenIsGoodForWhatItIsAlone is what else one may try with a token that is good.
func TestATokenIsGoodForWhatItIsAlone(t *testing.T) {
	w := newWorld(t)
	const scope = `{"scope":["` + cloudPlatform + `"]}`
	become := "POST /v1/projects/-/serviceAccounts/" + readerEmail + ":generateAccessToken"
	w.must(t, "POST "+accountsPath+` {"accountId":"gcs-writer"}`)
	federated, _ := w.exchange(nil).at("access_token").(string)
	account, _ := w.impersonate(federated, scope).at("accessToken").(string)
	readOnly, _ := w.impersonate(federated, `{"scope":["`+scopePrefix+`devstorage.read_only"]}`).at("accessToken").(string)
	denied := func(permission string) outcome {
		return outcome{"", 403, "IAM_PERMISSION_DENIED", "Permission '" + permission + "' denied on resource (or it may not exist)."}
	}
	const narrow, bearer = "Request had insufficient authentication scopes.", " Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
	unmodelledAt := func(request string) outcome {
		return outcome{"", 405, "", request + ": the emulator does not model this; see docs/emulator.md"}
	}
	for name, c := range map[string]struct {
		token, request, body string
		want                 outcome
	}{
		"6 the account's for itself":       {account, become, scope, denied("iam.serviceAccounts.getAccessToken")},
		"6 the account's for another":      {account, strings.Replace(become, "gcs-reader", "gcs-writer", 1), scope, denied("iam.serviceAccounts.getAccessToken")},
		"6 a pod's token as it is":         {w.podToken(), become, scope, outcome{"", 401, "ACCESS_TOKEN_TYPE_UNSUPPORTED", "Request had invalid authentication credentials." + bearer}},
		"6 one with a letter changed":      {federated[:len(federated)-1] + "!", become, scope, outcome{"", 401, "ACCESS_TOKEN_TYPE_UNSUPPORTED", "Request had invalid authentication credentials." + bearer}},
		"6 none":                           {"", become, scope, outcome{"", 401, "CREDENTIALS_MISSING", "Request is missing required authentication credential." + bearer}},
		"6 one for reading, to become":     {readOnly, become, scope, outcome{"", 403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", narrow}},
		"6 one for reading, to write":      {readOnly, "POST /upload/storage/v1/b/acme-data/o?uploadType=media&name=x", "x", outcome{"", 403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", narrow}},
		"6 one for reading, to delete":     {readOnly, "DELETE /storage/v1/b/acme-data/o/hello.txt", "", outcome{"", 403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", narrow}},
		"4.5 a reader's, to write":         {account, "POST /upload/storage/v1/b/acme-data/o?uploadType=media&name=x", "x", outcome{"", 403, "", readerEmail + " does not have storage.objects.create access to the Google Cloud Storage object. Permission 'storage.objects.create' denied on resource (or it may not exist)."}},
		"4.5 a reader's, for the bucket":   {account, "GET /storage/v1/b/acme-data", "", outcome{"", 403, "", readerEmail + " does not have storage.buckets.get access to the Google Cloud Storage bucket. Permission 'storage.buckets.get' denied on resource (or it may not exist)."}},
		"7.1 a federated one, the project": {federated, "GET /v1/projects/acme-prod", "", outcome{"", 403, "", "The caller does not have permission"}},
		"7.4 a federated one, its pool":    {federated, "GET " + poolPath, "", outcome{"", 403, "IAM_PERMISSION_DENIED", "Permission 'iam.workloadIdentityPools.get' denied on resource '//iam.googleapis.com/projects/acme-prod/locations/global/workloadIdentityPools/k8s-pool' (or it may not exist)."}},
		"2.4 a federated one, to bind":     {federated, "POST " + readerPath + ":setIamPolicy", policyBody(t, "roles/iam.workloadIdentityUser", "allUsers"), denied("iam.serviceAccounts.setIamPolicy")},
		"2.4 to sign a blob":               {federated, strings.Replace(become, "generateAccessToken", "signBlob", 1), `{}`, unmodelledAt(strings.Replace(become, "generateAccessToken", "signBlob", 1))},
		"2.4 to sign a JWT":                {federated, strings.Replace(become, "generateAccessToken", "signJwt", 1), `{}`, unmodelledAt(strings.Replace(become, "generateAccessToken", "signJwt", 1))},
		"2.4 for an ID token":              {federated, strings.Replace(become, "generateAccessToken", "generateIdToken", 1), `{}`, unmodelledAt(strings.Replace(become, "generateAccessToken", "generateIdToken", 1))},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, refused("", w.as(t, c.token, c.request, c.body))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
