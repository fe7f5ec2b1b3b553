package emulator

import (
	"slices"
	"strings"
	"time"
)

// grant is one change of what a policy gives: from effective on, member has
// role, or no longer.
type grant struct {
	role, member string
	granted      bool
	effective    time.Time // zero: at once
}

type roleOf struct{ role, member string }

// roles are the unconditional bindings of a policy. A binding with a condition
// grants nothing. not modelled: evaluating the conditions of bindings.
func (p *allowPolicy) roles() map[roleOf]bool {
	held := map[roleOf]bool{}
	for _, b := range p.bindings {
		if b.Condition != nil {
			continue
		}
		for _, m := range b.Members {
			held[roleOf{b.Role, m}] = true
		}
	}
	return held
}

// remember notes the difference between what the policy gave before and gives
// now. Readers see a write at once; enforcement follows a lag later
// (docs.cloud.google.com/iam/docs/access-change-propagation).
func (s *Server) remember(p *allowPolicy, before map[roleOf]bool) {
	now, after := s.clock.Now(), p.roles()
	p.forget(now)
	for k := range after {
		if !before[k] {
			p.history = append(p.history, grant{k.role, k.member, true, now.Add(s.lag.grant)})
		}
	}
	for k := range before {
		if !after[k] {
			p.history = append(p.history, grant{k.role, k.member, false, now.Add(s.lag.revoke)})
		}
	}
}

// forget drops the changes that a later one, already arrived, has overtaken.
func (p *allowPolicy) forget(now time.Time) {
	var kept []grant
	overtaken := map[roleOf]bool{}
	for _, g := range slices.Backward(p.history) {
		k := roleOf{g.role, g.member}
		if !overtaken[k] {
			kept = append(kept, g)
		}
		overtaken[k] = overtaken[k] || !g.effective.After(now)
	}
	slices.Reverse(kept)
	p.history = kept
}

// inForce are the grants enforcement knows at a time: of the changes that have
// arrived, the last one written wins.
func (p *allowPolicy) inForce(now time.Time) map[roleOf]bool {
	held := map[roleOf]bool{}
	for _, g := range p.history {
		if !g.effective.After(now) {
			held[roleOf{g.role, g.member}] = g.granted
		}
	}
	return held
}

// allowed reports whether one of the policies gives the caller a permission:
// the policy of the resource and those of its parents, and no deny policy takes it. An operator that was given
// permissions has those and no others.
//
// not modelled: folders, organisations, groups.
func (s *Server) allowed(who *caller, permission string, chain ...*allowPolicy) bool {
	if len(who.permissions) > 0 {
		return slices.Contains(who.permissions, shortPermission(permission))
	}
	for _, p := range chain {
		if s.denies(p, who, permission) {
			return false
		}
	}
	now := s.clock.Now()
	for _, p := range chain {
		for k, held := range p.inForce(now) {
			if held && roleHas(k.role, permission) && s.isMember(who, k.member) {
				return true
			}
		}
	}
	return false
}

// isMember reports whether the caller is one of those a member stands for.
func (s *Server) isMember(who *caller, member string) bool {
	switch member {
	case "allUsers":
		return true
	case "allAuthenticatedUsers": // Google's accounts, not federated identities
		return who.kind == tokenOperator || who.kind == tokenAccount
	}
	for _, p := range who.principals {
		if p == member {
			return true
		}
	}
	return s.isConvenience(who, member)
}

// convenience are the members of new buckets that stand for a basic role on the
// project (docs.cloud.google.com/storage/docs/access-control/iam#convenience-values).
var convenience = map[string]string{
	"projectOwner": "roles/owner", "projectEditor": "roles/editor", "projectViewer": "roles/viewer",
}

func (s *Server) isConvenience(who *caller, member string) bool {
	kind, id, _ := strings.Cut(member, ":")
	role, ok := convenience[kind]
	if !ok {
		return false
	}
	p, ok := s.project(id)
	if !ok {
		return false
	}
	for k, held := range p.policy.inForce(s.clock.Now()) {
		if held && k.role == role && s.isMember(who, k.member) {
			return true
		}
	}
	return false
}
