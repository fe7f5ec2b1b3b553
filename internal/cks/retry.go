package cks

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxRetries    = 4 // after the first attempt
	firstPause    = 200 * time.Millisecond
	longestPause  = 5 * time.Second
	longestObeyed = 30 * time.Second // a Retry-After beyond this ends the call instead
)

// retry calls attempt until it succeeds, fails for good, or has been repeated
// often enough. It never outlives ctx, and returns the last attempt's error:
// that says more than "context canceled" would.
func retry(ctx context.Context, retries int, attempt func() error) error {
	for n := 0; ; n++ {
		err := attempt()
		if err == nil || n == retries || ctx.Err() != nil {
			return err
		}
		var t interface {
			temporary() bool
			retryAfter() time.Duration
		}
		if !errors.As(err, &t) || !t.temporary() || t.retryAfter() > longestObeyed {
			return err
		}
		if !sleep(ctx, max(pause(n), t.retryAfter())) {
			return err
		}
	}
}

// pause is exponential with full jitter, so that many clients that failed at
// once do not come back at once
// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
func pause(n int) time.Duration {
	ceiling := min(longestPause, firstPause<<n)
	return rand.N(ceiling) + 1
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

// parseRetryAfter reads seconds or an HTTP date (RFC 9110, section 10.2.3).
// What it cannot read counts as no wish.
func parseRetryAfter(v string, now time.Time) time.Duration {
	v = strings.TrimSpace(v)
	if n, err := strconv.Atoi(v); err == nil {
		return time.Duration(min(max(n, 0), 24*60*60)) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(t.Sub(now), 0)
	}
	return 0
}

// isTLS reports a failure of the handshake or of the certificate: trying again
// does not heal those.
func isTLS(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		record       tls.RecordHeaderError
		alert        *net.OpError // crypto/tls wraps an alert of either side in one
		authority    x509.UnknownAuthorityError
		host         x509.HostnameError
		invalid      x509.CertificateInvalidError
	)
	return errors.As(err, &verification) || errors.As(err, &record) || errors.As(err, &alert) && (alert.Op == "remote error" || alert.Op == "local error") ||
		errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid) ||
		errors.Is(err, http.ErrSchemeMismatch)
}
