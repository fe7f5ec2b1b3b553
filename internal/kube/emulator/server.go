package emulator

import (
	"net/http"
	"sync"
	"time"
)

// Options say what a server starts with. The zero value is a cluster with the
// four namespaces of every cluster and one user, admin, who may do everything.
type Options struct {
	// Issuer is "iss" of every token, byte for byte; its documents are served below
	// its path to anybody. Empty: Kubernetes' own default, which nobody can fetch.
	// Start fills in its own address.
	Issuer string
	// Audience is whom tokens are for that name nobody; empty: the issuer, as in
	// Kubernetes.
	Audience string
	// Users are those who may log in; none: admin, with a token made up.
	Users []User
	// CA is what kube-root-ca.crt of every namespace holds.
	CA string
	// Now is the clock; nil: the machine's.
	Now func() time.Time
	Log func(Request) // called after every answer, from several goroutines; may be nil
}

// User is somebody who logs in with a token.
type User struct {
	Name   string
	Token  string // empty: one is made up
	Groups []string
	Rules  []Rule // what they may do beside asking who they are; system:masters may everything
}

// Rule allows verbs on resources of the core group.
type Rule struct {
	Namespace string // empty: in all, and on namespaces themselves
	Verbs     []string
	Resources []string // "configmaps", "serviceaccounts/token", "*"
	Names     []string // empty: any
}

const (
	defaultIssuer = "https://kubernetes.default.svc.cluster.local"
	masters       = "system:masters"
)

// Server is the emulator. It is an http.Handler, safe for concurrent use.
type Server struct {
	opts    Options
	signer  signer
	journal journal

	mu    sync.Mutex // what follows
	users []User
	store store
}

// New returns a server as the options say.
func New(o Options) (*Server, error) {
	if o.Issuer == "" {
		o.Issuer = defaultIssuer
	}
	if o.Audience == "" {
		o.Audience = o.Issuer
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if len(o.Users) == 0 {
		o.Users = []User{{Name: "admin", Groups: []string{masters}}}
	}
	s := &Server{opts: o, signer: newSigner(), store: newStore(o.Now)}
	for _, u := range o.Users {
		s.users = append(s.users, u.withToken())
	}
	for _, name := range []string{"default", "kube-node-lease", "kube-public", "kube-system"} {
		if err := s.seed(name); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Users are those who may log in, with their tokens.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]User(nil), s.users...)
}

// Allow gives a user more rights. One who can't log in is made: others can act as
// them.
func (s *Server) Allow(user string, rules ...Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.users {
		if s.users[i].Name == user {
			s.users[i].Rules = append(s.users[i].Rules, rules...)
			return
		}
	}
	s.users = append(s.users, User{Name: user, Rules: rules}.withToken())
}

// Holds reports whether there is an object of the resource, "configmaps", with that
// name. A namespace that is ending is there.
func (s *Server) Holds(resource, namespace, name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := kindOf(resource)
	return k != nil && s.store.find(key{k, namespace, name}) != nil
}

// Requests are what was asked since the start, in the order of the answers.
func (s *Server) Requests() []Request { return s.journal.list() }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{s: s, r: r, w: &recorder{ResponseWriter: w}}
	c.serve()
	entry := Request{Verb: c.info.verb, Method: r.Method, Path: r.URL.Path, User: c.user.name, Agent: r.UserAgent(), Status: c.w.status}
	entry.Write = c.info.writes() && !c.dry() && c.w.status < 300
	s.journal.add(entry)
	if s.opts.Log != nil {
		s.opts.Log(entry)
	}
}
