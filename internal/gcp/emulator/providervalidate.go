package emulator

import (
	"slices"

	"github.com/wifctl/wifctl/internal/gcp/emulator/federation"
)

// check is everything Google looks at when a provider is written. It rewrites
// jwksJson, as Google does.
func (f *providerFields) check() error {
	if err := checkNames(f.DisplayName, f.Description); err != nil {
		return err
	}
	if f.OIDC == nil {
		return invalidArgument("Provider config must be set: the emulator takes oidc only.")
	}
	p := f.rules()
	err := p.Check()
	f.OIDC.JWKSJSON = p.JWKS
	return err
}

// rules are what the fields say of tokens.
func (f *providerFields) rules() federation.Provider {
	return federation.Provider{
		Issuer: f.OIDC.IssuerURI, AllowedAudiences: f.OIDC.AllowedAudiences,
		JWKS: f.OIDC.JWKSJSON, DiscoveryURI: f.OIDC.DiscoveryURI,
		Mapping: f.AttributeMapping, Condition: f.AttributeCondition,
	}
}

// checkIssuerPolicy applies constraints/iam.workloadIdentityPoolProviders, a
// list of allowed issuers. Only writes are held to it.
func (s *Server) checkIssuerPolicy(q *provider) error {
	const constraint = "constraints/iam.workloadIdentityPoolProviders"
	allowed, inForce := s.opts.OrgPolicies[constraint]
	if !inForce || slices.Contains(allowed, q.OIDC.IssuerURI) {
		return nil
	}
	subject := "orgpolicy:projects/" + q.pool.project.id + "/locations/global/workloadIdentityPools/" + q.pool.id
	return orgPolicyViolated("Precondition check failed.", constraint, subject, "Org Policy violated for value: '"+q.OIDC.IssuerURI+"'.")
}
