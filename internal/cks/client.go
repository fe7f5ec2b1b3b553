package cks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// DefaultEndpoint is the base URL of CoreWeave's public API.
const DefaultEndpoint = "https://api.coreweave.com"

const (
	defaultTimeout   = 10 * time.Second // of one attempt; CoreWeave's Terraform provider has the same default
	defaultUserAgent = "wifctl"
	maxAPIBody       = 8 << 20  // far above any list of clusters
	maxErrorBody     = 64 << 10 // of an answer that is not 200
)

// Options say how a [Client] reaches the CKS API.
type Options struct {
	// Endpoint is the base URL; empty means DefaultEndpoint. A trailing slash
	// is tolerated. It must be https, except on a loopback address.
	Endpoint string
	// Token is the API token (CW-SECRET-…) that goes out as a bearer token.
	Token string
	// HTTP carries the requests; nil means a client of this package's own.
	// Redirects are never followed, whatever the client says.
	HTTP *http.Client
	// UserAgent is sent with every request; empty means "wifctl".
	UserAgent string
	// Timeout bounds one attempt, not the whole call; zero means 10 s.
	Timeout time.Duration
	// Observe, if set, is told of every attempt. It may be called from
	// several goroutines at once.
	Observe func(Call)
}

// A Call is one HTTP attempt as seen by an observer. It holds no secret.
type Call struct {
	Verb     string
	Host     string // with the port, if there was one
	Path     string // without the query
	Status   int    // 0: no answer
	Duration time.Duration
}

// A Client reads clusters from the CKS API. It is safe for concurrent use.
type Client struct {
	base      *url.URL
	token     string
	userAgent string
	timeout   time.Duration
	observe   func(Call)
	http      *http.Client
}

// New returns a client. It fails when there is no token, or when the endpoint
// is one that a token must not be sent to.
func New(o Options) (*Client, error) {
	base, err := parseEndpoint(o.Endpoint)
	if err != nil {
		return nil, err
	}
	token, err := cleanToken(o.Token)
	if err != nil {
		return nil, err
	}

	c := &Client{base: base, token: token, userAgent: o.UserAgent, timeout: o.Timeout, observe: o.Observe}
	if c.userAgent == "" {
		c.userAgent = defaultUserAgent
	}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	if c.observe == nil {
		c.observe = func(Call) {}
	}
	h := http.Client{}
	if o.HTTP != nil {
		h = *o.HTTP
	}
	// A redirect would carry the token to an address nobody has named.
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.http = &h
	return c, nil
}

// parseEndpoint never shows the endpoint's text when it may hold a password.
func parseEndpoint(s string) (*url.URL, error) {
	if s == "" {
		s = DefaultEndpoint
	}
	u, err := url.Parse(s)
	if err != nil {
		var pe *url.Error
		if errors.As(err, &pe) {
			err = pe.Err // without the URL
		}
		return nil, fmt.Errorf("CoreWeave API endpoint is not a URL: %w", err)
	}
	switch {
	case u.User != nil:
		return nil, errors.New("CoreWeave API endpoint must not carry a user name or password")
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return nil, fmt.Errorf("CoreWeave API endpoint %q must be a URL such as %s", u.Redacted(), DefaultEndpoint)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("CoreWeave API endpoint %q must be https: a token is sent to it", u)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("CoreWeave API endpoint %q must not have a query or a fragment", u)
	}
	u.Path = strings.TrimRight(u.Path, "/") + "/"
	u.RawPath = ""
	return u, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// cleanToken forgives the newline that `cat token` and editors leave behind.
func cleanToken(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", errors.New("no CoreWeave API token")
	}
	for _, r := range s {
		if r <= ' ' || r > '~' {
			return "", errors.New("CoreWeave API token holds a space, a line break or a character that is not ASCII")
		}
	}
	return s, nil
}

// get reads one path, with retries, and returns the body of a 200.
func (c *Client) get(ctx context.Context, op string, segments ...string) ([]byte, error) {
	target := *c.base
	for _, s := range segments {
		target = *target.JoinPath(url.PathEscape(s)) // JoinPath takes its arguments as escaped
	}
	var body []byte
	err := retry(ctx, maxRetries, func() error {
		var err error
		body, err = c.attempt(ctx, op, &target)
		return err
	})
	return body, err
}

func (c *Client) attempt(ctx context.Context, op string, target *url.URL) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, &APIError{Op: op, Err: err}
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)

	call := Call{Verb: req.Method, Host: target.Host, Path: target.Path}
	start := time.Now()
	resp, err := c.http.Do(req)
	if resp != nil {
		call.Status = resp.StatusCode
		defer resp.Body.Close()
	}
	var body []byte
	if err == nil {
		body, err = readBody(resp, maxAPIBody)
	}
	call.Duration = time.Since(start)
	c.observe(call)

	if err != nil {
		return nil, c.transportError(op, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, c.statusError(op, resp, body)
	}
	return body, nil
}

// errTooLarge marks a body beyond its limit.
var errTooLarge = errors.New("the body is larger than the limit")

// readBody reads at most limit bytes. A body that announces more is not read.
// Of a failure's body, which only explains, as much as comes is enough.
func readBody(resp *http.Response, limit int64) ([]byte, error) {
	if resp.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
		return b, nil
	}
	if resp.ContentLength > limit {
		return nil, fmt.Errorf("%w of %d bytes", errTooLarge, limit)
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%w of %d bytes", errTooLarge, limit)
	}
	return b, nil
}
