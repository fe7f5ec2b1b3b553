package emulator

import (
	"maps"
	"slices"
	"time"
)

// project is one Google Cloud project and what lives in it.
type project struct {
	id, number string
	created    time.Time
	deleted    time.Time // zero: active
	billed     bool      // there is a billing account
	policy     *allowPolicy
	services   map[string]*service // by name, for instance iam.googleapis.com
	pools      map[string]*pool    // by id, the soft-deleted ones too
}

// lifecycle is the soft delete that pools and providers share.
type lifecycle struct {
	created time.Time
	visible time.Time // reads find it from here on
	deleted time.Time // zero: active
}

// softDelete is how long a deleted pool, provider or account can come back
// (docs.cloud.google.com/iam/docs/manage-workload-identity-pools-providers).
const softDelete = 30 * 24 * time.Hour

func (l *lifecycle) isDeleted() bool { return !l.deleted.IsZero() }

// isPurged reports whether the id can be used again.
func (l *lifecycle) isPurged(now time.Time) bool {
	return l.isDeleted() && !now.Before(l.deleted.Add(softDelete))
}

func (l *lifecycle) state() string {
	if l.isDeleted() {
		return "DELETED"
	}
	return "ACTIVE"
}

func (l *lifecycle) expireTime() string {
	if !l.isDeleted() {
		return ""
	}
	return timestamp(l.deleted.Add(softDelete))
}

// project finds a project by id or number.
func (s *Server) project(idOrNumber string) (*project, bool) {
	for _, p := range s.projects {
		if (p.id == idOrNumber || p.number == idOrNumber) && !p.isPurged(s.clock.Now()) {
			return p, true
		}
	}
	return nil, false
}

// poolByName finds a pool that is not purged by its full name, which holds the
// project number: projects/N/locations/global/workloadIdentityPools/P.
func (s *Server) poolByName(number, id string) (*pool, bool) {
	for _, p := range s.projects {
		if p.number == number {
			return p.pool(id, s.clock.Now())
		}
	}
	return nil, false
}

// pool finds a pool that is not purged; it may be deleted.
func (p *project) pool(id string, now time.Time) (*pool, bool) {
	found, ok := p.pools[id]
	if !ok || found.isPurged(now) {
		return nil, false
	}
	return found, true
}

// nextSerial numbers everything that needs to differ: etags, ids, operations.
func (s *Server) nextSerial() uint64 {
	s.serial++
	return s.serial
}

// State is a readable snapshot of everything but tokens, request bodies and
// object contents. It is meant for people and for tests that ask "what is
// left?"; its JSON is not an API.
type State struct {
	Now             time.Time      `json:"now"`
	Projects        []ProjectState `json:"projects"`
	Pools           []any          `json:"pools,omitempty"`
	Providers       []any          `json:"providers,omitempty"`
	ServiceAccounts []AccountState `json:"serviceAccounts,omitempty"`
	Buckets         []any          `json:"buckets,omitempty"`
}

// ProjectState is one project in a State.
type ProjectState struct {
	ID       string   `json:"projectId"`
	Number   string   `json:"projectNumber"`
	Services []string `json:"enabledServices"`
	Policy   any      `json:"policy"`
}

// AccountState is one service account in a State, deleted ones included.
type AccountState struct {
	Email    string `json:"email"`
	UniqueID string `json:"uniqueId"`
	Disabled bool   `json:"disabled,omitempty"`
	Deleted  bool   `json:"deleted,omitempty"`
	Policy   any    `json:"policy"`

	Keys []string `json:"userManagedKeys,omitempty"` // their ids
}

// State returns a snapshot of the server.
func (s *Server) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	st := State{Now: s.clock.shown(now), Buckets: s.bucketStates()}
	for _, p := range s.projects {
		st.Projects = append(st.Projects, ProjectState{p.id, p.number, p.enabledServices(), s.show(p.policy, 3)})
		for _, id := range slices.Sorted(maps.Keys(p.pools)) {
			s.addPool(&st, p.pools[id], now)
		}
	}
	for _, a := range s.accounts {
		made := AccountState{Email: a.email, UniqueID: a.uniqueID, Disabled: a.disabled, Deleted: a.isDeleted(), Policy: s.show(a.policy, 3)}
		for _, k := range a.keys {
			made.Keys = append(made.Keys, k.id)
		}
		st.ServiceAccounts = append(st.ServiceAccounts, made)
	}
	return st
}

func (s *Server) addPool(st *State, p *pool, now time.Time) {
	if p.isPurged(now) {
		return
	}
	st.Pools = append(st.Pools, p.doc())
	for _, id := range slices.Sorted(maps.Keys(p.providers)) {
		if q := p.providers[id]; !q.isPurged(now) {
			st.Providers = append(st.Providers, q.doc())
		}
	}
}
