package emulator

import (
	"slices"
	"strconv"
	"strings"
)

// setPolicyBody is the body of setIamPolicy everywhere but in Cloud Storage
// (docs.cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts/setIamPolicy).
type setPolicyBody struct {
	Policy     *policyDoc `json:"policy"`
	UpdateMask string     `json:"updateMask"`
}

// policyVersion is the version a getIamPolicy asks for: in the query for
// service accounts, in the body for pools and projects.
func (c *call) policyVersion() (int, error) {
	var body struct {
		Options struct {
			Version int `json:"requestedPolicyVersion"`
		} `json:"options"`
	}
	if err := c.decode(&body); err != nil {
		return 0, err
	}
	if v := c.query.Get("options.requestedPolicyVersion"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			return 0, invalidArgument("Invalid value at 'options.requested_policy_version' (TYPE_INT32), %q", v)
		}
		body.Options.Version = n
	}
	if !slices.Contains([]int{0, 1, 3}, body.Options.Version) {
		return 0, invalidArgument("Invalid requested policy version: %d.", body.Options.Version)
	}
	return body.Options.Version, nil
}

func (c *call) readPolicy(p *allowPolicy) (any, error) {
	version, err := c.policyVersion()
	if err != nil {
		return nil, err
	}
	return c.s.show(p, version), nil
}

// writePolicy replaces a policy. Without an etag it overwrites whatever is
// there; with an old one it is refused. Audit configs stay unless the mask
// names them.
func (c *call) writePolicy(p *allowPolicy, takes func(bindingDoc) error) (any, error) {
	var body setPolicyBody
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	if body.Policy == nil {
		return nil, invalidArgument("The policy is required.")
	}
	if err := checkEtag(p, body.Policy.Etag); err != nil {
		return nil, err
	}
	if body.UpdateMask == "" {
		body.UpdateMask = "bindings,etag"
	}
	mask := strings.Split(strings.ReplaceAll(body.UpdateMask, " ", ""), ",")
	for _, path := range mask {
		if !containsWord("bindings etag version auditConfigs audit_configs", path) {
			return nil, badMask(path)
		}
	}
	audit := slices.Contains(mask, "auditConfigs") || slices.Contains(mask, "audit_configs")
	if audit {
		if err := checkAudit(body.Policy.AuditConfigs); err != nil {
			return nil, err
		}
	}
	if !audit {
		body.Policy.AuditConfigs = p.audit // what stays counts, and what is not written does not
	}
	if !slices.Contains(mask, "bindings") {
		body.Policy.Bindings, body.Policy.Version = c.s.show(p, 3).Bindings, 3
	}
	w := policyWrite{s: c.s, old: p, doc: *body.Policy, takes: takes}
	if err := w.store(); err != nil {
		return nil, err
	}
	p.audit = body.Policy.AuditConfigs
	return c.s.show(p, 3), nil
}

func checkEtag(p *allowPolicy, etag string) error {
	if etag == "" {
		return nil
	}
	if _, ok := decodeEtag(etag); !ok {
		return invalidArgument("Invalid value at 'policy.etag' (TYPE_BYTES), Base64 decoding failed for %q", etag)
	}
	if !sameEtag(etag, p.etag()) {
		return concurrentChange()
	}
	return nil
}

// checkAudit refuses services without Data Access logs of their own: the
// configuration of iam.googleapis.com covers iamcredentials (measured).
func checkAudit(configs []auditConfig) error {
	for _, a := range configs {
		if _, known := titles[a.Service]; (!known && a.Service != "allServices") || a.Service == "iamcredentials.googleapis.com" {
			return invalidArgument("Audit config service %s is not supported.", a.Service)
		}
		for _, l := range a.AuditLogConfigs {
			if !containsWord("ADMIN_READ DATA_READ DATA_WRITE", l.LogType) {
				return invalidArgument("Invalid value at 'policy.audit_configs.audit_log_configs.log_type': %q", l.LogType)
			}
		}
	}
	return nil
}

// getPoolPolicy and its two sisters are the policy of a pool itself, which says
// who may manage it (REST reference, workloadIdentityPools.getIamPolicy).
func (c *call) getPoolPolicy() (any, error) {
	p, err := c.pool()
	if err != nil {
		return nil, err
	}
	return c.readPolicy(p.policy)
}

func (c *call) setPoolPolicy() (any, error) {
	p, err := c.activePool()
	if err != nil {
		return nil, err
	}
	return c.writePolicy(p.policy, iamTakes)
}

// testPoolPermissions needs no permission.
func (c *call) testPoolPermissions() (any, error) {
	p, ok := c.findPool()
	if !ok {
		return nil, permissionDenied("iam.workloadIdentityPools.get", c.poolResource())
	}
	return c.testPermissions(p.policy, p.project.policy)
}
