package emulator

import "time"

// Lag says how late the effects of a write are.
type Lag int

const (
	// LagNone makes every effect immediate. An operation is still not done in
	// its first answer, because it never is.
	LagNone Lag = iota
	// LagTypical makes effects as late as they were measured to be.
	LagTypical
)

// lags are the delays of one Lag. Where Google gives no number, the value is a
// choice inside the documented range and says so.
type lags struct {
	polls       int           // GETs of an operation that still say "not done"
	newPool     time.Duration // until a new pool or provider can be read (our choice)
	poolMember  time.Duration // until a new pool is accepted in a member; "up to about 60 s"
	newAccount  time.Duration // until a new service account can be read (our choice)
	accountUse  time.Duration // until it is accepted in a member (our choice; Google warns of 60 s or more)
	grant       time.Duration // from a policy write to its first effect; measured
	revoke      time.Duration // from a policy write to its last effect; measured
	enable      time.Duration // from a request to enable an API to the first accepted call; 30-90 s seen
	jwksRefresh time.Duration // until a replaced key set is used; measured as about 5 s
}

// delays follows the facts of docs.cloud.google.com/iam/docs/access-change-propagation
// and the measurements on real projects. They are divided, all alike, for those who
// have less time: what comes before what stays the same.
func (l Lag) delays(divisor int) lags {
	if l == LagNone {
		return lags{}
	}
	d := lags{
		polls:       2,
		newPool:     2 * time.Second,
		poolMember:  30 * time.Second,
		newAccount:  5 * time.Second,
		accountUse:  15 * time.Second,
		grant:       70 * time.Second,
		revoke:      90 * time.Second,
		enable:      30 * time.Second,
		jwksRefresh: 5 * time.Second,
	}
	for _, delay := range []*time.Duration{&d.newPool, &d.poolMember, &d.newAccount, &d.accountUse, &d.grant, &d.revoke, &d.enable, &d.jwksRefresh} {
		*delay /= time.Duration(max(divisor, 1))
	}
	return d
}

// longest is how long after the last write everything has taken effect.
func (d lags) longest() time.Duration {
	return max(d.newPool, d.poolMember, d.newAccount, d.accountUse, d.grant, d.revoke, d.enable, d.jwksRefresh)
}

// Settle lets the longest lag pass, so that all that was written is in effect.
func (s *Server) Settle() { s.Advance(s.lag.longest()) }
