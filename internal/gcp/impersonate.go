package gcp

import (
	"context"
	"fmt"
	"net/http"
	"time"

	iamcredentials "google.golang.org/api/iamcredentials/v1"
	"google.golang.org/api/option"
)

// Impersonate trades a federated token for one of a service account. Lifetime is
// at most an hour unless an organization policy allows more; without scopes the
// token may do all that the account may.
//
// PermissionDenied has many causes that Google does not tell apart: no binding,
// one that is not in effect yet, or one for another principal.
//
// https://docs.cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
func (c *Client) Impersonate(ctx context.Context, token Token, email string, lifetime time.Duration, scopes ...string) (Token, error) {
	return c.accessToken(ctx, c.bearing(token), email, lifetime, scopes...)
}

// bearing is a client that speaks as a token, not as the user.
func (c *Client) bearing(token Token) *http.Client {
	return c.wire.client(func(context.Context) (string, error) { return token.raw, nil }, "")
}

func (c *Client) accessToken(ctx context.Context, as *http.Client, email string, lifetime time.Duration, scopes ...string) (Token, error) {
	r := request{op: "impersonate service account", resource: email, permission: "iam.serviceAccounts.getAccessToken"}
	s, err := iamcredentials.NewService(ctx, option.WithHTTPClient(as), option.WithEndpoint(c.at.credentials))
	if err != nil {
		return Token{}, r.fail(err)
	}
	if len(scopes) == 0 {
		scopes = []string{cloudPlatform}
	}
	// The project must be "-": the API takes no other.
	t, err := s.Projects.ServiceAccounts.GenerateAccessToken(accountName("-", email), &iamcredentials.GenerateAccessTokenRequest{
		Lifetime: fmt.Sprintf("%ds", int64(lifetime.Seconds())),
		Scope:    scopes,
	}).Context(ctx).Do()
	if err != nil {
		return Token{}, r.fail(err)
	}
	if t.AccessToken == "" {
		return Token{}, r.tokenless()
	}
	return Token{raw: t.AccessToken, Expires: parseTime(t.ExpireTime)}, nil
}
