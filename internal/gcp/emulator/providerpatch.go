package emulator

import (
	"strings"
	"time"
)

// patchProvider changes what the mask names and checks the result as a create
// would. The kind of a provider can't change.
func (c *call) patchProvider() (any, error) {
	q, err := c.activeProvider()
	if err != nil {
		return nil, err
	}
	var doc providerDoc
	if err := c.decode(&doc); err != nil {
		return nil, err
	}
	mask, err := c.updateMask()
	if err != nil {
		return nil, err
	}
	changed := *q
	oidc := *q.OIDC
	changed.OIDC = &oidc
	for _, path := range mask {
		if err := changed.set(path, doc.providerFields); err != nil {
			return nil, err
		}
	}
	if err := changed.check(); err != nil {
		return nil, err
	}
	if err := c.s.checkIssuerPolicy(&changed); err != nil {
		return nil, err
	}
	if changed.OIDC.JWKSJSON != q.OIDC.JWKSJSON {
		changed.oldJWKS, changed.jwksSince = q.OIDC.JWKSJSON, c.now.Add(c.s.lag.jwksRefresh)
	}
	*q = changed
	return c.s.startOperation(q.name(), nil), nil
}

// set copies one field of the mask. Each upload of jwksJson replaces the whole
// set, and an empty one goes back to asking the issuer.
func (f *providerFields) set(path string, from providerFields) error {
	switch path {
	case "displayName":
		f.DisplayName = from.DisplayName
	case "description":
		f.Description = from.Description
	case "disabled":
		f.Disabled = from.Disabled
	case "attributeMapping":
		f.AttributeMapping = from.AttributeMapping
	case "attributeCondition":
		f.AttributeCondition = from.AttributeCondition
	case "oidc":
		f.OIDC = from.OIDC
	default:
		return f.OIDC.set(path, from.OIDC)
	}
	return nil
}

func (f *oidcFields) set(path string, from *oidcFields) error {
	if !strings.HasPrefix(path, "oidc.") || f == nil {
		return badMask(path)
	}
	if from == nil {
		from = &oidcFields{}
	}
	switch path {
	case "oidc.issuerUri":
		f.IssuerURI = from.IssuerURI
	case "oidc.allowedAudiences":
		f.AllowedAudiences = from.AllowedAudiences
	case "oidc.jwksJson":
		f.JWKSJSON = from.JWKSJSON
	case "oidc.discoveryUri":
		f.DiscoveryURI = from.DiscoveryURI
	default:
		return badMask(path)
	}
	return nil
}

// deleteProvider leaves the tokens issued through it alive.
func (c *call) deleteProvider() (any, error) {
	q, err := c.activeProvider()
	if err != nil {
		return nil, err
	}
	q.deleted, q.withPool = c.now, false
	return c.s.startOperation(q.name(), nil), nil
}

func (c *call) undeleteProvider() (any, error) {
	q, err := c.providerOf()
	if err != nil {
		return nil, err
	}
	if q.pool.isDeleted() {
		return nil, failedPrecondition("Workload identity pool %s is deleted. Undelete it first.", q.pool.name())
	}
	if !q.isDeleted() {
		return nil, failedPrecondition("Workload identity pool provider %s is not deleted.", q.name())
	}
	q.deleted = time.Time{}
	return c.s.startOperation(q.name(), nil), nil
}
