package emulator

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// creating is a create request with one thing changed in a provider that is
// fine otherwise.
func creating(t *testing.T, change func(p, oidc map[string]any)) string {
	t.Helper()
	oidc := map[string]any{"issuerUri": "https://issuer.example/1"}
	p := map[string]any{"attributeMapping": map[string]string{"google.subject": "assertion.sub"}, "oidc": oidc}
	change(p, oidc)
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return "POST " + providersPath + "?workloadIdentityPoolProviderId=cks-one " + string(b)
}

func TestProviderRefusals(t *testing.T) {
	oidc := func(field string, value any) string {
		return creating(t, func(_, oidc map[string]any) { oidc[field] = value })
	}
	top := func(field string, value any) string {
		return creating(t, func(p, _ map[string]any) { p[field] = value })
	}
	github := func(condition string) string {
		return creating(t, func(p, oidc map[string]any) {
			oidc["issuerUri"] = "https://token.actions.githubusercontent.com"
			p["attributeCondition"] = condition
		})
	}
	ten := make([]string, 11)
	for i := range ten {
		ten[i] = fmt.Sprintf("https://%d.example", i)
	}
	steps := []step{
		{"1.2 a plain provider can be created", nil, createProvider, 200, ""},
		{"1.2 a provider without oidc is refused", nil, top("oidc", nil), 400, "Provider config must be set..."},
		{"1.2 an id of 3 characters is too short", nil, strings.Replace(createProvider, "cks-one", "cks", 1), 400, `Invalid value for workload_identity_pool_provider_id: "cks"...`},
		{"1.2 the prefix gcp- is reserved", nil, strings.Replace(createProvider, "cks-one", "gcp-one", 1), 400, `Invalid value for workload_identity_pool_provider_id: "gcp-one". The prefix 'gcp-' is reserved...`},
		{"1.2 a display name of 33 characters is too long", nil, top("displayName", strings.Repeat("ä", 33)), 400, "display name must be less than or equal to 32 characters"},
		{"1.2 a description of 257 characters is too long", nil, top("description", strings.Repeat("d", 257)), 400, "description must be less than or equal to 256 characters"},
		{"1.1 the keys of providers are for SAML", []string{createProvider}, "GET " + providerPath + "/keys", 405, "GET " + providerPath + "/keys: the emulator does not model this; see docs/emulator.md"},
		{"1.4 create on an active id answers 409", []string{createProvider}, createProvider, 409, "Requested entity already exists"},
		{"1.4 create on a deleted id answers 409 in the same words", []string{createProvider, "DELETE " + providerPath}, createProvider, 409, "Requested entity already exists"},
		{"1.4 a deleted provider can't be patched", []string{createProvider, "DELETE " + providerPath}, "PATCH " + providerPath + `?updateMask=disabled {}`, 400, "Workload identity pool provider " + poolName + "/providers/cks-one is deleted..."},
		{"1.4 nor deleted again", []string{createProvider, "DELETE " + providerPath}, "DELETE " + providerPath, 400, "Workload identity pool provider " + poolName + "/providers/cks-one is deleted..."},
		{"1.4 an active provider can't be undeleted", []string{createProvider}, "POST " + providerPath + ":undelete {}", 400, "Workload identity pool provider " + poolName + "/providers/cks-one is not deleted."},
		{"1.4 nor one whose pool is deleted", []string{createProvider, "DELETE " + poolPath}, "POST " + providerPath + ":undelete {}", 400, "Workload identity pool " + poolName + " is deleted..."},
		{"1.4 a provider that never existed is a 404", nil, "GET " + providerPath, 404, "Requested entity was not found."},
		{"1.5 so is an operation", nil, "GET " + poolPath + "/operations/none", 404, "Requested entity was not found."},
		{"1.6 the issuer can be patched", []string{createProvider}, "PATCH " + providerPath + `?updateMask=oidc.issuer_uri {"oidc":{"issuerUri":"https://issuer.example/2"}}`, 200, ""},
		{"1.6 the kind can't be changed", []string{createProvider}, "PATCH " + providerPath + `?updateMask=oidc {}`, 400, "Provider config must be set..."},
		{"1.6 other kinds are not in the mask", []string{createProvider}, "PATCH " + providerPath + `?updateMask=aws {}`, 400, `Invalid update_mask: the field "aws" can't be updated.`},
		{"1.7 the mapping must have google.subject", nil, top("attributeMapping", map[string]string{"attribute.a": "assertion.a"}), 400, "The attribute mapping must contain google.subject."},
		{"1.7 a key must be of a known form", nil, top("attributeMapping", map[string]string{"google.subject": "assertion.sub", "assertion.aud": "assertion.aud"}), 400, "Invalid mapped attribute key: assertion.aud. Custom mapped attributes must be in format 'attribute.{custom_attribute}'"},
		{"1.8 a condition of 4097 characters is too long", nil, top("attributeCondition", "true"+strings.Repeat(" ", 4093)), 400, "The attribute condition has 4097 characters..."},
		{"1.8 GitHub's issuer needs a condition", nil, github(""), 400, "The attribute condition must reference one of the provider's claims..."},
		{"1.8 and one that reads a claim", nil, github("true"), 400, "The attribute condition must reference one of the provider's claims..."},
		{"1.8 with one it is taken", nil, github("assertion.repository_owner=='acme'"), 200, ""},
		{"1.10 eleven audiences are too many", nil, oidc("allowedAudiences", ten), 400, "The number of allowed audiences (11) exceeds the limit of 10."},
		{"1.10 an audience of 257 characters is too long", nil, oidc("allowedAudiences", []string{strings.Repeat("a", 257)}), 400, "Invalid allowed audience..."},
		{"1.11 the issuer must be https", nil, oidc("issuerUri", "http://issuer.example"), 400, "Invalid OIDC issuer URI. The scheme must be https."},
		{"1.11 the issuer must be a URL", nil, oidc("issuerUri", "issuer"), 400, "Invalid OIDC issuer URI."},
		{"1.11 an issuer that does not resolve is taken", nil, oidc("issuerUri", "https://nowhere.invalid"), 200, ""},
		{"1.11 discovery may be below the issuer", nil, oidc("discoveryUri", "https://issuer.example/1/.well-known/openid-configuration"), 200, ""},
		{"1.11 or before its path", nil, oidc("discoveryUri", "https://issuer.example/.well-known/openid-configuration/1"), 200, ""},
		{"1.11 discovery is at the issuer's own host", nil, oidc("discoveryUri", "https://other.example/1/.well-known/openid-configuration"), 400, "Invalid OIDC discovery URI."},
		{"1.11 and port", nil, oidc("discoveryUri", "https://issuer.example:8443/1/.well-known/openid-configuration"), 400, "Invalid OIDC discovery URI."},
		{"1.11 and path, below", nil, oidc("discoveryUri", "https://issuer.example/2/.well-known/openid-configuration"), 400, "Invalid OIDC discovery URI."},
		{"1.11 and path, before", nil, oidc("discoveryUri", "https://issuer.example/.well-known/openid-configuration"), 400, "Invalid OIDC discovery URI."},
		{"1.11 by https", nil, oidc("discoveryUri", "http://issuer.example/1/.well-known/openid-configuration"), 400, "Invalid OIDC discovery URI."},
		{"1.11 in 2000 characters", nil, oidc("discoveryUri", "https://issuer.example/1/.well-known/"+strings.Repeat("a", 2000)), 400, "Invalid OIDC discovery URI."},
		{"strict: another kind of provider is not modelled", nil, top("aws", map[string]string{"accountId": "1"}), 405, `field "aws": the emulator does not model this; see docs/emulator.md`},
		{"strict: a mapping that is none", nil, top("attributeMapping", "assertion.sub"), 400, `Invalid value at 'attributeMapping' (a message, a list or a map), string`},
		{"strict: an unknown field inside oidc", nil, oidc("jwks", "{}"), 400, `Invalid JSON payload received. Unknown name "jwks" at 'oidc': Cannot find field.`},
	}
	for i := range steps {
		steps[i].given = append([]string{createPool}, steps[i].given...)
	}
	walk(t, Options{}, steps)
}

