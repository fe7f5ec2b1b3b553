package emulator

import (
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Request is what the server remembers of a request: never tokens, never
// bodies.
type Request struct {
	Time      time.Time  `json:"time"`
	Method    string     `json:"method"` // as in Google's discovery documents; empty: no such route
	Verb      string     `json:"verb"`
	Path      string     `json:"path"`
	Query     url.Values `json:"query,omitempty"`
	Status    int        `json:"status"` // 0: no answer was sent
	Principal string     `json:"principal,omitempty"`
	Write     bool       `json:"write"`
	Fault     string     `json:"fault,omitempty"` // the fault that met it
}

// journal lists the requests in the order they arrived.
type journal struct {
	mu      sync.Mutex
	entries []*journalEntry
}

type journalEntry struct {
	Request
	done bool
}

func (j *journal) begin(c *call, now time.Time) *journalEntry {
	e := &journalEntry{Request: Request{
		Time: now, Verb: c.r.Method, Path: c.r.URL.Path, Query: publicQuery(c.query),
		Write: c.r.Method != http.MethodGet && c.r.Method != http.MethodHead,
	}}
	if c.route != nil {
		e.Method, e.Write = c.route.id, c.route.writes()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, e)
	return e
}

func (j *journal) end(e *journalEntry, c *call, a *answer, f *Fault) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e.done, e.Principal = true, c.caller.member
	if a != nil {
		e.Status = a.status
	}
	if f != nil {
		e.Fault = f.String()
	}
}

// report hands an entry on, one at a time.
func (j *journal) report(e *journalEntry, to func(Request)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	to(e.Request)
}

// publicQuery leaves out what could be a secret.
func publicQuery(q url.Values) url.Values {
	public := url.Values{}
	for name, values := range q {
		if containsWord("access_token oauth_token key upload_id", name) {
			values = []string{"REDACTED"}
		}
		public[name] = values
	}
	return public
}

// Requests returns the answered requests since the start or the last
// ResetRequests, in the order they arrived.
func (s *Server) Requests() []Request {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	list := []Request{}
	for _, e := range s.journal.entries {
		if e.done {
			list = append(list, e.Request)
		}
	}
	return list
}

// ResetRequests forgets all requests.
func (s *Server) ResetRequests() {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	s.journal.entries = nil
}
