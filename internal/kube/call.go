package kube

import (
	"net/http"
	"strings"
	"time"
)

// Call is one request as it went over the wire. It carries no headers, query or
// body, and so no token.
type Call struct {
	Verb     string // the HTTP method: "GET"
	Path     string // "/api/v1/namespaces/foo"
	Status   int    // 0 when there was no answer
	Duration time.Duration
	Write    bool // asks the cluster to change what it stores
}

// observer reports each request, client-go's own retries included.
type observer struct {
	next   http.RoundTripper
	report func(Call)
}

func (o observer) RoundTrip(r *http.Request) (*http.Response, error) {
	start := time.Now()
	resp, err := o.next.RoundTrip(r)
	call := Call{Verb: r.Method, Path: r.URL.Path, Duration: time.Since(start), Write: isWrite(r)}
	if resp != nil {
		call.Status = resp.StatusCode
	}
	o.report(call)
	return resp, err
}

// isWrite reports whether a request changes the cluster. Reviews and tokens are
// asked for with POST, but nothing is stored.
func isWrite(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	case http.MethodPost:
		return !strings.HasSuffix(r.URL.Path, "/token") &&
			!strings.HasSuffix(r.URL.Path, "/"+selfReviews) &&
			!strings.HasSuffix(r.URL.Path, "/"+selfSubjectReviews)
	default:
		return true
	}
}
