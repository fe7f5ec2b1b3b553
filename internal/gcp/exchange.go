package gcp

import (
	"context"
	"net/http"
	"time"

	sts "google.golang.org/api/sts/v1"
)

// ExchangeAudience is the audience of a token exchange, which is not that of the
// token: "//iam.googleapis.com/" and the provider's full name with the project's
// number, with no scheme.
type ExchangeAudience string

// Exchange trades a token of the cluster for a federated access token. It is
// asked as nobody: the token speaks for itself. The new token lives at most an
// hour and never longer than the old one.
//
// https://docs.cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
func (c *Client) Exchange(ctx context.Context, audience ExchangeAudience, subjectToken string) (Token, error) {
	r := request{op: "exchange token", secrets: []string{subjectToken}}
	t, err := c.sts.V1.Token(&sts.GoogleIdentityStsV1ExchangeTokenRequest{
		Audience:           string(audience),
		GrantType:          "urn:ietf:params:oauth:grant-type:token-exchange",
		RequestedTokenType: "urn:ietf:params:oauth:token-type:access_token",
		Scope:              cloudPlatform,
		SubjectToken:       subjectToken,
		SubjectTokenType:   "urn:ietf:params:oauth:token-type:jwt",
	}).Context(ctx).Do()
	if err != nil {
		return Token{}, r.fail(err)
	}
	if t.AccessToken == "" {
		return Token{}, r.tokenless()
	}
	out := Token{raw: t.AccessToken}
	// A token with a second or two left comes without an expiry.
	if t.ExpiresIn > 0 {
		out.Expires = time.Now().Add(time.Duration(t.ExpiresIn) * time.Second)
	}
	return out, nil
}

// tokenless is an answer that says yes and gives nothing.
func (r request) tokenless() error {
	return &Error{Op: r.op, Resource: r.resource, Status: http.StatusOK, Message: "the answer holds no token"}
}
