package emulator

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Project is a project the server starts with.
type Project struct {
	ID     string
	Number string // empty: one is chosen
}

// Options say what a server starts with. The zero value is one project,
// demo-project, with nothing in it and no operator.
type Options struct {
	Projects []Project
	Buckets  []string // made in the first project, each with one object, hello.txt

	OperatorToken string   // accepted as a bearer token; empty: none
	OperatorEmail string   // default operator@example.com
	OperatorRoles []string // on every project; default roles/owner

	// OrgPolicies are the organisation policies in force, by constraint:
	// constraints/iam.disableServiceAccountCreation and the like. The values are
	// what the constraint allows.
	OrgPolicies map[string][]string

	Latency time.Duration // added to every answer
	Lag     Lag
	Clock   Clock // nil: the machine's

	IssuerClient *http.Client  // fetches issuers' key sets; nil: http.DefaultClient
	Log          func(Request) // called after every answer, one at a time
}

// Server is the emulator. It is an http.Handler, safe for concurrent use.
type Server struct {
	opts   Options
	lag    lags
	clock  *shiftedClock
	routes []route

	faults  faultList
	journal journal
	issuers issuerKeys // has a lock of its own, because fetching waits

	mu         sync.Mutex // everything below, and all it points to
	serial     uint64
	projects   []*project // in the order of Options
	accounts   []*serviceAccount
	operations map[string]*operation // by name
	buckets    map[string]*bucket    // by name
	tokens     map[string]*token     // by text
}

// New returns a server seeded as the options say, or an error naming the option
// that can't be met.
func New(o Options) (*Server, error) {
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	if o.IssuerClient == nil {
		o.IssuerClient = http.DefaultClient
	}
	s := &Server{
		opts: o, lag: o.Lag.delays(), clock: &shiftedClock{base: o.Clock}, routes: routes(),
		issuers:    issuerKeys{client: o.IssuerClient},
		operations: map[string]*operation{}, buckets: map[string]*bucket{}, tokens: map[string]*token{},
	}
	if err := s.seed(); err != nil {
		return nil, err
	}
	return s, nil
}

// seed makes the projects, the operator and the buckets of the options.
func (s *Server) seed() error {
	if len(s.opts.Projects) == 0 {
		s.opts.Projects = []Project{{ID: "demo-project", Number: "123456789012"}}
	}
	for i, p := range s.opts.Projects {
		if p.Number == "" {
			p.Number = fmt.Sprint(123456789012 + i)
		}
		if err := s.addProject(p); err != nil {
			return err
		}
	}
	if err := s.addOperator(); err != nil {
		return err
	}
	for _, name := range s.opts.Buckets {
		if err := s.seedBucket(s.projects[0], name); err != nil {
			return fmt.Errorf("bucket %q: %w", name, err)
		}
	}
	return nil
}

func (s *Server) addProject(p Project) error {
	if p.ID == "" || strings.Trim(p.Number, "0123456789") != "" {
		return fmt.Errorf("project %q with number %q: want an id and a number of digits", p.ID, p.Number)
	}
	for _, name := range []string{p.ID, p.Number} {
		if _, taken := s.project(name); taken {
			return fmt.Errorf("project %q: named twice", name)
		}
	}
	made := &project{id: p.ID, number: p.Number, created: s.clock.Now(), policy: &allowPolicy{}, services: map[string]*service{}, pools: map[string]*pool{}}
	for _, name := range preEnabled {
		made.services[name] = &service{enabled: true}
	}
	s.projects = append(s.projects, made)
	return nil
}

func (s *Server) addOperator() error {
	if s.opts.OperatorToken == "" {
		return nil
	}
	if s.opts.OperatorEmail == "" {
		s.opts.OperatorEmail = "operator@example.com"
	}
	if len(s.opts.OperatorRoles) == 0 {
		s.opts.OperatorRoles = []string{"roles/owner"}
	}
	member := "user:" + strings.ToLower(s.opts.OperatorEmail)
	for _, role := range s.opts.OperatorRoles {
		if !knownRole(role) {
			return fmt.Errorf("operator role %q: not one of this emulator's roles", role)
		}
		for _, p := range s.projects {
			p.policy.add(s, role, member)
		}
	}
	s.tokens[s.opts.OperatorToken] = &token{caller: caller{
		kind: tokenOperator, member: member, principals: []string{member}, email: s.opts.OperatorEmail,
	}}
	return nil
}
