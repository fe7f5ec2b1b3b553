package gcp

import (
	"context"
	"strings"
	"time"

	iam "google.golang.org/api/iam/v1"
)

// Provider is a provider of a workload identity pool: whose tokens it accepts,
// and what it makes of their claims.
type Provider struct {
	Name        string // pool's name + "/providers/cks-1063bce6"
	DisplayName string // at most 32 characters
	Description string // at most 256 characters
	State       State
	Disabled    bool
	Expires     time.Time // when a deleted provider is gone for good; else zero
	Kind        string    // KindOIDC, …; only those are written

	Issuer    string            // byte for byte the "iss" of the tokens
	JWKS      string            // uploaded keys; "" to fetch them from the issuer. Google reformats it
	Audiences []string          // accepted "aud" values; none: the provider's own name
	Mapping   map[string]string // "google.subject" and "attribute.…" to CEL expressions
	Condition string            // a CEL expression; "" accepts every valid token
}

// The kinds of providers.
const (
	KindOIDC = "oidc"
	KindAWS  = "aws"
	KindSAML = "saml"
	KindX509 = "x509"
)

// More fields of a [Provider] that a patch may name.
const (
	FieldMapping   = "attributeMapping"
	FieldCondition = "attributeCondition"
	FieldIssuer    = "oidc.issuerUri"
	FieldAudiences = "oidc.allowedAudiences"
	FieldJWKS      = "oidc.jwksJson"
)

const providerPage = 100 // the most that a page may hold

// Provider looks up a provider by its full name. A deleted one is found, too:
// look at its State.
//
// https://docs.cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools.providers
func (c *Client) Provider(ctx context.Context, name string) (Provider, bool, error) {
	p, err := c.pools().Providers.Get(name).Context(ctx).Do()
	if err != nil {
		err = providerRequest("get", name).fail(err)
		if is(err, NotFound) {
			return Provider{}, false, nil
		}
		return Provider{}, false, err
	}
	return newProvider(p), true, nil
}

// Providers lists the providers of a pool, deleted ones only on request. A pool
// that is not there is NotFound.
func (c *Client) Providers(ctx context.Context, pool string, showDeleted bool) ([]Provider, error) {
	_, id := cutName(pool, "/workloadIdentityPools/")
	r := request{op: "list providers of pool", resource: id, permission: longPrefix + "Providers.list"}
	var out []Provider
	err := c.pools().Providers.List(pool).PageSize(providerPage).ShowDeleted(showDeleted).Pages(ctx,
		func(page *iam.ListWorkloadIdentityPoolProvidersResponse) error {
			for _, p := range page.WorkloadIdentityPoolProviders {
				out = append(out, newProvider(p))
			}
			return nil
		})
	if err != nil {
		return nil, r.fail(err)
	}
	return out, nil
}

// CreateProvider creates the OIDC provider that p names. AlreadyExists may also
// mean that a deleted one holds the id; only looking tells.
func (c *Client) CreateProvider(ctx context.Context, p Provider) error {
	r := providerRequest("create", p.Name)
	pool, id := cutName(p.Name, "/providers/")
	o, err := c.pools().Providers.Create(pool, p.body()).WorkloadIdentityPoolProviderId(id).Context(ctx).Do()
	return c.providerDone(ctx, r, o, err)
}

// UndeleteProvider restores a deleted provider, with the settings it had.
func (c *Client) UndeleteProvider(ctx context.Context, name string) error {
	r := providerRequest("undelete", name)
	o, err := c.pools().Providers.Undelete(name, &iam.UndeleteWorkloadIdentityPoolProviderRequest{}).Context(ctx).Do()
	return c.providerDone(ctx, r, o, err)
}

// PatchProvider sets the fields of the mask to their values in p, empty ones too.
// The mapping is replaced as a whole, and so are the keys.
func (c *Client) PatchProvider(ctx context.Context, p Provider, mask ...string) error {
	r := providerRequest("update", p.Name)
	body := p.body()
	body.ForceSendFields = forced(mask)
	body.Oidc.ForceSendFields = forced(each(mask, func(field string) string {
		inner, _ := strings.CutPrefix(field, "oidc.")
		if inner == field {
			return ""
		}
		return inner
	}))
	if len(body.Oidc.ForceSendFields) == 0 {
		body.Oidc = nil // not ours to touch: the provider may be of another kind
	}
	o, err := c.pools().Providers.Patch(p.Name, body).UpdateMask(strings.Join(mask, ",")).Context(ctx).Do()
	return c.providerDone(ctx, r, o, err)
}

// DeleteProvider deletes a provider. Tokens that were issued through it keep
// working until they expire; new ones are refused.
func (c *Client) DeleteProvider(ctx context.Context, name string) error {
	r := providerRequest("delete", name)
	o, err := c.pools().Providers.Delete(name).Context(ctx).Do()
	return c.providerDone(ctx, r, o, err)
}

func (c *Client) providerDone(ctx context.Context, r request, o *iam.Operation, err error) error {
	if err != nil {
		return r.fail(err)
	}
	return r.await(ctx, iamOperation(o), func(name string) (operation, error) {
		o, err := c.pools().Providers.Operations.Get(name).Context(ctx).Do()
		return iamOperation(o), err
	})
}

func providerRequest(verb, name string) request {
	pool, id := cutName(name, "/providers/")
	_, pool = cutName(pool, "/workloadIdentityPools/")
	return request{op: verb + " provider", resource: pool + "/" + id, permission: longPrefix + "Providers." + verb}
}

func newProvider(p *iam.WorkloadIdentityPoolProvider) Provider {
	out := Provider{
		Name: p.Name, DisplayName: p.DisplayName, Description: p.Description,
		State: State(p.State), Disabled: p.Disabled, Expires: parseTime(p.ExpireTime),
		Mapping: p.AttributeMapping, Condition: p.AttributeCondition,
	}
	switch {
	case p.Oidc != nil:
		out.Kind, out.Issuer, out.JWKS, out.Audiences = KindOIDC, p.Oidc.IssuerUri, p.Oidc.JwksJson, p.Oidc.AllowedAudiences
	case p.Aws != nil:
		out.Kind = KindAWS
	case p.Saml != nil:
		out.Kind = KindSAML
	case p.X509 != nil:
		out.Kind = KindX509
	}
	return out
}

func (p Provider) body() *iam.WorkloadIdentityPoolProvider {
	return &iam.WorkloadIdentityPoolProvider{
		DisplayName: p.DisplayName, Description: p.Description, Disabled: p.Disabled,
		AttributeMapping: p.Mapping, AttributeCondition: p.Condition,
		Oidc: &iam.Oidc{IssuerUri: p.Issuer, JwksJson: p.JWKS, AllowedAudiences: p.Audiences},
	}
}
