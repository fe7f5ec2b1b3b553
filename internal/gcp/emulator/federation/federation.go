// Package federation is what Google's Security Token Service makes of a subject token:
// parse it, check it against a provider with its issuer's keys, and map its claims to an
// identity.
//
//	id, err := issuers.Identify(ctx, token, provider, now)
//	members := id.Principals(pool)
//
// It knows tokens and providers, and nothing of requests, resources or policies. It
// refuses with two types: a *Refusal is STS's of a token, an *Invalid IAM's of a provider.
//
// https://docs.cloud.google.com/iam/docs/workload-identity-federation
package federation

import (
	"context"
	"time"
)

// Identify judges a subject token in the order in which STS reports: form, issuer,
// audience, times, signature, and then what the provider makes of its claims. now is what
// Google's clock shows. A token that is turned away is a *Refusal. It may ask the issuer
// for its keys: hold no lock over it.
//
// https://docs.cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
func (i *Issuers) Identify(ctx context.Context, subjectToken string, p Provider, now time.Time) (Identity, error) {
	t, err := parseSubjectToken(subjectToken)
	if err != nil {
		return Identity{}, err
	}
	if err := t.checkIssuer(p.Issuer); err != nil {
		return Identity{}, err
	}
	if err := t.checkAudience(p.Name, p.AllowedAudiences); err != nil {
		return Identity{}, err
	}
	if err := t.checkTimes(now); err != nil {
		return Identity{}, err
	}
	keys, err := i.trusted(ctx, t, p)
	if err != nil {
		return Identity{}, noKey()
	}
	if err := t.verify(keys); err != nil {
		return Identity{}, err
	}
	id, err := mapClaims(t.claims, p.Mapping, p.Condition)
	id.expires = t.expires()
	return id, err
}

// trusted are the keys uploaded to the provider or else those of the issuer.
func (i *Issuers) trusted(ctx context.Context, t *subjectToken, p Provider) (keySet, error) {
	if p.JWKS != "" {
		return parseKeySet([]byte(p.JWKS))
	}
	return i.find(ctx, p.source(), t.keyID(), i.now())
}
