package emulator

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/wifctl/wifctl/internal/gcp/emulator/federation"
)

const (
	// maxAccessToken is the longest a federated token lives; the JWT it was made
	// from can only shorten that.
	maxAccessToken = time.Hour
	// issueDelay is what measured answers lack of the full lifetime.
	issueDelay = 2 // seconds
)

// federationRoutes are the token exchange and what follows it.
//
// https://docs.cloud.google.com/iam/docs/reference/sts/rest
func federationRoutes() []route {
	return append([]route{
		{id: "sts.token", verb: http.MethodPost, path: "/v1/token", auth: authNone, reads: true, open: true, handle: (*call).exchangeToken},
		// Not in the discovery document; gcloud asks it for the name of an account
		// that is no service account.
		{id: "sts.introspect", verb: http.MethodPost, path: "/v1/introspect", auth: authNone, reads: true, handle: (*call).introspectToken},
	}, iamCredentialsRoutes()...)
}

// exchangeAnswer is a TokenResponse (RFC 8693, section 2.2.1).
type exchangeAnswer struct {
	AccessToken     string `json:"access_token"`
	IssuedTokenType string `json:"issued_token_type"`
	TokenType       string `json:"token_type"`
	ExpiresIn       int64  `json:"expires_in,omitempty"`
}

// exchangeToken trades a workload's JWT for a federated access token
// (https://docs.cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token).
// It may ask the issuer for its keys, so it takes the lock only before and after.
//
// not modelled: options.userProject, actor tokens, workforce pools.
func (c *call) exchangeToken() (any, error) {
	in, err := c.exchangeRequest()
	if err != nil {
		return nil, err
	}
	to, err := c.exchangeTarget(in.Audience)
	if err != nil {
		return nil, err
	}
	now := c.s.clock.shown(c.now)
	id, err := c.s.issuers.Identify(c.r.Context(), in.SubjectToken, to.rules, now)
	if err != nil {
		return nil, err
	}
	left := id.SecondsLeft(now)
	if left == 1 {
		return nil, newError(http.StatusInternalServerError, "Internal error encountered.") // measured: a lifetime below zero
	}
	return c.issueFederated(to, id, strings.Fields(in.Scope), left)
}

// A trust is a provider as it stood when an exchange began.
type trust struct {
	pool     *pool
	provider *provider
	rules    federation.Provider
}

// stands reports whether pool and provider take tokens.
func (t *trust) stands() bool {
	return !t.pool.Disabled && !t.pool.isDeleted() && !t.provider.Disabled && !t.provider.isDeleted() && t.provider.OIDC != nil
}

// exchangeAudience is the only form of the audience: project, pool, provider. The
// project is a number; with an id, be it one of the old ones behind a domain, no such
// provider exists.
var exchangeAudience = regexp.MustCompile(`^//iam\.googleapis\.com/projects/([a-z0-9.:-]+)/locations/global/workloadIdentityPools/([a-z0-9-]+)/providers/([a-z0-9-]+)$`)

// exchangeTarget finds the provider the audience names, if it takes tokens now.
func (c *call) exchangeTarget(audience string) (trust, error) {
	part := exchangeAudience.FindStringSubmatch(audience)
	if part == nil {
		return trust{}, badExchangeAudience()
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()

	p, ok := c.s.project(part[1])
	if !ok || p.number != part[1] {
		return trust{}, badTarget()
	}
	if err := c.s.checkEnabled(p, "sts.googleapis.com"); err != nil {
		return trust{}, err
	}
	found, ok := p.pool(part[2], c.now)
	if !ok {
		return trust{}, badTarget()
	}
	q, ok := found.provider(part[3], c.now)
	if to := (trust{pool: found, provider: q}); !ok || !to.stands() {
		return trust{}, badTarget()
	}
	return trust{pool: found, provider: q, rules: q.rulesAt(c.now)}, nil
}

// issueFederated answers with a token for the identity. left is the life of the JWT
// in seconds; measured answers say about two fewer, and none of less than that.
func (c *call) issueFederated(to trust, id federation.Identity, scopes []string, left int64) (any, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()

	if !to.stands() {
		return nil, badTarget() // meanwhile: the issuer may have kept us waiting
	}
	left = min(left, int64(maxAccessToken/time.Second))
	members := id.Principals(to.pool.name())
	return exchangeAnswer{
		AccessToken: c.s.issueToken(token{
			caller:  caller{kind: tokenFederated, member: members[0], principals: members, scopes: scopes},
			expires: c.now.Add(time.Duration(left) * time.Second),
			pool:    to.pool,
		}),
		IssuedTokenType: accessTokenType,
		TokenType:       "Bearer",
		ExpiresIn:       max(left-issueDelay, 0),
	}, nil
}
