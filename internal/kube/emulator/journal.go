package emulator

import (
	"net/http"
	"slices"
	"sync"
)

// Request is what the server remembers of a request: no tokens and no bodies.
type Request struct {
	Verb   string // Kubernetes' own: "create", "patch"
	Method string // "POST"
	Path   string
	User   string
	Agent  string
	Status int
	Write  bool // it was granted, and is of the kind that changes what is stored
}

// maxRequests bounds what is remembered.
const maxRequests = 10_000

type journal struct {
	mu      sync.Mutex
	entries []Request
}

func (j *journal) add(r Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, r)
	if extra := len(j.entries) - maxRequests; extra > 0 {
		j.entries = j.entries[extra:]
	}
}

func (j *journal) list() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.entries)
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter

	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController flush a watch.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
