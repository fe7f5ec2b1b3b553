package ckstest

import (
	"io"
	"net/http"
)

// A Fault is an answer that replaces the right one, by name and count and never
// by chance.
type Fault struct {
	Path       string // of the request; empty: any
	After      int    // let this many matching requests pass first
	Times      int    // then play this often; 0: for ever
	Status     int
	RetryAfter string // header, as sent
	Location   string // header, as sent
	Body       string
	EchoToken  bool // put the request's Authorization header into the body
	Hang       bool // never answer
	Reset      bool // drop the connection without an answer
	Truncate   bool // announce more body than is sent
}

// Inject adds a fault. Of several that match, the first added plays first.
func (s *Server) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// takeFault counts a request against the faults and returns the one to play.
func (s *Server) takeFault(path string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.Path != "" && f.Path != path {
			continue
		}
		if f.After > 0 {
			f.After--
			continue
		}
		played := *f
		if f.Times == 1 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		if f.Times > 1 {
			f.Times--
		}
		return &played
	}
	return nil
}

func (f *Fault) play(w http.ResponseWriter, r *http.Request) {
	if f.Hang {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	if f.Reset {
		panic(http.ErrAbortHandler)
	}
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	if f.Location != "" {
		w.Header().Set("Location", f.Location)
	}
	if f.Truncate {
		w.Header().Set("Content-Length", "4096")
	}
	status := f.Status
	if status == 0 {
		status = http.StatusOK
	}
	w.WriteHeader(status)
	body := f.Body
	if f.EchoToken {
		body += r.Header.Get("Authorization")
	}
	_, _ = io.WriteString(w, body) // a client that has gone away is its own affair
	if f.Truncate {
		panic(http.ErrAbortHandler)
	}
}
