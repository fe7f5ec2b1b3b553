package emulator

import (
	"net/http"
	"sync"
	"time"

	"github.com/wifctl/wifctl/internal/gcp/emulator/federation"
)

// Project is a project the server starts with.
type Project struct {
	ID     string
	Number string // empty: one is chosen
}

// Options say what a server starts with. The zero value is one project,
// demo-project, with nothing in it and no operator.
//
// A StateFile that exists comes first. Projects and Buckets then add what it
// lacks, and OperatorRoles, where given, what the operator lacks; the default
// roles are not given back to an operator who lost them.
type Options struct {
	StateFile string // loaded if it exists, written by Save; empty: none

	Projects []Project
	Buckets  []string // made in the first project, each with one object, hello.txt

	OperatorToken string   // accepted as a bearer token; empty: none
	OperatorEmail string   // default operator@example.com
	OperatorRoles []string // on every project; default roles/owner on new ones

	// OperatorPermissions, where given, are all that the operator has, everywhere and
	// whatever the policies say, as by a custom role. They are for an operator without roles.
	OperatorPermissions []string

	// OtherRoles are roles of Google's, beyond those known here, that policies may name.
	// They grant nothing.
	OtherRoles []string

	// OrgPolicies are the organisation policies in force, by constraint:
	// constraints/iam.disableServiceAccountCreation and the like. The values are
	// what the constraint allows.
	OrgPolicies map[string][]string

	Latency time.Duration // added to every answer
	Clock   Clock         // nil: the machine's
	Skew    time.Duration // of Google's clock against the machine's: see SetSkew

	Lag        Lag
	LagDivisor int // makes the lags so many times shorter; 0 is 1

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
	issuers *federation.Issuers // has a lock of its own, because fetching waits
	saving  sync.Mutex          // held while the state file is written

	mu         sync.Mutex // everything below, and all it points to
	serial     uint64
	projects   []*project // in the order of Options
	accounts   []*serviceAccount
	operations operations
	buckets    map[string]*bucket // by name
	tokens     map[string]*token  // by text
	sweepAt    int                // tokens at which the expired ones are dropped next
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
		opts: o, lag: o.Lag.delays(o.LagDivisor), clock: &shiftedClock{base: o.Clock, skew: o.Skew}, routes: routes(),
		buckets: map[string]*bucket{}, tokens: map[string]*token{},
	}
	s.issuers = &federation.Issuers{Client: o.IssuerClient, Now: s.clock.Now}
	if err := s.load(); err != nil {
		return nil, err
	}
	if err := s.seed(); err != nil {
		return nil, err
	}
	return s, nil
}
