package gcp

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxAttempts   = 4
	firstPause    = 250 * time.Millisecond
	longestPause  = 8 * time.Second
	longestObeyed = 30 * time.Second // a Retry-After beyond this ends the call instead
)

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
			resp, err = whole(req, resp)
		}
		if err == nil {
			markAsked(resp, req)
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
// counts as none, and so does one that can't be Google's. What is read here is small:
// objects are asked for in part.
func whole(req *http.Request, resp *http.Response) (*http.Response, error) {
	b, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	switch {
	case err != nil:
		return nil, err
	case !wellFormed(req, resp, b):
		return nil, errNotJSON
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
		return ctx.Err() == nil && !neverConnected(err) && !errors.Is(err, errNotJSON)
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
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "dial" || op.Op == "proxyconnect") {
		return true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	_, ok := errors.AsType[tls.RecordHeaderError](err)
	return ok || errors.Is(err, http.ErrSchemeMismatch)
}

// pause is exponential with full jitter, so that many clients that were refused
// together do not come back together
// (https://docs.cloud.google.com/iam/docs/retry-strategy).
func pause(n int) time.Duration {
	return rand.N(min(longestPause, firstPause<<n)) + 1
}

// sleep reports false when ctx ended first, or would end first.
func sleep(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// retryAfter reads seconds or an HTTP date (RFC 9110, section 10.2.3). What it
// cannot read counts as no wish.
func retryAfter(h http.Header) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.Atoi(v); err == nil {
		return time.Duration(min(max(n, 0), 24*60*60)) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(time.Until(t), 0)
	}
	return 0
}
