package emulator

import (
	"crypto/rand"
	"maps"
	"time"
)

// tokenKind is what an access token was issued for.
type tokenKind int

const (
	tokenOperator  tokenKind = iota + 1 // given in Options, does not expire
	tokenFederated                      // from the token service, for a principal of a pool
	tokenAccount                        // from generateAccessToken, for a service account
)

// caller is who makes a request.
type caller struct {
	kind tokenKind // 0: anonymous
	// member is the caller as one policy member: user:..., serviceAccount:...
	// or principal://iam.googleapis.com/.../subject/...; empty when anonymous.
	member string
	// principals are all policy members the caller matches, member included.
	// allUsers and allAuthenticatedUsers are not in the list.
	principals []string
	email      string   // of a user or service account
	scopes     []string // empty for the operator: everything
	// permissions, where there are any, are all that is held, in the short spelling.
	permissions []string
}

// anonymous reports whether the request carried no token.
func (c *caller) anonymous() bool { return c.kind == 0 }

// token is an issued access token. The text is the map key in Server.tokens
// and is never logged.
type token struct {
	caller  caller
	expires time.Time // zero: never
	// pool kills a federated token while it is disabled or deleted. The provider
	// does not: that is measured and documented (REST reference, providers.delete).
	pool *pool
	// account kills a service account's token when it is deleted or disabled.
	account *serviceAccount
}

// issueToken makes an opaque access token for t. The caller holds the lock.
func (s *Server) issueToken(t token) string {
	s.dropExpired()
	text := "ya29.emu-" + rand.Text() + rand.Text()
	s.tokens[text] = &t
	return text
}

// minSweep is how many tokens are kept without looking for expired ones.
const minSweep = 1000

// dropExpired forgets the tokens whose time is over. It looks only when their
// number has doubled since it last did, so that issuing stays cheap. A token
// that is dead for another reason may live again, and is kept.
func (s *Server) dropExpired() {
	if len(s.tokens) < max(s.sweepAt, minSweep) {
		return
	}
	now := s.clock.Now()
	maps.DeleteFunc(s.tokens, func(_ string, t *token) bool { return t.expired(now) })
	s.sweepAt = 2 * len(s.tokens)
}

func (t *token) expired(now time.Time) bool {
	return !t.expires.IsZero() && !now.Before(t.expires)
}

// live reports whether a token is accepted now.
//
// not modelled: the minutes a token of a disabled service account survives.
func (t *token) live(now time.Time) bool {
	if t.expired(now) {
		return false
	}
	if t.pool != nil && (t.pool.Disabled || t.pool.isDeleted()) {
		return false
	}
	if t.account != nil && (t.account.disabled || t.account.isDeleted()) {
		return false
	}
	return true
}
