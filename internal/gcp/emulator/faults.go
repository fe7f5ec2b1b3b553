package emulator

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"sync"
	"time"
)

// Fault is one way to misbehave, for the requests of one method. It is counted,
// never diced: After requests pass, then Times requests meet it.
type Fault struct {
	// Match is a method id as in the discovery documents, or a pattern with *:
	// iam.projects.serviceAccounts.create, storage.*.
	Match string
	After int
	Times int // 0: once; negative: always

	Status int    // answer with this error; 0: no error answer
	Reason string // ErrorInfo reason, errors[] reason, or the OAuth error of the token service
	Lost   bool   // the request takes effect first; then Status, or no answer at all

	Delay    time.Duration // wait first
	Reset    bool          // close the connection, with no effect
	Truncate bool          // break off in the middle of the answer
}

// faultList counts the requests each fault has seen. The first fault that is
// due takes the request; all that match count it.
type faultList struct {
	mu     sync.Mutex
	faults []*counted
}

type counted struct {
	Fault
	seen int
}

// Inject adds a fault to those in force. It panics on one that could never be met or that
// contradicts itself: a test with such a fault would prove nothing. ParseFault returns
// the same as an error.
func (s *Server) Inject(f Fault) {
	if err := f.check(); err != nil {
		panic(fmt.Sprintf("emulator: fault %q: %v", f.String(), err))
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.faults = append(s.faults.faults, &counted{Fault: f})
}

// ClearFaults removes all faults.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.faults = nil
}

func (l *faultList) take(method string) *Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	var due *Fault
	for _, f := range l.faults {
		if ok, err := path.Match(f.Match, method); err != nil || !ok {
			continue
		}
		f.seen++
		if due == nil && f.isDue() {
			due = &f.Fault
		}
	}
	return due
}

func (f *counted) isDue() bool {
	times := f.Times
	if times == 0 {
		times = 1
	}
	return f.seen > f.After && (times < 0 || f.seen <= f.After+times)
}

func (f *Fault) wait(ctx context.Context) error {
	if f == nil {
		return nil
	}
	return wait(ctx, f.Delay)
}

// instead is the answer given without doing anything; ok is false when the
// request is to be served.
func (f *Fault) instead(c *call) (a *answer, ok bool) {
	switch {
	case f == nil || f.Lost:
		return nil, false
	case f.Reset:
		return nil, true
	case f.Status != 0:
		return f.errorAnswer(c), true
	}
	return nil, false
}

// after is what becomes of a served request's answer.
func (f *Fault) after(c *call, a *answer) *answer {
	switch {
	case f == nil || !f.Lost:
		return a
	case f.Status != 0:
		return f.errorAnswer(c)
	}
	return nil
}

// send writes the answer, whole or broken, or closes the connection.
func (f *Fault) send(w http.ResponseWriter, a *answer) {
	if a == nil {
		panic(http.ErrAbortHandler)
	}
	if f == nil || !f.Truncate {
		a.write(w)
		return
	}
	half := *a
	half.header = a.header.Clone()
	half.header.Set("Content-Length", strconv.Itoa(len(a.body)))
	half.body = a.body[:len(a.body)/2]
	half.write(w)
	_ = http.NewResponseController(w).Flush() // best effort: it is broken off anyway
	panic(http.ErrAbortHandler)
}

// errorAnswer words the fault as the API that was asked would.
func (f *Fault) errorAnswer(c *call) *answer {
	text := "injected fault: " + f.String()
	if c.route.service() == "sts.googleapis.com" && f.Status < 500 {
		return errorAnswer(c.form(), f.exchangeError(text))
	}
	if f.Reason == perimeterReason {
		return errorAnswer(c.form(), perimeterError(c.route.service()))
	}
	e := newError(f.Status, "%s", text)
	if f.Reason != "" {
		e.reason = f.Reason
		e.details = []any{newErrorInfo(f.Reason, "googleapis.com", nil)}
	}
	return errorAnswer(c.form(), e)
}

// exchangeError is a fault in the form of the token service, with the reason as the OAuth
// error code. A throttled exchange is worded as Google words it.
func (f *Fault) exchangeError(text string) *exchangeError {
	e := &exchangeError{HTTPStatus: f.Status, Code: f.Reason, Description: text}
	switch {
	case f.Status == http.StatusTooManyRequests && (f.Reason == "" || f.Reason == "quota_exceeded"):
		e.Code, e.Description = "quota_exceeded", "The request was throttled due to rate limit: sts.googleapis.com/requests. Please retry after a few seconds."
	case f.Reason == "":
		e.Code = "invalid_request"
	}
	return e
}
