package federation

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Provider is what a workload identity pool provider says of tokens: whose they are,
// for whom, and what becomes of their claims.
//
// https://docs.cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools.providers
type Provider struct {
	Name             string // "projects/N/locations/global/workloadIdentityPools/P/providers/Q"
	Issuer           string
	AllowedAudiences []string // if empty, the default audience, made of Name, is
	JWKS             string   // uploaded keys; empty: the issuer is asked for its own
	DiscoveryURI     string   // of the issuer's document; empty: where OpenID Connect has it
	Mapping          map[string]string
	Condition        string
}

// Check is everything Google looks at when a provider is written: limits and syntax,
// nothing that needs the issuer
// (https://docs.cloud.google.com/iam/docs/manage-workload-identity-pools-providers).
// It rewrites JWKS, as Google does. What it refuses it refuses with an *Invalid.
func (p *Provider) Check() error {
	if err := checkMapping(p.Mapping); err != nil {
		return err
	}
	if err := checkCondition(p.Condition); err != nil {
		return err
	}
	if err := p.checkOIDC(); err != nil {
		return err
	}
	return p.checkSharedIssuer()
}

func (p *Provider) checkOIDC() error {
	if err := checkIssuer(p.Issuer); err != nil {
		return err
	}
	if err := checkAudiences(p.AllowedAudiences); err != nil {
		return err
	}
	if err := checkDiscovery(p.DiscoveryURI, p.Issuer); err != nil {
		return err
	}
	text, err := checkJWKS(p.JWKS)
	p.JWKS = text
	return err
}

func checkIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.Scheme == "" {
		return invalid("Invalid OIDC issuer URI.")
	}
	if u.Scheme != "https" {
		return invalid("Invalid OIDC issuer URI. The scheme must be https.")
	}
	return nil
}

func checkAudiences(audiences []string) error {
	if len(audiences) > 10 {
		return invalid("The number of allowed audiences (%d) exceeds the limit of 10.", len(audiences))
	}
	for _, a := range audiences {
		if a == "" || utf8.RuneCountInString(a) > 256 {
			return invalid("Invalid allowed audience: each must be 1 to 256 characters.")
		}
	}
	return nil
}

// checkDiscovery checks the newer discoveryUri: the issuer's own host, and a
// well-known path around the issuer's
// (https://docs.cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools.providers#oidc).
func checkDiscovery(discovery, issuer string) error {
	if discovery == "" {
		return nil
	}
	d, errD := url.Parse(discovery)
	i, errI := url.Parse(issuer)
	if errD != nil || errI != nil || d.Scheme != "https" || d.Host != i.Host || len(discovery) > 2000 || !wellKnown(d.Path, strings.TrimSuffix(i.Path, "/")) {
		return invalid("Invalid OIDC discovery URI.")
	}
	return nil
}

// wellKnown reports whether a path is /.well-known/SOMETHING with the issuer's path
// behind it or before it.
func wellKnown(path, issuer string) bool {
	const known = "/.well-known/"
	if name, ok := strings.CutPrefix(path, issuer+known); ok && name != "" {
		return true
	}
	name, ok := strings.CutPrefix(path, known)
	return ok && strings.HasSuffix(name, issuer) && name != issuer
}

// sharedIssuers sign tokens for everybody, so a provider for one needs a
// condition
// (https://docs.cloud.google.com/iam/docs/workload-identity-federation-with-deployment-pipelines#conditions).
var sharedIssuers = []string{"https://token.actions.githubusercontent.com", "https://gitlab.com", "https://app.terraform.io"}

func (p *Provider) checkSharedIssuer() error {
	if !slices.Contains(sharedIssuers, strings.TrimSuffix(p.Issuer, "/")) {
		return nil
	}
	for _, variable := range []string{"assertion", "attribute", "google"} {
		if strings.Contains(p.Condition, variable) {
			return nil
		}
	}
	return invalid("The attribute condition must reference one of the provider's claims. For more information, see https://cloud.google.com/iam/docs/workload-identity-federation-with-deployment-pipelines#conditions")
}
