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

// maxRequests bounds what is remembered: an emulator may run for weeks.
const maxRequests = 10_000

// journal lists the last requests in the order they arrived.
type journal struct {
	mu        sync.Mutex
	entries   []*journalEntry
	forgotten int // requests before them, since the start or the last reset
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
	if extra := len(j.entries) - maxRequests; extra > 0 {
		j.entries = j.entries[extra:] // append moves to a new array in time, and the old one goes
		j.forgotten += extra
	}
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
// ResetRequests, in the order they arrived: of more than 10,000 the last.
func (s *Server) Requests() []Request {
	list, _ := s.journal.list()
	return list
}

func (j *journal) list() (list []Request, forgotten int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	list = []Request{}
	for _, e := range j.entries {
		if e.done {
			list = append(list, e.Request)
		}
	}
	return list, j.forgotten
}

// ResetRequests forgets all requests.
func (s *Server) ResetRequests() {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	s.journal.entries, s.journal.forgotten = nil, 0
}
