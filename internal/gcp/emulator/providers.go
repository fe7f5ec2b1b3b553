package emulator

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/wifctl/wifctl/internal/gcp/emulator/federation"
)

// providerFields are what a client may set on a provider
// (docs.cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools.providers).
//
// not modelled: aws, saml and x509 providers, the keys of saml ones, actorProviders.
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
	pool     *pool
	id       string
	withPool bool // deleted because its pool was

	oldJWKS   string    // the key set uploaded before
	jwksSince time.Time // from when the present one is used
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

// jwks is the uploaded key set in use: a new one takes some seconds.
func (q *provider) jwks(now time.Time) string {
	if now.Before(q.jwksSince) {
		return q.oldJWKS
	}
	return q.OIDC.JWKSJSON
}

// rulesAt are the provider's rules for tokens at a moment, a copy.
func (q *provider) rulesAt(now time.Time) federation.Provider {
	rules := q.rules()
	rules.Name, rules.JWKS, rules.Mapping = q.name(), q.jwks(now), maps.Clone(q.AttributeMapping)
	return rules
}

func providerRoutes() []route {
	const (
		providers = "/v1/projects/{project}/locations/global/workloadIdentityPools/{pool}/providers"
		provider  = providers + "/{provider}"
		id        = "iam.projects.locations.workloadIdentityPools.providers."
		may       = "iam.workloadIdentityPoolProviders."
	)
	return []route{
		{id: id + "create", verb: "POST", path: providers, query: "workloadIdentityPoolProviderId", permission: may + "create", handle: (*call).createProvider},
		{id: id + "list", verb: "GET", path: providers, query: "pageSize pageToken showDeleted", permission: may + "list", handle: (*call).listProviders},
		{id: id + "get", verb: "GET", path: provider, permission: may + "get", handle: (*call).getProvider},
		{id: id + "patch", verb: "PATCH", path: provider, query: "updateMask", permission: may + "update", handle: (*call).patchProvider},
		{id: id + "delete", verb: "DELETE", path: provider, permission: may + "delete", handle: (*call).deleteProvider},
		{id: id + "undelete", verb: "POST", path: provider + ":undelete", empty: true, permission: may + "undelete", handle: (*call).undeleteProvider},
		{id: id + "operations.get", verb: "GET", path: provider + "/operations/{operation}", permission: may + "get", handle: (*call).getOperation},
	}
}

// providerOf is the provider of the path, active or deleted. Its pool may be
// deleted too.
func (c *call) providerOf() (*provider, error) {
	p, err := c.pool()
	if err != nil {
		return nil, err
	}
	q, ok := p.provider(c.vars["provider"], c.now)
	if !ok || c.now.Before(q.visible) {
		return nil, notFound("Requested entity was not found.")
	}
	return q, nil
}

func (c *call) activeProvider() (*provider, error) {
	q, err := c.providerOf()
	if err != nil {
		return nil, err
	}
	if q.isDeleted() {
		return nil, failedPrecondition("Workload identity pool provider %s is deleted. Undelete it first.", q.name())
	}
	return q, nil
}

// createProvider fetches nothing: an issuer that does not answer shows up at
// the first exchange.
func (c *call) createProvider() (any, error) {
	p, err := c.activePool()
	if err != nil {
		return nil, err
	}
	var doc providerDoc
	if err := c.decode(&doc); err != nil {
		return nil, err
	}
	id := c.query.Get("workloadIdentityPoolProviderId")
	if err := checkPoolID("workload_identity_pool_provider_id", id); err != nil {
		return nil, err
	}
	if p.Mode == "TRUST_DOMAIN" {
		return nil, trustDomain(p)
	}
	if err := doc.check(); err != nil {
		return nil, err
	}
	if _, taken := p.provider(id, c.now); taken {
		return nil, newError(http.StatusConflict, "Requested entity already exists")
	}
	made := &provider{
		lifecycle:      lifecycle{created: c.now, visible: c.now.Add(c.s.lag.newPool)},
		providerFields: doc.providerFields, pool: p, id: id,
	}
	if err := c.s.checkIssuerPolicy(made); err != nil {
		return nil, err
	}
	p.providers[id] = made
	return c.s.startOperation(made.name(), &made.lifecycle), nil
}

func trustDomain(p *pool) error {
	return invalidArgument("Workload identity pool %s is in TRUST_DOMAIN mode and has no providers.", p.name())
}

func (c *call) getProvider() (any, error) {
	q, err := c.providerOf()
	if err != nil {
		return nil, err
	}
	return q.doc(), nil
}

func (c *call) listProviders() (any, error) {
	p, err := c.pool()
	if err != nil {
		return nil, err
	}
	if p.Mode == "TRUST_DOMAIN" {
		return nil, trustDomain(p)
	}
	docs := []providerDoc{}
	for _, id := range slices.Sorted(maps.Keys(p.providers)) {
		q := p.providers[id]
		if !c.now.Before(q.visible) && !q.isPurged(c.now) && (!q.isDeleted() || c.flag("showDeleted")) {
			docs = append(docs, q.doc())
		}
	}
	from, to, next, err := c.pageOf(len(docs), 50, 100)
	if err != nil {
		return nil, err
	}
	return struct {
		Providers []providerDoc `json:"workloadIdentityPoolProviders,omitempty"`
		Next      string        `json:"nextPageToken,omitempty"`
	}{docs[from:to], next}, nil
}
