package gcp

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	firstPause    = 250 * time.Millisecond
	longestPause  = 8 * time.Second
	longestObeyed = 30 * time.Second // a Retry-After beyond this ends the call instead
)

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
