package kube

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"k8s.io/client-go/rest"
)

// LoginFault says what is wrong with the kubeconfig's login as far as that can be seen
// without asking anybody: for a person who was told no more than "Unauthorized". Empty:
// nothing can be seen.
func (c *Client) LoginFault() string {
	if c.config == nil || c.config.ExecProvider != nil || c.config.AuthProvider != nil {
		return ""
	}
	return loginFault(c.config, time.Now())
}

func loginFault(config *rest.Config, now time.Time) string {
	certificate := orFile(config.CertData, config.CertFile)
	token := orFile([]byte(config.BearerToken), config.BearerTokenFile)
	if len(certificate) == 0 && len(token) == 0 && config.Username == "" {
		return "the kubeconfig has neither a certificate nor a token for it"
	}
	if why := certificateFault(certificate, now); why != "" {
		return why
	}
	claims, err := Token{raw: strings.TrimSpace(string(token))}.Claims()
	if err == nil && !claims.Expires.IsZero() && now.After(claims.Expires) {
		return "its token expired at " + spellTime(claims.Expires)
	}
	return ""
}

func certificateFault(certificate []byte, now time.Time) string {
	block, _ := pem.Decode(certificate)
	if block == nil {
		return ""
	}
	parsed, err := x509.ParseCertificate(block.Bytes)
	switch {
	case err != nil:
	case now.After(parsed.NotAfter):
		return "its client certificate expired at " + spellTime(parsed.NotAfter)
	case now.Before(parsed.NotBefore):
		return "its client certificate is not good before " + spellTime(parsed.NotBefore)
	}
	return ""
}

func spellTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// orFile is data, or what is in the file that a kubeconfig names in its place.
func orFile(data []byte, path string) []byte {
	if len(data) > 0 || path == "" {
		return data
	}
	raw, err := os.ReadFile(path) //nolint:gosec // the kubeconfig names it, and client-go has read it
	if err != nil {
		return nil
	}
	return raw
}

// patient ends the wait for a login helper with the request that it is for. client-go starts
// the helper without the request's context and waits for its end, which may never come
// (k8s.io/client-go/plugin/pkg/client/auth/exec: refreshCredsLocked).
type patient struct {
	next   http.RoundTripper
	helper string
}

func (p patient) RoundTrip(r *http.Request) (*http.Response, error) {
	var asked atomic.Bool // the helper has answered, and the API server is being asked
	ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{GetConn: func(string) { asked.Store(true) }})
	type answer struct {
		response *http.Response
		err      error
	}
	came := make(chan answer, 1)
	go func() {
		response, err := p.next.RoundTrip(r.WithContext(ctx)) //nolint:bodyclose // the caller's, as in any RoundTripper
		came <- answer{response, err}
	}()
	select {
	case a := <-came:
		return a.response, a.err
	case <-ctx.Done():
	}
	if asked.Load() { // what follows ends by itself
		a := <-came
		return a.response, a.err
	}
	if err := ctx.Err(); !errors.Is(err, context.DeadlineExceeded) {
		return nil, err
	}
	return nil, fmt.Errorf("getting credentials: exec: %s has not ended when the time was up", p.helper)
}
