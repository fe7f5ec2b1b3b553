package emulator

import "time"

// providerFields are what a client may set on a provider
// (docs.cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools.providers).
//
// not modelled: aws, saml and x509 providers, actorProviders.
type providerFields struct {
	DisplayName        string            `json:"displayName,omitempty"`
	Description        string            `json:"description,omitempty"`
	Disabled           bool              `json:"disabled,omitempty"`
	AttributeMapping   map[string]string `json:"attributeMapping,omitempty"`
	AttributeCondition string            `json:"attributeCondition,omitempty"`
	OIDC               *oidcFields       `json:"oidc,omitempty"`
}

type oidcFields struct {
	IssuerURI        string   `json:"issuerUri,omitempty"`
	AllowedAudiences []string `json:"allowedAudiences,omitempty"`
	JWKSJSON         string   `json:"jwksJson,omitempty"`
	DiscoveryURI     string   `json:"discoveryUri,omitempty"`
}

// providerDoc is a provider as JSON.
type providerDoc struct {
	Name string `json:"name,omitempty"`
	providerFields
	State      string `json:"state,omitempty"`
	ExpireTime string `json:"expireTime,omitempty"`
}

type provider struct {
	lifecycle
	providerFields
	pool *pool
	id   string
}

func (q *provider) name() string { return q.pool.name() + "/providers/" + q.id }

func (q *provider) doc() providerDoc {
	return providerDoc{Name: q.name(), providerFields: q.providerFields, State: q.state(), ExpireTime: q.expireTime()}
}

// provider finds a provider that is not purged; it may be deleted.
func (p *pool) provider(id string, now time.Time) (*provider, bool) {
	q, ok := p.providers[id]
	if !ok || q.isPurged(now) {
		return nil, false
	}
	return q, true
}
