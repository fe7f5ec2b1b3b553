package emulator

import (
	"net/http"
	"net/url"
	"strings"
)

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		s.serveControl(w, r)
		return
	}
	w.Header().Set("Date", s.clock.date())
	c := &call{s: s, r: r, query: r.URL.Query(), caller: &caller{}}
	c.route, c.vars = s.find(r.Method, r.URL)
	entry := s.journal.begin(c, s.clock.Now())
	a, fault := c.answer()
	s.journal.end(entry, c, a, fault)
	if s.opts.Log != nil {
		s.journal.report(entry, s.opts.Log)
	}
	fault.send(w, a)
}

// answer runs the request through latency, faults and its handler. The answer
// is nil when a fault swallowed it.
func (c *call) answer() (*answer, *Fault) {
	if err := wait(c.r.Context(), c.s.opts.Latency); err != nil {
		return nil, nil
	}
	if c.route == nil {
		return errorAnswer(formOf(c.r.URL.Path), c.unrouted()), nil
	}
	fault := c.s.faults.take(c.route.id)
	if err := fault.wait(c.r.Context()); err != nil {
		return nil, fault
	}
	if early, ok := fault.instead(c); ok {
		return early, fault
	}
	a := fault.after(c, c.run())
	return a, fault
}

// unrouted refuses a request that no route is for. A name that is empty where one would
// do is a mistake of the caller's, as recorded.
func (c *call) unrouted() error {
	named := url.URL{Path: c.r.URL.Path + "x"}
	if route, _ := c.s.find(c.r.Method, &named); route != nil && strings.HasPrefix(named.Path, "/v1/") && strings.HasSuffix(c.r.URL.Path, "/") {
		return invalidArgument("Request contains an invalid argument.")
	}
	return notModelled("%s %s", c.r.Method, c.r.URL.Path)
}

// form is how errors of the request are written. A download by the JSON API is not refused
// in JSON, as seen with curl: https://github.com/firebase/firebase-tools/pull/3647.
func (c *call) form() form {
	if c.route.form == formStorage && c.route.id == "storage.objects.get" && c.query.Get("alt") == "media" {
		return formMedia
	}
	return c.route.form
}

// formOf is how the API behind a path refuses what has no route.
func formOf(path string) form {
	if strings.Contains(path, "/storage/v1/") {
		return formStorage
	}
	return formGoogle
}

// run checks the request and hands it to its handler.
func (c *call) run() *answer {
	v, err := c.handle()
	if err != nil {
		return errorAnswer(c.form(), err)
	}
	if a, ok := v.(*answer); ok {
		return a
	}
	return jsonAnswer(http.StatusOK, v)
}

func (c *call) handle() (any, error) {
	if err := c.readBody(); err != nil {
		return nil, err
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.now = c.s.clock.Now()
	if err := c.authenticate(); err != nil {
		return nil, err
	}
	if err := c.checkQuery(); err != nil {
		return nil, err
	}
	if err := c.checkQuotaProject(); err != nil {
		return nil, err
	}
	if c.route.empty {
		if err := c.decode(&struct{}{}); err != nil {
			return nil, err
		}
	}
	if c.route.open {
		c.s.mu.Unlock()
		defer c.s.mu.Lock()
	}
	return c.route.handle(c)
}
