package emulator

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Lines of the behaviour table that no other test holds, by their section.

func TestAnswersNameTheProjectByNumber(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, createPool, createProvider)
	for path, name := range map[string]string{poolPath: poolName, providerPath: poolName + "/providers/cks-one"} {
		r := c.do(t, "GET "+path, "")
		if r.at("name") != name || r.at("state") != "ACTIVE" {
			t.Errorf("13.1 GET %s: name %v, state %v; want %s, ACTIVE", path, r.at("name"), r.at("state"), name)
		}
		for _, absent := range []string{"disabled", "expireTime", "mode"} {
			if r.at(absent) != nil {
				t.Errorf("13.1 GET %s: %s is %v, want it left out", path, absent, r.at(absent))
			}
		}
	}
}

func TestAnswersCarryTheHeadersOfTheFrontEnd(t *testing.T) {
	c := start(t, Options{})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url+"/v1/projects/acme-prod", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	header, _ := roundTrip(t, req)
	got := []string{header.Get("Server"), header.Get("Content-Type")}
	if diff := cmp.Diff([]string{"ESF", "application/json; charset=UTF-8"}, got); diff != "" {
		t.Errorf("8 headers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Origin", "X-Origin", "Referer"}, header.Values("Vary")); diff != "" {
		t.Errorf("8 Vary (-want +got):\n%s", diff)
	}
}

func TestTheTokenServiceIsThrottledInItsOwnForm(t *testing.T) {
	w := newWorld(t)
	w.Inject(Fault{Match: "sts.token", Status: http.StatusTooManyRequests})
	want := outcome{"sts", 429, "quota_exceeded", "The request was throttled due to rate limit: sts.googleapis.com/requests. Please retry after a few seconds."}
	if diff := cmp.Diff(want, w.walkIn()); diff != "" {
		t.Errorf("5.4 (-want +got):\n%s", diff)
	}
	if again := w.exchange(nil); again.status != http.StatusOK {
		t.Errorf("5.4 and then: %d %s", again.status, again.text)
	}
}

func TestWhatIsPurgedIsForgotten(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, createPool, createProvider, "DELETE "+poolPath)
	c.Advance(softDelete)
	for _, request := range []string{"POST " + poolPath + ":undelete", "GET " + providerPath} {
		if r := c.do(t, request, ""); r.status != http.StatusNotFound {
			t.Errorf("1.4 %s after 30 days: got %d %s, want 404", request, r.status, r.text)
		}
	}
	c.must(t, createPool)
	if r := c.do(t, "GET "+providerPath, ""); r.status != http.StatusNotFound {
		t.Errorf("1.4 the new pool has the old one's provider: %d %s", r.status, r.text)
	}
}

func TestPagesHaveTheirSizes(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, createPool)
	for i := range 120 {
		c.must(t, fmt.Sprintf("POST %s?workloadIdentityPoolId=pool-%03d {}", poolsPath, i), fmt.Sprintf(`POST %s {"accountId":"account-%03d"}`, accountsPath, i), c.numberedProvider(i))
	}
	tests := []struct {
		name, path, items string
		want              int
	}{
		{"3 accounts come by 20", accountsPath, "accounts", 20},
		{"3 and by 100 at most", accountsPath + "?pageSize=1000", "accounts", 100},
		{"1.1 pools come by 50", poolsPath, "workloadIdentityPools", 50},
		{"1.1 providers come by 50", providersPath, "workloadIdentityPoolProviders", 50},
		{"1.1 and by 100 at most", providersPath + "?pageSize=1000", "workloadIdentityPoolProviders", 100},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := c.do(t, "GET "+tt.path, "")
			items, _ := r.at(tt.items).([]any)
			if len(items) != tt.want || r.at("nextPageToken") == nil {
				t.Errorf("got %d and the next page %v, want %d and one", len(items), r.at("nextPageToken"), tt.want)
			}
		})
	}
}

// numberedProvider is the request that makes provider number i of the pool.
func (c *cloud) numberedProvider(i int) string {
	return fmt.Sprintf(`POST %s?workloadIdentityPoolProviderId=cks-%03d {"attributeMapping":{"google.subject":"assertion.sub"},"oidc":{"issuerUri":"https://issuer.example/%d"}}`,
		providersPath, i, i)
}

func TestAPrincipalKeepsItsLetters(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, createPool, createReader)
	member := "principalSet://iam.googleapis.com/" + poolName + "/attribute.k8s_sa/Bar"
	c.must(t, setAccount+policyBody(t, "roles/iam.workloadIdentityUser", member, "user:Ann@Acme.example"))
	r := c.do(t, "POST "+readerPath+":getIamPolicy", "")
	if diff := cmp.Diff([]any{member, "user:ann@acme.example"}, r.at("bindings.0.members")); diff != "" {
		t.Errorf("13.4 members (-want +got):\n%s", diff)
	}
}

func TestAnOperationIsPolledByEitherName(t *testing.T) {
	c := startEnabled(t, Options{})
	made := c.send(t, createPool)
	name, _ := made.at("name").(string)
	byID := "projects/acme-prod" + name[len("projects/100200300400"):]
	for _, path := range []string{name, byID} {
		if r := c.do(t, "GET /v1/"+path, ""); r.at("name") != name || r.at("done") != true || r.at("response") != nil {
			t.Errorf("13.2 GET %s: %s; want the same name, done, and no response", path, r.text)
		}
	}
}
