package gcp

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/iotest"
)

const userToken = "ya29.the-token-of-the-user"

// memory is a network without sockets, so that tests run in the time of
// testing/synctest.
type memory struct{ http.Handler }

// RoundTrip answers what the handler answers. A handler that aborts breaks the
// connection: before the answer, or in the middle of it.
func (m memory) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil {
		req.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	aborted := m.serve(w, req)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if aborted && w.Body.Len() == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	resp := w.Result()
	if aborted {
		resp.Body = io.NopCloser(io.MultiReader(resp.Body, iotest.ErrReader(io.ErrUnexpectedEOF)))
	}
	return resp, nil
}

func (m memory) serve(w http.ResponseWriter, req *http.Request) (aborted bool) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			aborted = true
		default:
			panic(p)
		}
	}()
	m.ServeHTTP(w, req)
	return false
}

// calls records what was asked.
type calls struct {
	mu  sync.Mutex
	all []Call
}

func (c *calls) add(call Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, call)
}

// script answers one method after the other, and fails the test when something
// else is asked.
type script struct {
	t       *testing.T
	answers []answerTo
	seen    []*http.Request
	bodies  []string
}

type answerTo struct {
	method string // id
	status int    // 0: 200
	body   string
	header http.Header
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	got := methodOf(r).id
	if len(s.answers) == 0 {
		s.t.Errorf("asked for %s %s (%s), and nothing more was due", r.Method, r.URL, got)
		http.Error(w, "nothing more was due", http.StatusTeapot)
		return
	}
	next := s.answers[0]
	s.answers = s.answers[1:]
	if got != next.method {
		s.t.Errorf("asked for %s (%s %s), want %s", got, r.Method, r.URL, next.method)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("read request: %v", err)
	}
	s.seen, s.bodies = append(s.seen, r), append(s.bodies, string(body))
	for k, v := range next.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	if next.status == 0 {
		next.status = http.StatusOK
	}
	w.WriteHeader(next.status)
	fmt.Fprint(w, next.body)
}

// follow makes a client whose requests must be those of the script, all of them.
func follow(t *testing.T, answers ...answerTo) (*Client, *script, *calls) {
	t.Helper()
	s := &script{t: t, answers: answers}
	c, seen := clientOf(t, memory{s})
	t.Cleanup(func() {
		if len(s.answers) > 0 {
			t.Errorf("%s was not asked for", s.answers[0].method)
		}
	})
	return c, s, seen
}

// clientOf makes a client over a transport.
func clientOf(t *testing.T, over http.RoundTripper) (*Client, *calls) {
	t.Helper()
	seen := &calls{}
	c, err := New(t.Context(), Options{AccessTokenFile: tokenFile(t), QuotaProject: "billed", Observe: seen.add, Transport: over})
	if err != nil {
		t.Fatal(err)
	}
	return c, seen
}

func tokenFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(userToken+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// refusal is an error in the envelope of the newer APIs.
func refusal(code int, status, message string) string {
	return fmt.Sprintf(`{"error":{"code":%d,"message":%q,"status":%q}}`, code, message, status)
}

// storageRefusal is an error as Cloud Storage writes it: without a status word.
func storageRefusal(code int, reason, message string) string {
	return fmt.Sprintf(`{"error":{"code":%d,"message":%q,"errors":[{"message":%q,"domain":"global","reason":%q}]}}`, code, message, message, reason)
}
