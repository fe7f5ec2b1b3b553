package gcp

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProvidersAreLookedUp(t *testing.T) {
	const get = iamProviders + "get"
	for _, tc := range []struct {
		name   string
		answer answerTo
		want   Provider
		found  bool
		reason Reason
	}{
		{"one that is not there", answerTo{method: get, status: 404, body: refusal(404, "NOT_FOUND", "Requested entity was not found.")}, Provider{}, false, Unknown},
		{"one that is hidden", answerTo{method: get, status: 403, body: refusal(403, "PERMISSION_DENIED", "no")}, Provider{}, false, PermissionDenied},
		{"for tokens of an issuer", answerTo{method: get, body: `{"name":"q","state":"ACTIVE","oidc":{"issuerUri":"https://i","allowedAudiences":["a"]}}`},
			Provider{Name: "q", State: Active, Kind: KindOIDC, Issuer: "https://i", Audiences: []string{"a"}}, true, Unknown},
		{"for AWS", answerTo{method: get, body: `{"name":"q","state":"ACTIVE","aws":{"accountId":"1"}}`}, Provider{Name: "q", State: Active, Kind: KindAWS}, true, Unknown},
		{"for SAML", answerTo{method: get, body: `{"name":"q","state":"ACTIVE","saml":{"idpMetadataXml":"x"}}`}, Provider{Name: "q", State: Active, Kind: KindSAML}, true, Unknown},
		{"for certificates", answerTo{method: get, body: `{"name":"q","state":"ACTIVE","x509":{}}`}, Provider{Name: "q", State: Active, Kind: KindX509}, true, Unknown},
		{"of a kind we don't know", answerTo{method: get, body: `{"name":"q","state":"ACTIVE"}`}, Provider{Name: "q", State: Active}, true, Unknown},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, _, _ := follow(t, tc.answer)
			got, found, err := c.Provider(t.Context(), providerName)
			if found != tc.found || ReasonOf(err) != tc.reason {
				t.Errorf("found %v, %v; want %v, reason %q", found, err, tc.found, tc.reason)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestProvidersAreListedToTheLastPage(t *testing.T) {
	const list = iamProviders + "list"
	c, s, _ := follow(t,
		answerTo{method: list, body: `{"workloadIdentityPoolProviders":[{"name":"a"}],"nextPageToken":"more"}`},
		answerTo{method: list, body: `{"workloadIdentityPoolProviders":[{"name":"b"}]}`})
	got, err := c.Providers(t.Context(), poolName, true)
	must(t, err)
	if diff := cmp.Diff([]Provider{{Name: "a"}, {Name: "b"}}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	q := s.seen[1].URL.Query()
	if q.Get("pageToken") != "more" || q.Get("showDeleted") != "true" {
		t.Errorf("asked %v", q)
	}
}