func TestUploadedKeysReplaceTheSet(t *testing.T) {
	c := startEnabled(t, Options{Lag: LagTypical})
	c.must(t, createPool)
	c.Advance(c.lag.newPool)
	c.must(t, createProvider)
	c.Advance(c.lag.newPool)
	jwks := func() string {
		p, _ := c.project("acme-prod")
		q, _ := p.pools["k8s-pool"].provider("cks-one", c.clock.Now())
		return q.jwks(c.clock.Now())
	}
	c.must(t, "PATCH "+providerPath+`?updateMask=oidc.jwksJson {"oidc":{"jwksJson":"{\"keys\":[]}"}}`)
	if got := jwks(); got != "" {
		t.Errorf("1.12 at once the old set is used, got %q", got)
	}
	c.Advance(c.lag.jwksRefresh)
	if got := jwks(); got == "" {
		t.Error("1.12 after 5 s the new set is used")
	}
	c.must(t, "PATCH "+providerPath+`?updateMask=oidc.jwksJson {"oidc":{"issuerUri":"https://ignored.example"}}`)
	want := map[string]any{"issuerUri": "https://issuer.example/1"}
	if diff := cmp.Diff(want, c.send(t, "GET "+providerPath).at("oidc")); diff != "" {
		t.Errorf("1.6 an empty key set goes back to the issuer (-want +got):\n%s", diff)
	}
}

