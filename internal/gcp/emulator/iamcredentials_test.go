package emulator

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestGenerateAccessTokenRefusals(t *testing.T) {
	const scope = `"scope":["` + cloudPlatform + `"]`
	const hour = "Access tokens can not have lifetimes of more than 1 hour. Use the Org Policy Constraint constraints/iam.allowServiceAccountCredentialLifetimeExtension to allow up to 12 hours."
	const duration = "Invalid value at 'lifetime' (type.googleapis.com/google.protobuf.Duration), Field 'lifetime', Illegal duration format; duration must end with 's'"
	w := newWorld(t)
	federated, _ := w.exchange(nil).at("access_token").(string)
	for name, c := range map[string]struct {
		project, body string
		want          outcome
	}{
		"6 no scope":             {"-", `{}`, outcome{Status: 400, Text: "Scope required."}},
		"6 0 s":                  {"-", `{` + scope + `,"lifetime":"0s"}`, outcome{Status: 400, Text: "Lifetime of access token must be larger then zero."}},
		"6 less than nothing":    {"-", `{` + scope + `,"lifetime":"-1s"}`, outcome{Status: 400, Text: "Lifetime of access token must be larger then zero."}},
		"6 an hour and a second": {"-", `{` + scope + `,"lifetime":"3601s"}`, outcome{Status: 400, Text: hour}},
		"6 hours that are not s": {"-", `{` + scope + `,"lifetime":"1h"}`, outcome{Status: 400, Text: duration}},
		"6 minutes and seconds":  {"-", `{` + scope + `,"lifetime":"1m1s"}`, outcome{Status: 400, Text: duration}},
		"6 milliseconds":         {"-", `{` + scope + `,"lifetime":"100ms"}`, outcome{Status: 400, Text: duration}},
		"6 a sign before it":     {"-", `{` + scope + `,"lifetime":"+5s"}`, outcome{Status: 400, Text: duration}},
		"6 a point before it":    {"-", `{` + scope + `,"lifetime":".5s"}`, outcome{Status: 400, Text: duration}},
		"6 ten decimals":         {"-", `{` + scope + `,"lifetime":"1.0123456789s"}`, outcome{Status: 400, Text: duration}},
		"6 a bare number":        {"-", `{` + scope + `,"lifetime":"3600"}`, outcome{Status: 400, Text: duration}},
		"6 a little over":        {"-", `{` + scope + `,"lifetime":"3600.000000001s"}`, outcome{Status: 400, Text: hour}},
		"6 an empty list":        {"-", `{"scope":[]}`, outcome{Status: 400, Text: "Scope required."}},
		"6 by way of itself":     {"-", `{` + scope + `,"delegates":["projects/-/serviceAccounts/` + readerEmail + `"]}`, outcome{Status: 403, Code: "IAM_PERMISSION_DENIED", Text: "Permission 'iam.serviceAccounts.implicitDelegation' denied on resource (or it may not exist)."}},
		"6 a body without end":   {"-", strings.Repeat(`{"scope":`, 100_000), outcome{Status: 400, Text: "Invalid JSON payload received. invalid character '{' exceeded max depth"}},
		"6 the project by name":  {"acme-prod", `{` + scope + `}`, outcome{Status: 400, Text: "Invalid resource name: projects/acme-prod/serviceAccounts/" + readerEmail + ". The project must be the wildcard character -."}},
		"6 by way of a stranger": {"-", `{` + scope + `,"delegates":["projects/-/serviceAccounts/x@y"]}`, outcome{Status: 403, Code: "IAM_PERMISSION_DENIED", Text: "Permission 'iam.serviceAccounts.implicitDelegation' denied on resource (or it may not exist)."}},
		"6 a field nobody knows": {"-", `{` + scope + `,"audience":"x"}`, outcome{Status: 400, Text: `Invalid JSON payload received. Unknown name "audience": Cannot find field.`}},
	} {
		t.Run(name, func(t *testing.T) {
			r := w.as(t, federated, "POST /v1/projects/"+c.project+"/serviceAccounts/"+readerEmail+":generateAccessToken", c.body)
			if diff := cmp.Diff(c.want, refused("", r)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestGenerateAccessToken has the bodies of Go, Python and others.
func TestGenerateAccessToken(t *testing.T) {
	w := newWorld(t)
	federated, _ := w.exchange(nil).at("access_token").(string)
	for name, c := range map[string]struct{ body, expires string }{
		"wire 4 Go":                          {`{"lifetime":"3600s","scope":["` + cloudPlatform + `"]}`, "2026-11-24T13:00:00Z"},
		"wire trap 7: Python's null":         {`{"delegates":null,"scope":["openid","` + cloudPlatform + `"],"lifetime":"3600s"}`, "2026-11-24T13:00:00Z"},
		"6 the default is an hour":           {`{"scope":["` + cloudPlatform + `"]}`, "2026-11-24T13:00:00Z"},
		"6 ten minutes":                      {`{"scope":["` + cloudPlatform + `"],"lifetime":"600s"}`, "2026-11-24T12:10:00Z"},
		"6 a second":                         {`{"scope":["` + cloudPlatform + `"],"lifetime":"1s"}`, "2026-11-24T12:00:01Z"},
		"6 an empty scope is cloud-platform": {`{"scope":[""]}`, "2026-11-24T13:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			r := w.impersonate(federated, c.body)
			if r.at("expireTime") != c.expires {
				t.Fatalf("got %d %s, want expireTime %s", r.status, r.text, c.expires)
			}
			token, _ := r.at("accessToken").(string)
			if got := w.read(token); got.Status != http.StatusOK {
				t.Errorf("the token reads %+v", got)
			}
		})
	}
}

func TestDelegation(t *testing.T) {
	w := newWorld(t)
	const middle = "middle@acme-prod.iam.gserviceaccount.com"
	w.must(t, "POST "+accountsPath+` {"accountId":"middle"}`,
		"POST "+accountsPath+"/"+middle+":setIamPolicy "+policyBody(t, "roles/iam.serviceAccountTokenCreator", workload+"c-1/foo/bar"))
	w.bind("serviceAccount:" + middle)
	federated, _ := w.exchange(nil).at("access_token").(string)

	scope := `"scope":["` + cloudPlatform + `"]`
	if r := w.impersonate(federated, `{`+scope+`}`); r.status != http.StatusForbidden {
		t.Errorf("without the delegate: %d %s", r.status, r.text)
	}
	if r := w.impersonate(federated, `{`+scope+`,"delegates":["projects/-/serviceAccounts/`+middle+`"]}`); r.status != http.StatusOK {
		t.Errorf("by way of the delegate: %d %s", r.status, r.text)
	}
}

func TestLongLifetimesNeedTheConstraint(t *testing.T) {
	w := newWorld(t)
	w.opts.OrgPolicies = map[string][]string{longLifetimes: {readerEmail}}
	federated, _ := w.exchange(nil).at("access_token").(string)
	for lifetime, want := range map[string]int{"43200s": http.StatusOK, "43201s": http.StatusBadRequest} {
		if r := w.impersonate(federated, `{"scope":[""],"lifetime":"`+lifetime+`"}`); r.status != want {
			t.Errorf("%s: got %d %s, want %d", lifetime, r.status, r.text, want)
		}
	}
}

func TestAllowedLocations(t *testing.T) {
	w := newWorld(t)
	want := map[string]any{"locations": []any{}, "encodedLocations": "0x0"}
	for _, path := range []string{
		"/v1/projects/-/serviceAccounts/" + readerEmail + "/allowedLocations",
		"/v1/projects/acme-prod/locations/global/workloadIdentityPools/k8s-pool/allowedLocations",
	} {
		if diff := cmp.Diff(want, w.do(t, "GET "+path, "").json); diff != "" {
			t.Errorf("%s\n%s", path, diff)
		}
	}
}

// TestEnforcementLagsBehindThePolicy is 13.7: reads show a binding at once, and it
// works 70 s later; without it, the way stays open for 90 s.
func TestEnforcementLagsBehindThePolicy(t *testing.T) {
	w := newWorld(t)
	w.lag = LagTypical.delays(1)
	may := func() bool {
		t.Helper()
		federated, _ := w.exchange(nil).at("access_token").(string)
		return w.impersonate(federated, `{"scope":[""]}`).status == http.StatusOK
	}
	for _, step := range []struct {
		what string
		do   func()
		want bool
	}{
		{"as set up", func() {}, true},
		{"just taken away", func() { w.bind() }, true},
		{"89 s later", func() { w.Advance(89 * time.Second) }, true},
		{"90 s later", func() { w.Advance(1 * time.Second) }, false},
		{"just given", func() { w.bind(workload + "c-1/foo/bar") }, false},
		{"69 s later", func() { w.Advance(69 * time.Second) }, false},
		{"70 s later", func() { w.Advance(1 * time.Second) }, true},
	} {
		step.do()
		if got := may(); got != step.want {
			t.Errorf("%s: may impersonate is %v, want %v", step.what, got, step.want)
		}
	}
	if text := w.do(t, "POST "+readerPath+":getIamPolicy", "").text; !strings.Contains(text, "c-1/foo/bar") {
		t.Errorf("the policy reads %s", text)
	}
}
