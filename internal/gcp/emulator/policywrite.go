package emulator

import (
	"slices"
	"strings"
)

// maxPrincipals counts every occurrence of a member in a policy
// (docs.cloud.google.com/iam/docs/quotas).
//
// not modelled: the limits on groups and domains, on the operators of a condition,
// on bindings that differ in their condition alone, and on a policy's size.
const maxPrincipals = 1500

// policyWrite is one setIamPolicy on its way in.
type policyWrite struct {
	s     *Server
	old   *allowPolicy
	doc   policyDoc
	takes func(bindingDoc) error // what the resource does
}

// store checks the document, normalises it and makes it the policy. It moves
// the etag even when nothing changes. The etag itself is the caller's matter,
// because buckets have one of their own.
func (w policyWrite) store() error {
	bindings, err := w.bindings()
	if err != nil {
		return err
	}
	before := w.old.roles()
	w.old.bindings = bindings
	w.old.revision = w.s.nextRevision()
	w.s.remember(w.old, before)
	return nil
}

// bindings are the document's bindings as they are stored: without empty ones,
// one for each role without a condition, each member once.
func (w policyWrite) bindings() ([]bindingDoc, error) {
	if err := w.checkVersion(); err != nil {
		return nil, err
	}
	var stored []bindingDoc
	total := w.exempted()
	for _, b := range w.doc.Bindings {
		made, err := w.binding(b)
		if err != nil {
			return nil, err
		}
		total += len(made.Members)
		if len(made.Members) > 0 {
			stored = merge(stored, made)
		}
	}
	if total > maxPrincipals {
		return nil, invalidArgument("The number of members in the policy (%d) is larger than the maximum allowed size %d.", total, maxPrincipals)
	}
	return stored, nil
}

// exempted counts the members of audit configs: they use up the same limit.
func (w policyWrite) exempted() int {
	n := 0
	for _, a := range w.doc.AuditConfigs {
		for _, l := range a.AuditLogConfigs {
			n += len(l.ExemptedMembers)
		}
	}
	return n
}

// checkVersion refuses conditions in a document that claims to be older than
// they are (docs.cloud.google.com/iam/docs/allow-policies#specifying-version-set).
func (w policyWrite) checkVersion() error {
	if !slices.Contains([]int{0, 1, 3}, w.doc.Version) {
		return invalidArgument("Invalid policy version: %d.", w.doc.Version)
	}
	for _, b := range w.doc.Bindings {
		if b.Condition != nil && w.doc.Version < 3 {
			return invalidArgument("Specified policy version (%d) must be at least 3 based on the policy's contents. For more information, please refer to https://cloud.google.com/iam/help/allow-policies/versions.", w.doc.Version)
		}
	}
	return nil
}

// binding checks and rewrites one binding. A role with the suffix that old
// readers are shown is taken as the role itself: the condition is lost.
func (w policyWrite) binding(b bindingDoc) (bindingDoc, error) {
	b.Role, _, _ = strings.Cut(b.Role, withCondition)
	if err := w.s.checkRole(b.Role); err != nil {
		return bindingDoc{}, err
	}
	if err := w.takes(b); err != nil {
		return bindingDoc{}, err
	}
	if b.Condition != nil && b.Condition.Expression == "" {
		return bindingDoc{}, invalidArgument("Condition expression must not be empty.")
	}
	made := bindingDoc{Role: b.Role, Condition: b.Condition}
	for _, m := range b.Members {
		stored, err := w.s.storedMember(m, w.old)
		if err != nil {
			return bindingDoc{}, err
		}
		made.Members = append(made.Members, stored)
	}
	return made, nil
}

// merge adds a binding to those that are there.
func merge(stored []bindingDoc, b bindingDoc) []bindingDoc {
	for i := range stored {
		if stored[i].Role == b.Role && sameCondition(stored[i].Condition, b.Condition) {
			stored[i].Members = appendNew(stored[i].Members, b.Members)
			return stored
		}
	}
	b.Members = appendNew(nil, b.Members)
	return append(stored, b)
}

func sameCondition(a, b *condition) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func appendNew(list, more []string) []string {
	for _, m := range more {
		if !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

// checkRole refuses the roles that Google may have and this emulator has not: it can't
// tell one of those from a name that is mistyped, and Google's words for the latter would
// be a lie about the former.
//
// not modelled: roles beyond those of this emulator.
func (s *Server) checkRole(role string) error {
	if predefinedForm.MatchString(role) && !s.knowsRole(role) {
		return notModelled("role %s", role)
	}
	return nil
}

// predefinedRole is what projects take of roles. That it is a known one was seen to before.
// Nobody can have made a custom role here.
func predefinedRole(role string) error {
	if !predefinedForm.MatchString(role) {
		return invalidArgument("Role %s does not exist in the resource's hierarchy.", role)
	}
	return nil
}

// iamTakes is what service accounts and pools take.
func iamTakes(b bindingDoc) error {
	if err := predefinedRole(b.Role); err != nil {
		return err
	}
	if !strings.HasPrefix(b.Role, "roles/iam.") && !slices.Contains([]string{"roles/owner", "roles/editor", "roles/viewer"}, b.Role) {
		return invalidArgument("Role %s is not supported for this resource.", b.Role)
	}
	return nil
}
