package gcp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const (
	subjectToken = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
	plainSecret  = "a-token-that-looks-like-nothing"
)

// echo refuses everything and quotes the whole request, as no server should.
func echo(status int) memory {
	return memory{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(status)
		fmt.Fprint(w, refusal(status, "X", fmt.Sprintf("%s %s %v %s", r.Method, r.URL, r.Header, body)))
	})}
}

func TestNoTokenIsEverTold(t *testing.T) {
	asks := map[string]func(context.Context, *Client) error{
		"a read":   func(ctx context.Context, c *Client) error { _, _, err := c.Pool(ctx, poolName); return err },
		"a write":  func(ctx context.Context, c *Client) error { return c.CreateProvider(ctx, Provider{Name: providerName}) },
		"a policy": func(ctx context.Context, c *Client) error { _, err := c.Policy(ctx, BucketPolicy("b")); return err },
		"an exchange": func(ctx context.Context, c *Client) error {
			_, err := c.Exchange(ctx, "//iam", subjectToken)
			return err
		},
		"a plain exchange": func(ctx context.Context, c *Client) error {
			_, err := c.Exchange(ctx, "//iam", plainSecret)
			return err
		},
		"an impersonation": func(ctx context.Context, c *Client) error {
			_, err := c.Impersonate(ctx, Token{raw: plainSecret}, someone, time.Hour)
			return err
		},
		"a read of objects": func(ctx context.Context, c *Client) error {
			_, err := c.ReadBucket(ctx, Token{raw: plainSecret}, "b")
			return err
		},
	}
	for name, ask := range asks {
		for _, status := range []int{400, 401, 403, 503} {
			t.Run(fmt.Sprint(name, " answered ", status), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, seen := clientOf(t, echo(status))
					err := ask(t.Context(), c)
					if err == nil {
						t.Fatal("no error")
					}
					asJSON, _ := json.Marshal(err)
					told := fmt.Sprintf("%v\n%+v\n%#v\n%s\n%+v", err, err, err, asJSON, seen.all)
					for _, secret := range []string{userToken, subjectToken, plainSecret} {
						if strings.Contains(told, secret) {
							t.Errorf("%q is told in:\n%s", secret, told)
						}
					}
				})
			})
		}
	}
}

func TestTokensShowAMark(t *testing.T) {
	token := Token{raw: plainSecret}
	holder := struct{ T Token }{token}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "token", token, "holder", holder)
	asJSON, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	told := fmt.Sprintf("%v %+v %#v %s %q %x %d", token, holder, holder, token, token, token, holder) + string(asJSON) + log.String()
	if strings.Contains(told, plainSecret) || strings.Contains(told, fmt.Sprintf("%x", plainSecret)) {
		t.Errorf("the token is told in %s", told)
	}
	if !strings.Contains(told, redacted) {
		t.Errorf("no mark in %s", told)
	}
}
