package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const redacted = "[token]"

// Token is a fresh token of a ServiceAccount. It shows itself to nobody who does
// not call Reveal: not through any verb of fmt, not through slog, not in JSON.
type Token struct {
	raw     string
	Expires time.Time // as the server granted it, which may be less than asked
}

// Token asks for a token of a ServiceAccount for one audience (TokenRequest,
// https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/).
// The server refuses an expiry under ten minutes with Invalid. NotFound: there is
// no such ServiceAccount.
func (c *Client) Token(ctx context.Context, namespace, serviceAccount, audience string, expiry time.Duration) (Token, error) {
	seconds := int64(expiry.Seconds())
	r, err := c.core.ServiceAccounts(namespace).CreateToken(ctx, serviceAccount, &authenticationv1.TokenRequest{
		Spec: authenticationv1.TokenRequestSpec{Audiences: []string{audience}, ExpirationSeconds: &seconds},
	}, metav1.CreateOptions{})
	if err != nil {
		a := Access{Verb: "create", Resource: "serviceaccounts", Subresource: "token", Namespace: namespace, Name: serviceAccount}
		return Token{}, fail("create", "token of "+describe(kindServiceAccount, namespace, serviceAccount), a, err)
	}
	return Token{raw: r.Status.Token, Expires: r.Status.ExpirationTimestamp.Time}, nil
}

// ReadToken reads a projected token from its file, which the kubelet renews. Its errors
// never quote the file.
func ReadToken(path string) (Token, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return Token{}, fmt.Errorf("read token: %w", err)
	}
	t := Token{raw: strings.TrimSpace(string(raw))}
	if t.raw == "" {
		return Token{}, errors.New("read token: the file is empty")
	}
	c, err := t.Claims()
	if err != nil {
		return Token{}, err
	}
	t.Expires = c.Expires
	return t, nil
}

// Reveal returns the token itself, for the one request it is meant for.
func (t Token) Reveal() string { return t.raw }

// Format prints a mark in place of the token, whatever the verb.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String returns a mark in place of the token.
func (t Token) String() string { return redacted }

// MarshalText returns a mark in place of the token, for JSON and YAML.
func (t Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue logs a mark in place of the token.
func (t Token) LogValue() slog.Value { return slog.StringValue(redacted) }
