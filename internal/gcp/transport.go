package gcp

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
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
	clock     *remoteClock
}

func newWire(opts Options) wire {
	next := opts.Transport
	if next == nil {
		next = network()
	}
	clock := new(remoteClock)
	return wire{next: retrier{next: observer{next: next, report: opts.Observe, clock: clock}}, userAgent: opts.UserAgent, clock: clock}
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

func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}