// gcloud writes "disabled": false into every patch, whatever it is about.
func TestAPatchOfSomethingElseLeavesAProviderDisabled(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, createPool)
	c.must(t, createProvider)
	c.must(t, "PATCH "+providerPath+`?updateMask=disabled {"disabled":true}`)
	c.must(t, "PATCH "+providerPath+`?updateMask=description {"description":"hello","disabled":false}`)
	if got := c.send(t, "GET "+providerPath); got.at("disabled") != true || got.at("description") != "hello" {
		t.Errorf("wire trap 5: fields outside the mask are ignored: %s", got.text)
	}
}

func TestOrgPolicies(t *testing.T) {
	o := Options{OrgPolicies: map[string][]string{
		"constraints/iam.workloadIdentityPoolProviders": {"https://allowed.example"},
		"constraints/iam.disableServiceAccountCreation": nil,
		"constraints/iam.allowedPolicyMemberDomains":    {"acme.example"},
	}}
	setPolicy := func(member string) string {
		return "POST /v1/projects/acme-prod:setIamPolicy " + `{"policy":{"bindings":[{"role":"roles/viewer","members":["` + member + `"]}]}}`
	}
	walk(t, o, []step{
		{"9 an issuer that is not on the list is refused", []string{createPool}, createProvider, 400, "Precondition check failed."},
		{"9 one on the list is taken", []string{createPool}, strings.Replace(createProvider, "https://issuer.example/1", "https://allowed.example", 1), 200, ""},
		{"9 service accounts can't be made", nil, createReader, 400, "Service account creation is not allowed on this project."},
		{"9 a member of another domain is refused", nil, setPolicy("user:eve@other.example"), 400, "One or more users named in the policy do not belong to a permitted customer, perhaps due to an organization policy."},
		{"9 and so is everybody", []string{createPool}, setting(poolPath, binding("roles/iam.workloadIdentityPoolViewer", "allUsers"), ""), 400, "One or more users named in the policy do not belong to a permitted customer, perhaps due to an organization policy."},
		{"9 a member of the domain is taken", nil, setPolicy("user:ann@acme.example"), 200, ""},
	})
}
