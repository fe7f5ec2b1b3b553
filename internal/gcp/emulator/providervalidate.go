package emulator

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// check is everything Google looks at when a provider is written: limits and
// syntax, nothing that needs the issuer
// (docs.cloud.google.com/iam/docs/manage-workload-identity-pools-providers).
// It rewrites jwksJson, as Google does.
func (f *providerFields) check() error {
	if err := checkNames(f.DisplayName, f.Description); err != nil {
		return err
	}
	if f.OIDC == nil {
		return invalidArgument("Provider config must be set: the emulator takes oidc only.")
	}
	if err := checkMapping(f.AttributeMapping); err != nil {
		return invalidArgument("%v", err)
	}
	if err := checkCondition(f.AttributeCondition); err != nil {
		return invalidArgument("%v", err)
	}
	if err := f.OIDC.check(); err != nil {
		return err
	}
	return f.checkSharedIssuer()
}

func (f *oidcFields) check() error {
	if err := checkIssuer(f.IssuerURI); err != nil {
		return err
	}
	if err := checkAudiences(f.AllowedAudiences); err != nil {
		return err
	}
	if err := checkDiscovery(f.DiscoveryURI, f.IssuerURI); err != nil {
		return err
	}
	text, err := checkJWKS(f.JWKSJSON)
	f.JWKSJSON = text
	return err
}

func checkIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.Scheme == "" {
		return invalidArgument("Invalid OIDC issuer URI.")
	}
	if u.Scheme != "https" {
		return invalidArgument("Invalid OIDC issuer URI. The scheme must be https.")
	}
	return nil
}

func checkAudiences(audiences []string) error {
	if len(audiences) > 10 {
		return invalidArgument("The number of allowed audiences (%d) exceeds the limit of 10.", len(audiences))
	}
	for _, a := range audiences {
		if a == "" || utf8.RuneCountInString(a) > 256 {
			return invalidArgument("Invalid allowed audience: each must be 1 to 256 characters.")
		}
	}
	return nil
}

// checkDiscovery checks the newer discoveryUri: the issuer's own host, and a
// well-known path.
func checkDiscovery(discovery, issuer string) error {
	if discovery == "" {
		return nil
	}
	d, errD := url.Parse(discovery)
	i, errI := url.Parse(issuer)
	if errD != nil || errI != nil || d.Scheme != "https" || d.Host != i.Host || len(discovery) > 2000 || !strings.Contains(d.Path, "/.well-known/") {
		return invalidArgument("Invalid OIDC discovery URI.")
	}
	return nil
}

// sharedIssuers sign tokens for everybody, so a provider for one needs a
// condition
// (docs.cloud.google.com/iam/docs/workload-identity-federation-with-deployment-pipelines#conditions).
var sharedIssuers = []string{"https://token.actions.githubusercontent.com", "https://gitlab.com", "https://app.terraform.io"}

func (f *providerFields) checkSharedIssuer() error {
	if !slices.Contains(sharedIssuers, strings.TrimSuffix(f.OIDC.IssuerURI, "/")) {
		return nil
	}
	for _, variable := range []string{"assertion", "attribute", "google"} {
		if strings.Contains(f.AttributeCondition, variable) {
			return nil
		}
	}
	return invalidArgument("The attribute condition must reference one of the provider's claims. For more information, see https://cloud.google.com/iam/docs/workload-identity-federation-with-deployment-pipelines#conditions")
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
