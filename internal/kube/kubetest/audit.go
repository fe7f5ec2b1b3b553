package kubetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Request is one request as the API server recorded it on arrival
// (https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/).
type Request struct {
	User      string // who asked, before impersonation
	As        string // who was impersonated, if anybody
	Agent     string // "wifctl/0.1.0 ..."
	Verb      string // Kubernetes' own: "create", "patch"
	Path      string // with query
	Namespace string
	Resource  string // "serviceaccounts/token"
	Name      string // empty for create
}

// String is "create namespaces/foo", for messages of tests.
func (r Request) String() string { return r.Verb + " " + r.Path }

// Write reports whether the request asks to change what is stored. Tokens and
// reviews are created, but not stored.
func (r Request) Write() bool {
	if !slices.Contains([]string{"create", "update", "patch", "delete", "deletecollection"}, r.Verb) {
		return false
	}
	virtual := strings.HasSuffix(r.Resource, "reviews") || strings.HasSuffix(r.Resource, "/token")
	return !virtual
}

// Mark is a place in the audit log.
type Mark int64

// Mark returns the present end of the audit log: that of its last whole line, since the
// server may be writing another.
func (c *Cluster) Mark() (Mark, error) {
	whole, err := c.auditLines(0)
	return Mark(len(whole)), err
}

// auditLines are the whole lines of the audit log since a mark.
func (c *Cluster) auditLines(since Mark) ([]byte, error) {
	f, err := os.Open(c.AuditLog)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	if _, err := f.Seek(int64(since), 0); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(f)
	return raw[:bytes.LastIndexByte(raw, '\n')+1], err
}

// Requests returns what users asked of the API server since a mark; since 0,
// from the start. A request whose answer has been read is among them. The
// cluster's own requests are not.
func (c *Cluster) Requests(since Mark) ([]Request, error) {
	whole, err := c.auditLines(since)
	if err != nil {
		return nil, err
	}
	var out []Request
	for line := range bytes.Lines(whole) {
		var e event
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("read audit log: %w", err)
		}
		if e.Stage == "RequestReceived" {
			out = append(out, e.request())
		}
	}
	return out, nil
}

// event is the part that is used here of audit.k8s.io/v1 Event.
type event struct {
	Stage      string `json:"stage"`
	RequestURI string `json:"requestURI"`
	Verb       string `json:"verb"`
	UserAgent  string `json:"userAgent"`
	User       user   `json:"user"`
	As         user   `json:"impersonatedUser"`
	Object     struct {
		Resource    string `json:"resource"`
		Subresource string `json:"subresource"`
		Namespace   string `json:"namespace"`
		Name        string `json:"name"`
	} `json:"objectRef"`
}

type user struct {
	Name string `json:"username"`
}

func (e event) request() Request {
	r := Request{
		User: e.User.Name, As: e.As.Name, Agent: e.UserAgent, Verb: e.Verb, Path: e.RequestURI,
		Namespace: e.Object.Namespace, Resource: e.Object.Resource, Name: e.Object.Name,
	}
	if e.Object.Subresource != "" {
		r.Resource += "/" + e.Object.Subresource
	}
	return r
}
