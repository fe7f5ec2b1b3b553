package cks

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const maxRedirects = 3

// errRedirect marks a redirect that is not followed.
var errRedirect = errors.New("not followed")

// A fetcher gets public documents as a stranger would.
type fetcher struct {
	client    *http.Client
	userAgent string
	observe   func(Call)
	close     func()
}

// A page is one fetched document.
type page struct {
	body        []byte
	from        string // the URL after redirects
	contentType string
	date        time.Time
	skew        time.Duration
}

// look describes a body that was not the expected one.
func (p page) look() string {
	return fmt.Sprintf("content type %q, begins %q", oneLine(p.contentType, 60), oneLine(string(p.body[:min(len(p.body), 60)]), 60))
}

func newFetcher(o DiscoverOptions) *fetcher {
	f := &fetcher{userAgent: o.UserAgent, observe: o.Observe, close: func() {}}
	if f.userAgent == "" {
		f.userAgent = defaultUserAgent
	}
	if f.observe == nil {
		f.observe = func(Call) {}
	}
	transport := o.Transport
	if transport == nil {
		t := &http.Transport{
			Proxy:             http.ProxyFromEnvironment,
			TLSClientConfig:   &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12},
			ForceAttemptHTTP2: true,
			// A stranger's headers are bounded like its body.
			MaxResponseHeaderBytes: 64 << 10,
		}
		transport, f.close = t, t.CloseIdleConnections
	}
	f.client = &http.Client{Transport: transport, CheckRedirect: sameOrigin} // no Jar: no cookies
	return f
}

// sameOrigin lets a server move a document within itself and nowhere else.
func sameOrigin(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	switch {
	case req.URL.Scheme != first.Scheme || req.URL.Host != first.Host:
		return fmt.Errorf("redirect to %s: %w", oneLine(req.URL.Redacted(), 200), errRedirect)
	case req.URL.User != nil:
		return fmt.Errorf("redirect to a URL with credentials: %w", errRedirect)
	case len(via) > maxRedirects:
		return fmt.Errorf("more than %d redirects: %w", maxRedirects, errRedirect)
	}
	return nil
}

func (f *fetcher) fetch(ctx context.Context, stage Stage, at string) (page, error) {
	var p page
	err := retry(ctx, discoverRetries, func() error {
		var err error
		p, err = f.attempt(ctx, stage, at)
		return err
	})
	return p, err
}

func (f *fetcher) attempt(ctx context.Context, stage Stage, at string) (page, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return page{}, &DiscoveryError{Stage: stage, Fault: FaultUnreachable, URL: at, Err: err}
	}
	req.Header.Set("Accept", "application/json, application/jwk-set+json, */*;q=0.1")
	req.Header.Set("User-Agent", f.userAgent)

	call := Call{Verb: req.Method, Host: req.URL.Host, Path: req.URL.Path}
	start := time.Now()
	resp, err := f.client.Do(req)
	answered := time.Now()
	var body []byte
	if resp != nil {
		call.Status = resp.StatusCode
		defer resp.Body.Close()
	}
	if err == nil {
		body, err = readBody(resp, maxDiscoveryBody)
	}
	call.Duration = time.Since(start)
	f.observe(call)
	if err != nil {
		return page{}, failure(ctx, stage, at, err)
	}
	if resp.StatusCode != http.StatusOK {
		return page{}, statusFailure(stage, at, resp, body)
	}

	p := page{body: body, from: resp.Request.URL.String(), contentType: resp.Header.Get("Content-Type")}
	p.date = serverTime(resp.Header)
	if !p.date.IsZero() {
		p.skew = skew(start, answered, p.date)
	}
	return p, nil
}

// failure classifies what went wrong before there was a whole answer.
func failure(ctx context.Context, stage Stage, at string, err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err // the URL is in our own error already
	}
	e := &DiscoveryError{Stage: stage, Fault: FaultUnreachable, URL: at, Err: err}
	var ne net.Error
	switch {
	case errors.Is(err, errRedirect):
		e.Fault = FaultRedirect
	case errors.Is(err, errTooLarge):
		e.Fault = FaultTooLarge
	case ctx.Err() != nil, errors.As(err, &ne) && ne.Timeout():
		e.Fault = FaultTimeout
	case isTLS(err):
		e.Fault = FaultTLS
	}
	return e
}

func statusFailure(stage Stage, at string, resp *http.Response, body []byte) error {
	_, message := parseErrorBody(body)
	return &DiscoveryError{
		Stage: stage, Fault: FaultStatus, URL: at, Status: resp.StatusCode,
		Detail: oneLine(fmt.Sprintf("%d %s %s", resp.StatusCode, http.StatusText(resp.StatusCode), message), 200),
		after:  parseRetryAfter(resp.Header.Get("Retry-After"), time.Now()),
	}
}

// serverTime reads the Date header and adds the Age of a cached answer
// (RFC 9111, section 4.2.3). It is zero when there is no readable date.
func serverTime(h http.Header) time.Time {
	t, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	if age, err := strconv.Atoi(h.Get("Age")); err == nil && age > 0 && age < 7*24*60*60 {
		t = t.Add(time.Duration(age) * time.Second)
	}
	return t
}

// skew compares the server's clock with the middle of the request. The header
// has whole seconds, cut off, so half a second is added.
func skew(sent, answered, server time.Time) time.Duration {
	middle := sent.Add(answered.Sub(sent) / 2)
	return middle.Sub(server.Add(500 * time.Millisecond)).Round(time.Second)
}
