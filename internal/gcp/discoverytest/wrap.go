package discoverytest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Anybody is how the User-Agent of every client begins.
const Anybody = ""

// Watch wraps a server of Google's APIs and fails the test for everything it was sent or
// answers that is not Google's. What the agents are is said at [NewRecorder]. Without the
// documents the test goes on unwatched, and says so.
func Watch(t testing.TB, h http.Handler, agents ...string) http.Handler {
	t.Helper()
	d, err := load()
	if errors.Is(err, errNoModule) {
		t.Log("NOT TESTED: that requests and answers are Google's:", err)
		return h
	}
	if err != nil {
		t.Fatal(err)
	}
	r := NewRecorder(d, agents...)
	t.Cleanup(func() {
		for _, v := range r.Violations() {
			t.Errorf("not as Google's discovery documents have it: %s", v)
		}
	})
	return r.Wrap(h)
}

// Recorder collects what does not fit the documents. It may be used by several servers
// and by many requests at a time.
type Recorder struct {
	documents *Documents
	gaps      []gap
	always    map[string]string
	agents    []string
	mu        sync.Mutex
	found     map[string]bool
}

// NewRecorder is a recorder that has seen nothing yet. A client whose User-Agent begins
// like one of the agents is meant to be right: its requests must fit even where they are
// refused, since a strict server refuses just those that don't. Others may have sent a
// strange one on purpose.
func NewRecorder(d *Documents, agents ...string) *Recorder {
	return &Recorder{documents: d, gaps: gaps(), always: always(), agents: agents, found: map[string]bool{}}
}

// Violations are what did not fit so far, each once, sorted.
func (r *Recorder) Violations() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for v := range r.found {
		all = append(all, v)
	}
	slices.Sort(all)
	return all
}

// Wrap passes requests on and checks them, and their answers, afterwards. An answer that
// breaks off is nobody's.
func (r *Recorder) Wrap(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		x := &exchange{verb: req.Method, url: req.URL, contentType: req.Header.Get("Content-Type"), bound: r.binds(req)}
		if strings.HasPrefix(req.URL.Path, "/_emulator/") {
			h.ServeHTTP(w, req)
			return
		}
		var sent bytes.Buffer
		copied := *req
		if req.Body != nil {
			copied.Body = teeBody{io.TeeReader(req.Body, &sent), req.Body}
		}
		watched := &watchedWriter{ResponseWriter: w, status: http.StatusOK}
		h.ServeHTTP(watched, &copied)
		x.sent, x.got, x.status, x.answerType = sent.Bytes(), watched.body.Bytes(), watched.status, w.Header().Get("Content-Type")
		x.override = w.Header().Get("X-Http-Status-Code-Override")
		r.check(x)
	})
}

// binds reports whether a request must fit though it is refused.
func (r *Recorder) binds(req *http.Request) bool {
	return slices.ContainsFunc(r.agents, func(agent string) bool { return strings.HasPrefix(req.UserAgent(), agent) })
}

func (r *Recorder) check(x *exchange) {
	found := r.withoutGaps(r.documents.check(x, r.always))
	if len(found) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range found {
		r.found[v] = true
	}
}

// exchange is one request and its answer.
type exchange struct {
	verb        string
	url         *url.URL
	contentType string
	sent        []byte
	bound       bool // must fit, refused or not

	status     int
	answerType string
	override   string // the status where a client cannot take that
	got        []byte
}

// startsUpload tells the first request of a resumable upload.
func (x *exchange) startsUpload() bool {
	q := x.url.Query()
	return q.Get("uploadType") == "resumable" && !q.Has("upload_id")
}

// A finding is what does not fit in an exchange, and in which method: the path stands for
// one that is not found.
type finding struct {
	*exchange
	where string
	found []string
}

// check holds an exchange to the documents. A refused request need not fit, unless its
// client is meant to be right. The refusal must.
func (d *Documents) check(x *exchange, always map[string]string) finding {
	p, ok := d.match(x.verb, x.url)
	c, where := &checker{Documents: d, always: always}, x.url.Path
	if ok {
		c.api, where, c.partial = p.api, p.ID, x.inPart(p.ID)
	}
	switch {
	case ok:
		if x.status < 400 || x.bound {
			c.request(p, x)
		}
		c.answer(p, x)
	case x.isXML() && !x.bound:
		c.xmlRefusal(x)
	case x.status >= 400 && !x.bound:
		c.refusal("", x)
	default:
		c.reportf("no method of Google's has this path")
	}
	return finding{x, where, c.found}
}

func (r *Recorder) withoutGaps(f finding) []string {
	var rest []string
	for _, violation := range f.found {
		isGap := func(g gap) bool { return g.fits(f.where, f.exchange, violation) }
		if !slices.ContainsFunc(r.gaps, isGap) {
			rest = append(rest, fmt.Sprintf("%s %s: %s", f.verb, f.where, violation))
		}
	}
	return rest
}

// teeBody notes what the handler reads, and no more: how it treats a body without end is
// its own affair.
type teeBody struct {
	io.Reader
	io.Closer
}

type watchedWriter struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// Unwrap lets the handler flush.
func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *watchedWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *watchedWriter) Write(b []byte) (int, error) {
	w.body.Write(b)
	return w.ResponseWriter.Write(b)
}
