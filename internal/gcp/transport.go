package gcp

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	maxAttempts     = 4
	answerWithin    = 30 * time.Second // to the first byte; nothing asked here takes Google longer
	longestErrBody  = 64 << 10
	quotaHeader     = "X-Goog-User-Project"
	enablesServices = ":batchEnable"
)

// wire is how requests travel: repeated, observed, sent. What signs them is put
// in front of it.
type wire struct {
	next      http.RoundTripper
	userAgent string
}

func newWire(opts Options) wire {
	next := opts.Transport
	if next == nil {
		next = network()
	}
	return wire{next: retrier{next: observer{next: next, report: opts.Observe}}, userAgent: opts.UserAgent}
}

func network() http.RoundTripper {
	base, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t := base.Clone()
	t.ResponseHeaderTimeout = answerWithin
	return t
}

// client signs with token; with nil it signs nothing. It follows no redirect:
// the next host would be handed the token too.
func (w wire) client(token tokenFunc, quotaProject string) *http.Client {
	return &http.Client{
		Transport:     signer{next: w.next, token: token, quotaProject: quotaProject, userAgent: w.userAgent},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

type signer struct {
	next                    http.RoundTripper
	token                   tokenFunc
	quotaProject, userAgent string
}

// RoundTrip sends a signed copy of a request.
func (s signer) RoundTrip(req *http.Request) (*http.Response, error) {
	signed := req.Clone(req.Context())
	if s.userAgent != "" {
		signed.Header.Set("User-Agent", s.userAgent)
	}
	if s.token == nil {
		return s.next.RoundTrip(signed)
	}
	token, err := s.token(req.Context())
	if err != nil {
		closeBody(req)
		return nil, err
	}
	signed.Header.Set("Authorization", "Bearer "+token)
	// The header needs Service Usage to be enabled in that project, so it can't
	// go with the request that enables it.
	if s.quotaProject != "" && !strings.HasSuffix(req.URL.Path, enablesServices) {
		signed.Header.Set(quotaHeader, s.quotaProject)
	}
	resp, err := s.next.RoundTrip(signed)
	if err == nil && resp.StatusCode >= 400 {
		err = scrub(resp, token)
	}
	return resp, err
}

// scrub takes the token out of an answer that may be quoted in an error: a proxy
// could echo the request.
func scrub(resp *http.Response, token string) error {
	b, err := io.ReadAll(io.LimitReader(resp.Body, longestErrBody))
	resp.Body.Close()
	if err != nil {
		return err
	}
	b = bytes.ReplaceAll(b, []byte(token), []byte(redacted))
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
	return nil
}

type retrier struct{ next http.RoundTripper }

// RoundTrip repeats a read that Google was too busy for or whose connection
// broke, a few times. Writes go out once: whether a lost one took effect only
// the caller can see.
func (r retrier) RoundTrip(req *http.Request) (*http.Response, error) {
	reads := !methodOf(req).writes
	for n := 1; ; n++ {
		attempt, err := again(req, n)
		if err != nil {
			return nil, err
		}
		resp, err := r.next.RoundTrip(attempt)
		if reads && err == nil {
			resp, err = whole(resp)
		}
		if !reads || n == maxAttempts || !passing(req.Context(), resp, err) {
			return resp, err
		}
		wait := pause(n - 1)
		if resp != nil {
			wait = max(wait, retryAfter(resp.Header))
		}
		if wait > longestObeyed || !sleep(req.Context(), wait) {
			return resp, err
		}
		if resp != nil {
			resp.Body.Close()
		}
	}
}

// whole reads an answer to its end, so that one which breaks off in the middle
// counts as none. What is read here is small: objects are asked for in part.
func whole(resp *http.Response) (*http.Response, error) {
	b, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(b))
	return resp, nil
}

// again copies a request for its n-th attempt, with its body from the start.
func again(req *http.Request, n int) (*http.Request, error) {
	if n == 1 || req.GetBody == nil {
		return req, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	attempt := req.Clone(req.Context())
	attempt.Body = body
	return attempt, nil
}

// passing reports whether the same read may be answered another time.
func passing(ctx context.Context, resp *http.Response, err error) bool {
	if err != nil {
		return ctx.Err() == nil && !neverConnected(err)
	}
	switch resp.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

// neverConnected reports that a request did not leave, so that it can't have had
// an effect, and that another attempt would fare no better: no such host, nobody
// listening, a certificate that is not trusted.
func neverConnected(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	_, ok := errors.AsType[tls.RecordHeaderError](err)
	return ok || errors.Is(err, http.ErrSchemeMismatch)
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}
