package emulator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

// TestHostile holds the whole way, from a pod's token to an object, against those
// who should not get through. Each row changes one thing in a world where the way
// is open, and names who stops it, with the words of the real service.
func TestHostile(t *testing.T) {
	sts := func(code, text string) outcome { return outcome{"sts", 400, code, text} }
	var (
		parse     = sts("invalid_grant", "Unable to parse the ID Token.")
		noKeys    = sts("invalid_grant", "Error connecting to the given credential's issuer.")
		signature = sts("invalid_grant", "Unable to verify the ID Token signature.")
		condition = sts("unauthorized_client", "The given credential is rejected by the attribute condition.")
		audience  = sts("invalid_request", `Invalid value for "audience". This value should be the full resource name of the Identity Provider. See https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token for the list of possible formats.`)
		target    = sts("invalid_target", `The target service indicated by the "audience" parameters is invalid. This might either be because the pool or provider is disabled or deleted or because it doesn't exist.`)
		mayNot    = outcome{"iamcredentials", 403, "IAM_PERMISSION_DENIED", "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."}
	)
	stale := func(iat string) outcome {
		return sts("invalid_grant", "ID Token issued at "+iat+" is stale to sign-in.")
	}
	aud := func(got string) outcome {
		return sts("invalid_grant", "The audience in ID Token ["+got+"] does not match the expected audience.")
	}
	noObject := func(who string) outcome {
		return outcome{"storage", 403, "", who + " does not have storage.objects.get access to the Google Cloud Storage object. Permission 'storage.objects.get' denied on resource (or it may not exist)."}
	}
	set := func(claim string, v any) func(*world) { return func(w *world) { w.claims[claim] = v } }
	without := func(claim string) func(*world) { return func(w *world) { delete(w.claims, claim) } }
	signed := func(s signing) func(*world) { return func(w *world) { w.with = s } }
	pod := func(namespace, name string) func(*world) {
		return func(w *world) {
			w.claims["sub"] = "system:serviceaccount:" + namespace + ":" + name
			w.claims["kubernetes.io"] = map[string]any{"namespace": namespace, "serviceaccount": map[string]any{"name": name}}
		}
	}
	send := func(requests ...string) func(*world) { return func(w *world) { w.must(w.t, requests...) } }
	answers := func(h http.HandlerFunc) func(*world) { return func(w *world) { w.issuer.discovery = h } }
	const direct = "principal://iam.googleapis.com/" + poolName + "/subject/system:serviceaccount:foo:bar"

	for name, c := range map[string]struct {
		attack func(*world)
		want   outcome
	}{
		"5.2 alg none":                         {func(w *world) { w.token = unsigned(`{"alg":"none","kid":"rsa-1"}`, `{"sub":"x"}`, "") }, parse},
		"5.2 HS256 over the public key":        {signed(signing{alg: jose.HS256, raw: []byte(jwks(t, "rsa-1")), kid: "rsa-1"}), parse},
		"5.2 PS256":                            {signed(signing{alg: jose.PS256}), parse},
		"5.2 ES384":                            {signed(signing{alg: jose.ES384, key: "p384"}), parse},
		"5.2 no kid":                           {func(w *world) { w.token = unsigned(`{"alg":"RS256"}`, `{"sub":"x"}`, "sig") }, parse},
		"5.4 not a JWT":                        {func(w *world) { w.token = "hello" }, parse},
		"5.4 claims without end":               {func(w *world) { w.token = unsigned(`{"alg":"RS256","kid":"k"}`, strings.Repeat("[", 9000), "s") }, parse},
		"5.4 unknown kid":                      {signed(signing{kid: "rsa-9"}), noKeys},
		"1.12 kid of a P-384 key":              {signed(signing{alg: jose.ES256, key: "p256", kid: "p384"}), noKeys},
		"5.4 right kid, wrong key":             {signed(signing{key: "rsa-2", kid: "rsa-1"}), signature},
		"5.4 right kid, key of the other kind": {signed(signing{key: "rsa-1", kid: "p256"}), signature},

		"5.2 expired 61 s ago":      {set("exp", noon.Unix()-61), stale(fmt.Sprint(noon.Unix()))},
		"5.2 issued in two minutes": {set("iat", noon.Unix()+119), stale(fmt.Sprint(noon.Unix() + 119))},
		"5.4 no iat":                {without("iat"), stale("null")},
		"5.4 no exp":                {without("exp"), stale(fmt.Sprint(noon.Unix()))},

		"5.4 another issuer":                      {set("iss", "https://evil.example"), sts("invalid_grant", "The issuer in ID Token https://evil.example does not match the expected ones: ISSUER")},
		"1.11 a trailing slash":                   {func(w *world) { w.claims["iss"] = w.issuer.URL + "/" }, sts("invalid_grant", "The issuer in ID Token ISSUER/ does not match the expected ones: ISSUER")},
		"5.4 no issuer":                           {without("iss"), sts("invalid_grant", "The issuer in ID Token null does not match the expected ones: ISSUER")},
		"5.4 another audience":                    {set("aud", "https://kubernetes.default.svc"), aud("https://kubernetes.default.svc")},
		"5.4 audience of another provider":        {set("aud", "https:"+audienceOne+"-2"), aud("https:" + audienceOne + "-2")},
		"5.4 no audience":                         {without("aud"), aud("")},
		"1.10 the default when another is listed": {func(w *world) { w.patch("oidc.allowedAudiences", `{"oidc":{"allowedAudiences":["mine"]}}`) }, aud("https:" + audienceOne)},

		"5.1 https in the exchange's audience":  {func(w *world) { w.audience = "https:" + audienceOne }, audience},
		"5.1 a slash behind it":                 {func(w *world) { w.audience += "/" }, audience},
		"5.1 a provider without a pool":         {func(w *world) { w.audience = "//iam.googleapis.com/projects/1/locations/global/providers/x" }, audience},
		"5.4 project id in place of the number": {func(w *world) { w.audience = strings.Replace(audienceOne, "100200300400", "acme-prod", 1) }, target},
		"5.4 a provider that never was":         {func(w *world) { w.audience += "x" }, target},
		"1.3 provider disabled":                 {func(w *world) { w.patch("disabled", `{"disabled":true}`) }, target},
		"1.3 provider deleted":                  {send("DELETE " + providerPath), target},
		"1.3 pool disabled":                     {send("PATCH " + poolPath + `?updateMask=disabled {"disabled":true}`), target},
		"1.3 pool deleted":                      {send("DELETE " + poolPath), target},

		"5.4 a namespace the condition leaves out": {pod("evil", "bar"), condition},
		"5.4 no subject":             {without("sub"), sts("unauthorized_client", "Could not obtain a value for google.subject from the given credential.")},
		"5.4 a subject of 128 bytes": {set("sub", strings.Repeat("x", 128)), sts("invalid_request", "The size of mapped attribute google.subject exceeds the 127 bytes limit. Either modify your attribute mapping or the incoming assertion to produce a mapped attribute that is less than 127 bytes.")},
		"5.4 a list in place of a string": {func(w *world) {
			w.patch("attributeMapping", `{"attributeMapping":{"google.subject":"assertion.sub","attribute.k8s_ns":"assertion['kubernetes.io']['namespace']","attribute.x":"assertion.groups"}}`)
		}, sts("invalid_request", "The mapped attribute 'attribute.x' must be of type STRING")},
		"5.4 a mapping that loops and loops": {func(w *world) {
			w.patch("attributeCondition", `{"attributeCondition":"`+strings.Join(strings.Fields(hugeLoop), " ")+`"}`)
		}, condition},

		"2.1 same name in another namespace": {pod("bad", "bar"), mayNot},
		"2.1 another name in the namespace":  {pod("foo", "baz"), mayNot},
		"2.1 another cluster in a shared pool": {func(w *world) {
			second := newTestIssuer(w.t, jwks(w.t, "rsa-2")) // httptest gives all servers one certificate
			w.must(w.t, w.provider("cks-two", second.URL, "c-2"))
			w.audience = strings.Replace(audienceOne, "cks-one", "cks-two", 1)
			w.claims["iss"], w.claims["aud"], w.with = second.URL, w.audience, signing{key: "rsa-2"}
		}, mayNot},
		"2.1 a member that names the provider's attribute in other letters": {func(w *world) { w.bind(workload + "C-1/foo/bar") }, mayNot},
		"3 account disabled":                  {send("POST " + readerPath + ":disable {}"), mayNot},
		"3 account deleted":                   {send("DELETE " + readerPath), outcome{"iamcredentials", 404, "", "Not found; Gaia id not found for email " + readerEmail}},
		"3 account made again under its name": {send("DELETE "+readerPath, createReader), mayNot},
		"6 an account without a binding": {func(w *world) {
			w.must(w.t, "POST "+accountsPath+` {"accountId":"gcs-writer"}`)
			w.gsa = "gcs-writer@acme-prod.iam.gserviceaccount.com"
		}, mayNot},
		"6 a federated token for storage alone": {func(w *world) { w.stsScope = scopePrefix + "devstorage.read_only" }, outcome{"iamcredentials", 403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "Request had insufficient authentication scopes."}},
		"6 an account's token for other APIs":   {func(w *world) { w.scope = scopePrefix + "compute" }, outcome{"storage", 403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "Request had insufficient authentication scopes."}},
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

		"1.11 the issuer's document redirects": {answers(func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/keys", http.StatusFound) }), noKeys},
		"1.11 it lies about its issuer": {answers(func(rw http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(rw, `{"issuer":"https://x.example","jwks_uri":"https://x.example"}`)
		}), noKeys},
		"1.11 it is gone":                                       {answers(http.NotFound), noKeys},
		"1.11 its certificate is nobody's":                      {func(w *world) { w.issuers.client = &http.Client{} }, noKeys},
		"6 the STS API is off in the pool's project":            {send(`POST /v1/projects/acme-prod/services/sts.googleapis.com:disable {}`), disabled("sts", "Security Token Service API", "sts.googleapis.com")},
		"6 the credentials API is off in the account's project": {send(`POST /v1/projects/acme-prod/services/iamcredentials.googleapis.com:disable {}`), disabled("iamcredentials", "IAM Service Account Credentials API", "iamcredentials.googleapis.com")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.attack(w)
			got := w.walkIn()
			got.Text = strings.ReplaceAll(got.Text, w.issuer.URL, "ISSUER")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func disabled(at, title, api string) outcome {
	page := "https://console.developers.google.com/apis/api/" + api + "/overview?project=100200300400"
	return outcome{at, 403, "SERVICE_DISABLED", title + " has not been used in project 100200300400 before or it is disabled. Enable it by visiting " + page +
		" then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry."}
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
		"5.2 signed with P-256":               func(w *world) { w.with = signing{alg: jose.ES256, key: "p256"} },
		"1.12 uploaded keys, and an issuer that is gone": func(w *world) {
			w.patch("oidc.jwksJson", fmt.Sprintf(`{"oidc":{"jwksJson":%q}}`, jwks(w.t, "rsa-2")))
			w.with = signing{key: "rsa-2"}
			w.issuer.Close()
		},
		"wire 4 the scope Python's library asks for": func(w *world) { w.stsScope = scopePrefix + "iam" },
		"6 a unique id in place of the address":      func(w *world) { w.gsa = w.do(w.t, "GET "+readerPath, "").at("uniqueId").(string) },
		"6 a scope for reading alone":                func(w *world) { w.scope = scopePrefix + "devstorage.read_only" },
		"5.2 on the skew of the clocks":              func(w *world) { w.claims["iat"] = noon.Unix() + 60 },
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

// TestTokensOutliveWhatMadeThem is the table of 1.3, and the lives of tokens.
func TestTokensOutliveWhatMadeThem(t *testing.T) {
	const dead = "Invalid Credentials"
	for name, c := range map[string]struct {
		then func(*world)
		want [2]string // what a federated and an account's token then read
	}{
		"1.3 provider disabled": {func(w *world) { w.patch("disabled", `{"disabled":true}`) }, [2]string{"", ""}},
		"1.3 provider deleted":  {func(w *world) { w.must(w.t, "DELETE "+providerPath) }, [2]string{"", ""}},
		"1.3 pool disabled":     {func(w *world) { w.must(w.t, "PATCH "+poolPath+`?updateMask=disabled {"disabled":true}`) }, [2]string{dead, ""}},
		"1.3 pool disabled and enabled": {func(w *world) {
			w.must(w.t, "PATCH "+poolPath+`?updateMask=disabled {"disabled":true}`, "PATCH "+poolPath+`?updateMask=disabled {"disabled":false}`)
		}, [2]string{"", ""}},
		"1.3 pool deleted":                  {func(w *world) { w.must(w.t, "DELETE "+poolPath) }, [2]string{dead, ""}},
		"1.3 pool deleted and restored":     {func(w *world) { w.must(w.t, "DELETE "+poolPath, "POST "+poolPath+":undelete {}") }, [2]string{"", ""}},
		"3 account deleted":                 {func(w *world) { w.must(w.t, "DELETE "+readerPath) }, [2]string{"", dead}},
		"6 impersonation no longer allowed": {func(w *world) { w.bind() }, [2]string{"", ""}},
		"5.3 an hour later, less a second":  {func(w *world) { w.Advance(time.Hour - time.Second) }, [2]string{"", ""}},
		"5.3 an hour later":                 {func(w *world) { w.Advance(time.Hour) }, [2]string{dead, dead}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.grant("acme-data", workload+"c-1/foo/bar")
			federated, _ := w.exchange(nil).at("access_token").(string)
			account, _ := w.impersonate(federated, `{"scope":["`+cloudPlatform+`"]}`).at("accessToken").(string)
			c.then(w)
			got := [2]string{}
			for i, token := range []string{federated, account} {
				if o := w.read(token); o.Status != http.StatusOK {
					got[i] = o.Text
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
