package gcp

import (
	"context"
	"os"
	"strings"
	"time"

	"cloud.google.com/go/auth"
	"cloud.google.com/go/auth/credentials"
)

const cloudPlatform = "https://www.googleapis.com/auth/cloud-platform"

// tokenFunc yields the access token for the next request. Its errors are of
// type *Error.
type tokenFunc func(context.Context) (string, error)

// login is who we are at Google Cloud.
type login struct {
	token                 tokenFunc
	project, quotaProject string
	known                 Login
}

func newLogin(ctx context.Context, opts Options) (login, error) {
	if opts.AccessTokenFile != "" {
		known := Login{Kind: "access token", File: opts.AccessTokenFile}
		return login{token: fromFile(opts.AccessTokenFile), quotaProject: opts.QuotaProject, known: known}, nil
	}
	creds, err := credentials.DetectDefault(&credentials.DetectOptions{Scopes: []string{cloudPlatform}, DisableAsyncRefresh: true})
	if err != nil {
		return login{}, notFound(err)
	}
	known := describeFile(creds.JSON())
	who := login{token: fromProvider(creds, known), quotaProject: opts.QuotaProject, known: known}
	// What the credentials don't tell, the user says: neither is worth an error.
	who.project, _ = creds.ProjectID(ctx)
	if who.quotaProject == "" {
		who.quotaProject, _ = creds.QuotaProjectID(ctx)
	}
	return who, nil
}

// notFound says why there is no login: there are no credentials, or a file of them that can't
// be read, which somebody meant to be used.
func notFound(err error) error {
	e := &Error{Op: "find credentials of Google Cloud", Reason: NoCredentials, Message: oneLine(err.Error()), Err: err}
	if _, missing := os.Stat(credentialFile()); missing == nil {
		e.Op, e.Resource, e.Reason = "read the credentials in", credentialFile(), NotLoggedIn
	}
	return e
}

// fromFile reads the token anew for each request.
func fromFile(path string) tokenFunc {
	return func(context.Context) (string, error) {
		b, err := os.ReadFile(path)
		if err != nil {
			return "", &Error{Op: "read access token from", Resource: path, Reason: NoCredentials, Message: oneLine(err.Error()), Err: err}
		}
		token := strings.TrimSpace(string(b))
		if token == "" || strings.ContainsAny(token, " \t\r\n") {
			return "", &Error{Op: "read access token from", Resource: path, Reason: NoCredentials, Message: "the file does not hold one token"}
		}
		return token, nil
	}
}

func fromProvider(p auth.TokenProvider, known Login) tokenFunc {
	return func(ctx context.Context) (string, error) {
		t, err := p.Token(ctx)
		if err != nil {
			return "", known.refused(err)
		}
		return t.Value, nil
	}
}

// actAs makes another login out of one: that of a service account which it may
// impersonate.
func (c *Client) actAs(email string, who login) login {
	as := c.wire.client(who.token, who.quotaProject)
	p := auth.NewCachedTokenProvider(provider(func(ctx context.Context) (*auth.Token, error) {
		t, err := c.accessToken(ctx, as, email, time.Hour, cloudPlatform)
		return &auth.Token{Value: t.raw, Expiry: t.Expires}, err
	}), &auth.CachedTokenProviderOptions{DisableAsyncRefresh: true})
	who.token = fromProvider(p, who.known)
	return who
}

type provider func(context.Context) (*auth.Token, error)

func (p provider) Token(ctx context.Context) (*auth.Token, error) { return p(ctx) }
