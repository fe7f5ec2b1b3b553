package emulator

import "net/http"

// constraints are those of the organisation policies that are modelled: those of lists have the
// values that they allow, and the others are enforced.
//
// https://docs.cloud.google.com/resource-manager/docs/organization-policy/org-policy-constraints
var constraints = map[string]struct{ list bool }{
	"iam.workloadIdentityPoolProviders":                  {list: true},
	"iam.allowedPolicyMemberDomains":                     {list: true},
	"iam.allowServiceAccountCredentialLifetimeExtension": {list: true},
	"iam.disableServiceAccountCreation":                  {},
	"iam.disableServiceAccountKeyCreation":               {},
	"storage.uniformBucketLevelAccess":                   {},
	"storage.publicAccessPrevention":                     {},
}

// orgPolicyRoutes are Organization Policy v2
// (docs.cloud.google.com/resource-manager/docs/reference/orgpolicy/rest/v2/projects.policies).
//
// not modelled: setting policies, which are the organisation's, and reading what is not in effect.
func orgPolicyRoutes() []route {
	return []route{{
		id: "orgpolicy.projects.policies.getEffectivePolicy", verb: http.MethodGet, path: "/v2/projects/{project}/policies/{constraint}:getEffectivePolicy",
		permission: "orgpolicy.policy.get", handle: (*call).effectivePolicy,
	}}
}

type policyRule struct {
	Values   *policyValues `json:"values,omitempty"`
	AllowAll bool          `json:"allowAll,omitempty"`
	DenyAll  bool          `json:"denyAll,omitempty"`
	Enforce  *bool         `json:"enforce,omitempty"`
}

type policyValues struct {
	Allowed []string `json:"allowedValues"`
}

// effectivePolicy is what a constraint comes to for a project.
func (c *call) effectivePolicy() (any, error) {
	p, ok := c.s.project(c.vars["project"])
	if !ok || !c.s.allowed(c.caller, c.route.permission, p.policy) {
		return nil, permissionDenied(c.route.permission, "//cloudresourcemanager.googleapis.com/projects/"+c.vars["project"])
	}
	name := c.vars["constraint"]
	known, ok := constraints[name]
	if !ok {
		return nil, notModelled("constraint %q", name)
	}
	allowed, inForce := c.s.opts.OrgPolicies["constraints/"+name]
	rule := policyRule{}
	switch {
	case !known.list:
		rule.Enforce = &inForce
	case !inForce:
		rule.AllowAll = true
	case len(allowed) == 0:
		rule.DenyAll = true
	default:
		rule.Values = &policyValues{allowed}
	}
	type spec struct {
		Rules []policyRule `json:"rules"`
	}
	return struct {
		Name string `json:"name"`
		Spec spec   `json:"spec"`
	}{"projects/" + p.number + "/policies/" + name, spec{[]policyRule{rule}}}, nil
}
