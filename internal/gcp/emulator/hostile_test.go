package emulator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/gcp/emulator/issuertest"
)

// TestHostile is 13.8, the table of 5.4, and more. It holds the whole way, from a pod's token to an object, against those
// who should not get through. Each row changes one thing in a world where the way
// is open, and names who stops it, with the words of the real service.
func TestHostile(t *testing.T) {
	without := func(claim string) func(*world) { return func(w *world) { delete(w.claims, claim) } }
	pod := func(namespace, name string) func(*world) {
		return func(w *world) {
			w.claims["sub"] = "system:serviceaccount:" + namespace + ":" + name
			w.claims["kubernetes.io"] = map[string]any{"namespace": namespace, "serviceaccount": map[string]any{"name": name}}
		}
	}
	answers := func(h http.HandlerFunc) func(*world) { return func(w *world) { w.issuer.Discovery = h } }
	const direct = "principal://iam.googleapis.com/" + poolName + "/subject/system:serviceaccount:foo:bar"

	turnedAway(t, map[string]hostile{
		"5.2 alg none":                  {func(w *world) { w.token = issuertest.Unsigned(`{"alg":"none","kid":"rsa-1"}`, `{"sub":"x"}`, "") }, unparsable},
		"5.2 HS256 over the public key": {signedWith(issuertest.Signing{Alg: jose.HS256, Raw: []byte(issuertest.JWKS(t, "rsa-1")), Kid: "rsa-1"}), unparsable},
		"5.2 PS256":                     {signedWith(issuertest.Signing{Alg: jose.PS256}), unparsable},
		"5.2 ES384":                     {signedWith(issuertest.Signing{Alg: jose.ES384, Key: "p384"}), unparsable},
		"5.2 no kid":                    {func(w *world) { w.token = issuertest.Unsigned(`{"alg":"RS256"}`, `{"sub":"x"}`, "sig") }, unparsable},
		"5.4 not a JWT":                 {func(w *world) { w.token = "hello" }, unparsable},
		"5.4 claims without end": {func(w *world) {
			w.token = issuertest.Unsigned(`{"alg":"RS256","kid":"k"}`, strings.Repeat("[", 9000), "s")
		}, unparsable},
		"5.4 unknown kid":                      {signedWith(issuertest.Signing{Kid: "rsa-9"}), noIssuerKey},
		"1.12 kid of a P-384 key":              {signedWith(issuertest.Signing{Alg: jose.ES256, Key: "p256", Kid: "p384"}), noIssuerKey},
		"5.4 right kid, wrong key":             {signedWith(issuertest.Signing{Key: "rsa-2", Kid: "rsa-1"}), notSigned},
		"5.4 right kid, key of the other kind": {signedWith(issuertest.Signing{Key: "rsa-1", Kid: "p256"}), notSigned},

		"5.2 expired 61 s ago":      {setClaim("exp", noon.Unix()-61), stale(noon.Unix())},
		"5.2 issued in two minutes": {setClaim("iat", noon.Unix()+119), stale(noon.Unix() + 119)},
		"5.4 no iat":                {without("iat"), stale("null")},
		"5.4 no exp":                {without("exp"), stale(noon.Unix())},

		"5.4 another issuer":                      {setClaim("iss", "https://evil.example"), atSTS("invalid_grant", "The issuer in ID Token https://evil.example does not match the expected ones: ISSUER")},
		"1.11 a trailing slash":                   {func(w *world) { w.claims["iss"] = w.issuer.URL + "/" }, atSTS("invalid_grant", "The issuer in ID Token ISSUER/ does not match the expected ones: ISSUER")},
		"5.4 no issuer":                           {without("iss"), atSTS("invalid_grant", "The issuer in ID Token null does not match the expected ones: ISSUER")},
		"5.4 another audience":                    {setClaim("aud", "https://kubernetes.default.svc"), wrongAud("https://kubernetes.default.svc")},
		"5.4 audience of another provider":        {setClaim("aud", "https:"+audienceOne+"-2"), wrongAud("https:" + audienceOne + "-2")},
		"5.4 no audience":                         {without("aud"), wrongAud("")},
		"1.10 the default when another is listed": {func(w *world) { w.patch("oidc.allowedAudiences", `{"oidc":{"allowedAudiences":["mine"]}}`) }, wrongAud("https:" + audienceOne)},

		"5.1 https in the exchange's audience":  {func(w *world) { w.audience = "https:" + audienceOne }, noSuchForm},
		"5.1 a slash behind it":                 {func(w *world) { w.audience += "/" }, noSuchForm},
		"5.1 a provider without a pool":         {func(w *world) { w.audience = "//iam.googleapis.com/projects/1/locations/global/providers/x" }, noSuchForm},
		"5.4 project id in place of the number": {func(w *world) { w.audience = strings.Replace(audienceOne, "100200300400", "acme-prod", 1) }, noSuchTarget},
		"5.4 a provider that never was":         {func(w *world) { w.audience += "x" }, noSuchTarget},
		"1.3 provider disabled":                 {func(w *world) { w.patch("disabled", `{"disabled":true}`) }, noSuchTarget},
		"1.3 provider deleted":                  {sending("DELETE " + providerPath), noSuchTarget},
		"1.3 pool disabled":                     {sending("PATCH " + poolPath + `?updateMask=disabled {"disabled":true}`), noSuchTarget},
		"1.3 pool deleted":                      {sending("DELETE " + poolPath), noSuchTarget},

		"5.4 a namespace the condition leaves out": {pod("evil", "bar"), notByRule},
		"5.4 no subject":             {without("sub"), atSTS("unauthorized_client", "Could not obtain a value for google.subject from the given credential.")},
		"5.4 a subject of 128 bytes": {setClaim("sub", strings.Repeat("x", 128)), atSTS("invalid_request", "The size of mapped attribute google.subject exceeds the 127 bytes limit. Either modify your attribute mapping or the incoming assertion to produce a mapped attribute that is less than 127 bytes.")},
		"5.4 a list in place of a string": {func(w *world) {
			w.patch("attributeMapping", `{"attributeMapping":{"google.subject":"assertion.sub","attribute.k8s_ns":"assertion['kubernetes.io']['namespace']","attribute.x":"assertion.groups"}}`)
		}, atSTS("invalid_request", "The mapped attribute 'attribute.x' must be of type STRING")},
		"5.4 a mapping that loops and loops": {func(w *world) {
			w.patch("attributeCondition", `{"attributeCondition":"`+strings.Join(strings.Fields(hugeLoop), " ")+`"}`)
		}, notByRule},

		"2.1 same name in another namespace": {pod("bad", "bar"), mayNot},
		"2.1 another name in the namespace":  {pod("foo", "baz"), mayNot},
		"2.1 another cluster in a shared pool": {func(w *world) {
			second := issuertest.New(w.t, issuertest.JWKS(w.t, "rsa-2")) // httptest gives all servers one certificate
			w.must(w.t, w.provider("cks-two", second.URL, "c-2"))
			w.audience = strings.Replace(audienceOne, "cks-one", "cks-two", 1)
			w.claims["iss"], w.claims["aud"], w.with = second.URL, w.audience, issuertest.Signing{Key: "rsa-2"}
		}, mayNot},
		"2.1 a member that names the provider's attribute in other letters": {func(w *world) { w.bind(workload + "C-1/foo/bar") }, mayNot},
		"3 account disabled":                  {sending("POST " + readerPath + ":disable {}"), mayNot},
		"3 account deleted":                   {sending("DELETE " + readerPath), outcome{"iamcredentials", 404, "", "Not found; Gaia id not found for email " + readerEmail}},
		"3 account made again under its name": {sending("DELETE "+readerPath, createReader), mayNot},
		"3 made again, and the bucket still has the old one's grant": {func(w *world) {
			w.must(w.t, "DELETE "+readerPath, createReader)
			w.bind(workload + "c-1/foo/bar")
		}, noObject(readerEmail)},
		"6 an account without a binding": {func(w *world) {
			w.must(w.t, "POST "+accountsPath+` {"accountId":"gcs-writer"}`)
			w.gsa = "gcs-writer@acme-prod.iam.gserviceaccount.com"
		}, mayNot},
		"6 a federated token for storage alone": {func(w *world) { w.stsScope = scopePrefix + "devstorage.read_only" }, outcome{"iamcredentials", 403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "Request had insufficient authentication scopes."}},
		"6 an account's token for other APIs":   {func(w *world) { w.scope = scopePrefix + "compute" }, outcome{"storage", 403, "", "Request had insufficient authentication scopes."}},
		"6 a scope nobody knows":                {func(w *world) { w.scope = scopePrefix + "everything" }, outcome{"iamcredentials", 400, "", "Invalid scope: " + scopePrefix + "everything"}},

		"4.5 a bucket of another project": {func(w *world) {
			w.must(w.t, `POST /storage/v1/b?project=other-proj {"name":"other-data","iamConfiguration":{"uniformBucketLevelAccess":{"enabled":true}}}`)
			w.object = "other-data/x"
		}, noObject(readerEmail)},
		"4.5 a bucket that is not there":         {func(w *world) { w.object = "nobody-data/x" }, noObject(readerEmail)},
		"2.5 the bucket itself, without a grant": {func(w *world) { w.gsa = "" }, noObject(direct)},
		"2.5 direct access to a bucket with ACLs": {func(w *world) {
			w.must(w.t, `PATCH /storage/v1/b/acme-data {"iamConfiguration":{"uniformBucketLevelAccess":{"enabled":false}}}`)
			w.grant("acme-data", direct)
			w.gsa = ""
		}, noObject(direct)},

		"1.11 the issuer's document redirects": {answers(func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/keys", http.StatusFound) }), noIssuerKey},
		"1.11 it lies about its issuer": {answers(func(rw http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(rw, `{"issuer":"https://x.example","jwks_uri":"https://x.example"}`)
		}), noIssuerKey},
		"1.11 it is gone":                                       {answers(http.NotFound), noIssuerKey},
		"1.11 its certificate is nobody's":                      {func(w *world) { w.issuers.Client = &http.Client{} }, noIssuerKey},
		"6 the STS API is off in the pool's project":            {sending(`POST /v1/projects/acme-prod/services/sts.googleapis.com:disable {}`), disabled("sts", "Security Token Service API", "sts.googleapis.com")},
		"6 the credentials API is off in the account's project": {sending(`POST /v1/projects/acme-prod/services/iamcredentials.googleapis.com:disable {}`), disabled("iamcredentials", "IAM Service Account Credentials API", "iamcredentials.googleapis.com")},
	})
}

func TestTheWayIsOpen(t *testing.T) {
	everybody := "principalSet://iam.googleapis.com/" + poolName + "/*"
	subject := "principal://iam.googleapis.com/" + poolName + "/subject/system:serviceaccount:foo:bar"
	for name, open := range map[string]func(*world){
		"as set up":                           func(*world) {},
		"2.1 by subject":                      func(w *world) { w.bind(subject) },
		"2.1 by namespace":                    func(w *world) { w.bind("principalSet://iam.googleapis.com/" + poolName + "/attribute.k8s_ns/foo") },
		"2.1 everybody in the pool":           func(w *world) { w.bind(everybody) },
		"2.5 the bucket itself":               func(w *world) { w.grant("acme-data", subject); w.gsa = "" },
		"2.5 the bucket itself, to everybody": func(w *world) { w.grant("acme-data", everybody); w.gsa = "" },
		"5.2 signed with P-256":               func(w *world) { w.with = issuertest.Signing{Alg: jose.ES256, Key: "p256"} },
		"1.12 uploaded keys, and an issuer that is gone": func(w *world) {
			w.patch("oidc.jwksJson", fmt.Sprintf(`{"oidc":{"jwksJson":%q}}`, issuertest.JWKS(w.t, "rsa-2")))
			w.with = issuertest.Signing{Key: "rsa-2"}
			w.issuer.Close()
		},
		"wire 4 the scope Python's library asks for": func(w *world) { w.stsScope = scopePrefix + "iam" },
		"6 a unique id in place of the address":      func(w *world) { w.gsa = w.do(w.t, "GET "+readerPath, "").at("uniqueId").(string) },
		"6 a scope for reading alone":                func(w *world) { w.scope = scopePrefix + "devstorage.read_only" },
		"5.2 on the skew of the clocks":              func(w *world) { w.claims["iat"] = noon.Unix() + 60 },
		"5.2 a token for eleven years":               func(w *world) { w.claims["exp"] = noon.AddDate(11, 0, 0).Unix() },
		"5.2 one that is two days old":               func(w *world) { w.claims["iat"] = noon.Unix() - 48*3600 },
		"5.2 not before now":                         func(w *world) { w.claims["nbf"] = noon.Unix() },
		"1.10 one good audience of two":              func(w *world) { w.claims["aud"] = []string{"https://kubernetes.default.svc", audienceOne} },
		"1.7 127 bytes of subject":                   func(w *world) { w.claims["sub"] = strings.Repeat("x", 127) },
		"1.12 nine keys that are fetched":            publishing(`"keys":[`, `"keys":[`+strings.Repeat(`{"kty":"EC"},`, 8)),
		"1.12 a key that names the algorithm":        publishing(`"kid":"rsa-1"`, `"kid":"rsa-1","alg":"RS256"`),
		"10 another cluster's pod, by subject": func(w *world) { // why a pool should have one provider
			w.bind(subject)
			second := issuertest.New(w.t, issuertest.JWKS(w.t, "rsa-2"))
			w.must(w.t, w.provider("cks-two", second.URL, "c-2"))
			w.audience = strings.Replace(audienceOne, "cks-one", "cks-two", 1)
			w.claims["iss"], w.claims["aud"], w.with = second.URL, w.audience, issuertest.Signing{Key: "rsa-2"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			open(w)
			if diff := cmp.Diff(outcome{At: "storage", Status: 200, Text: "Hello from acme-data\n"}, w.walkIn()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestTokensOutliveWhatMadeThem is 13.9, the table of 1.3, and the lives of tokens.
func TestTokensOutliveWhatMadeThem(t *testing.T) {
	const dead = "Invalid Credentials"
	expired := deadToken.Text
	for name, c := range map[string]struct {
		then func(*world)
		want [3]string // what a federated and an account's token then read, and what the former mints
	}{
		"1.3 provider disabled": {func(w *world) { w.patch("disabled", `{"disabled":true}`) }, [3]string{"", "", ""}},
		"1.3 provider deleted":  {func(w *world) { w.must(w.t, "DELETE "+providerPath) }, [3]string{"", "", ""}},
		"1.3 pool disabled":     {func(w *world) { w.must(w.t, "PATCH "+poolPath+`?updateMask=disabled {"disabled":true}`) }, [3]string{dead, "", expired}},
		"1.3 pool disabled and enabled": {func(w *world) {
			w.must(w.t, "PATCH "+poolPath+`?updateMask=disabled {"disabled":true}`, "PATCH "+poolPath+`?updateMask=disabled {"disabled":false}`)
		}, [3]string{"", "", ""}},
		"1.3 pool deleted":                  {func(w *world) { w.must(w.t, "DELETE "+poolPath) }, [3]string{dead, "", expired}},
		"1.3 pool deleted and restored":     {func(w *world) { w.must(w.t, "DELETE "+poolPath, "POST "+poolPath+":undelete {}") }, [3]string{"", "", ""}},
		"3 account disabled":                {func(w *world) { w.must(w.t, "POST "+readerPath+":disable {}") }, [3]string{"", dead, mayNot.Text}},
		"3 account deleted":                 {func(w *world) { w.must(w.t, "DELETE "+readerPath) }, [3]string{"", dead, noGaia(readerEmail).Text}},
		"6 impersonation no longer allowed": {func(w *world) { w.bind() }, [3]string{"", "", mayNot.Text}},
		"5.3 an hour later, less a second":  {func(w *world) { w.Advance(time.Hour - time.Second) }, [3]string{"", "", ""}},
		"5.3 an hour later":                 {func(w *world) { w.Advance(time.Hour) }, [3]string{dead, dead, expired}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.grant("acme-data", workload+"c-1/foo/bar")
			federated, _ := w.exchange(nil).at("access_token").(string)
			account, _ := w.impersonate(federated, `{"scope":["`+cloudPlatform+`"]}`).at("accessToken").(string)
			c.then(w)
			got := [3]string{}
			for i, token := range []string{federated, account} {
				if o := w.read(token); o.Status != http.StatusOK {
					got[i] = o.Text
				}
			}
			if r := w.impersonate(federated, `{"scope":[""]}`); r.status != http.StatusOK {
				got[2] = refused("", r).Text
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// hugeLoop is a short expression of very many steps.
const hugeLoop = `[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c,
	[1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f, a+b+c+d+e+f > 0))))))`
