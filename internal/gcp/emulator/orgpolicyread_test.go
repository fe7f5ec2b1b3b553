package emulator

import (
	"strings"
	"testing"
)

func TestPoliciesInEffect(t *testing.T) {
	const path = "GET /v2/projects/acme-prod/policies/"
	c := start(t, Options{OrgPolicies: map[string][]string{
		"constraints/iam.workloadIdentityPoolProviders": {"https://allowed.example"}, "constraints/iam.allowedPolicyMemberDomains": nil,
		"constraints/iam.disableServiceAccountCreation": nil,
	}})
	for of, want := range map[string]string{
		"iam.workloadIdentityPoolProviders":                  `"allowedValues": [ "https://allowed.example" ]`,
		"iam.allowedPolicyMemberDomains":                     `"denyAll": true`,
		"iam.disableServiceAccountCreation":                  `"enforce": true`,
		"iam.disableServiceAccountKeyCreation":               `"enforce": false`,
		"iam.allowServiceAccountCredentialLifetimeExtension": `"allowAll": true`,
	} {
		r := c.send(t, path+of+":getEffectivePolicy")
		if text := strings.Join(strings.Fields(r.text), " "); r.status != 200 || !strings.Contains(text, want) || !strings.Contains(text, `"name": "projects/100200300400/policies/`+of) {
			t.Errorf("%s: %d %s, want %s", of, r.status, r.text, want)
		}
	}
	walk(t, Options{OperatorRoles: []string{"roles/serviceusage.serviceUsageAdmin"}}, []step{
		{name: "who may not look", request: path + "iam.workloadIdentityPoolProviders:getEffectivePolicy", status: 403, message: "Permission 'orgpolicy.policy.get' denied on resource '//cloudresourcemanager.googleapis.com/projects/acme-prod' (or it may not exist)."},
	})
	walk(t, Options{}, []step{
		{name: "a constraint that is not modelled", request: path + "compute.vmExternalIpAccess:getEffectivePolicy", status: 405, message: `constraint "compute.vmExternalIpAccess": the emulator does not model this; see docs/emulator.md`},
	})
}
