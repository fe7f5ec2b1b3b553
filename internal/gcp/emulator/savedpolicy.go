package emulator

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"time"
)

// saved is the policy in a state file. The bindings say what is enforced, except
// while a change is under way.
func (p *allowPolicy) saved(now time.Time) SavedPolicy {
	doc := SavedPolicy{Etag: p.etag()}
	for _, b := range p.bindings {
		made := SavedBinding{Role: b.Role, Members: b.Members}
		if b.Condition != nil {
			condition := SavedCondition(*b.Condition)
			made.Condition = &condition
		}
		doc.Bindings = append(doc.Bindings, made)
	}
	for _, a := range p.audit {
		made := SavedAudit{Service: a.Service}
		for _, l := range a.AuditLogConfigs {
			made.Logs = append(made.Logs, SavedAuditLog{l.LogType, l.ExemptedMembers})
		}
		doc.Audit = append(doc.Audit, made)
	}
	underWay := func(g grant) bool { return g.effective.After(now) }
	if slices.ContainsFunc(p.history, underWay) {
		doc.Enforcement = p.enforcement()
	}
	return doc
}

// enforcement is the history, sorted but for the changes of one role and member:
// their order is what decides between them.
func (p *allowPolicy) enforcement() []SavedGrant {
	grants := make([]SavedGrant, 0, len(p.history))
	for _, g := range p.history {
		grants = append(grants, SavedGrant{g.role, g.member, g.granted, g.effective})
	}
	slices.SortStableFunc(grants, func(a, b SavedGrant) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Member, b.Member))
	})
	return grants
}

// policy is the reverse of saved. knows tells a role that a policy may name.
func (doc SavedPolicy) policy(knows func(role string) bool) (*allowPolicy, error) {
	revision, err := revisionOf(doc.Etag)
	if err != nil {
		return nil, err
	}
	p := &allowPolicy{revision: revision}
	for _, b := range doc.Bindings {
		made, err := b.binding(knows)
		if err != nil {
			return nil, err
		}
		p.bindings = append(p.bindings, made)
	}
	for _, a := range doc.Audit {
		made := auditConfig{Service: a.Service}
		for _, l := range a.Logs {
			made.AuditLogConfigs = append(made.AuditLogConfigs, auditLogConfig{l.Type, l.Exempted})
		}
		p.audit = append(p.audit, made)
	}
	for _, g := range doc.Enforcement {
		p.history = append(p.history, grant{g.Role, g.Member, g.Granted, g.From})
	}
	if doc.Enforcement == nil {
		for _, k := range slices.SortedFunc(maps.Keys(p.roles()), compareRoles) {
			p.history = append(p.history, grant{role: k.role, member: k.member, granted: true})
		}
	}
	return p, nil
}

func compareRoles(a, b roleOf) int {
	return cmp.Or(cmp.Compare(a.role, b.role), cmp.Compare(a.member, b.member))
}

func (b SavedBinding) binding(knows func(role string) bool) (bindingDoc, error) {
	made := bindingDoc{Role: b.Role, Members: b.Members}
	if !knows(b.Role) && !customRole.MatchString(b.Role) {
		return made, fmt.Errorf("policy: role %q: not one of this emulator's roles", b.Role)
	}
	if len(b.Members) == 0 {
		return made, fmt.Errorf("policy: role %q: a binding without members", b.Role)
	}
	if b.Condition != nil {
		c := condition(*b.Condition)
		made.Condition = &c
	}
	return made, nil
}

// revisionOf is the reverse of encodeEtag. No etag is a policy never written.
func revisionOf(etag string) (uint64, error) {
	if etag == "" || etag == encodeEtag(0) {
		return 0, nil
	}
	b, ok := decodeEtag(etag)
	if !ok || len(b) != 8 {
		return 0, fmt.Errorf("policy: etag %q: not one of this emulator's", etag)
	}
	revision := binary.BigEndian.Uint64(b) &^ (0xffff << 48)
	if !sameEtag(encodeEtag(revision), etag) {
		return 0, fmt.Errorf("policy: etag %q: not one of this emulator's", etag)
	}
	return revision, nil
}
