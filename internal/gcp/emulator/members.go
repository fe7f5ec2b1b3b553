package emulator

import "strings"

// A member is stored as an identity: a service account's address is bound to
// its unique id, serviceAccount:EMAIL?uid=ID, so that an account made again
// under the same name inherits nothing
// (docs.cloud.google.com/iam/docs/service-accounts-delete-undelete).
// All other members are stored as they are shown.

// identity of a service account in stored policies and in caller.principals.
func (a *serviceAccount) identity() string {
	return "serviceAccount:" + a.email + "?uid=" + a.uniqueID
}

// displayed is a stored member as a reader sees it: deleted accounts are marked.
func (s *Server) displayed(member string) string {
	address, uid, ok := strings.Cut(member, "?uid=")
	if !ok || !strings.HasPrefix(address, "serviceAccount:") {
		return member
	}
	if a, ok := s.accountByUniqueID(uid); ok && !a.isDeleted() {
		return address
	}
	return "deleted:" + member
}
