package emulator

import (
	"regexp"
	"slices"
	"strings"
)

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
//
// not modelled: the purge of such members after 60 days.
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

// storedMember checks a member of a policy document and returns how it is
// stored (docs.cloud.google.com/iam/docs/principal-identifiers). Addresses are
// lower-cased; principals are kept as sent. old is the policy being replaced: a
// deleted account may stay in it, and may not be added.
func (s *Server) storedMember(member string, old *allowPolicy) (string, error) {
	kind, value, ok := strings.Cut(member, ":")
	switch {
	case member == "allUsers", member == "allAuthenticatedUsers":
		return member, s.checkDomain("")
	case !ok || value == "":
		return "", unknownType(member)
	case kind == "deleted":
		return storedDeleted(member, value, old)
	case kind == "principal", kind == "principalSet":
		return member, s.checkPrincipal(member)
	case kind == "serviceAccount":
		return s.storedAccount(value)
	case kind == "user", kind == "group", kind == "domain":
		value = strings.ToLower(value)
		return kind + ":" + value, s.checkAddress(kind, value)
	case convenience[kind] != "":
		return member, nil
	}
	return "", unknownType(member)
}

// badMember is the refusal of a member, which every API writes with the older list of
// errors (reported by clients that print the reason).
func badMember(format string, args ...any) *apiError {
	e := invalidArgument(format, args...)
	e.listed = true
	return e
}

func unknownType(member string) error {
	return badMember("The member %s is of an unknown type. Please set a valid type prefix for the member.", member)
}

func storedDeleted(member, value string, old *allowPolicy) (string, error) {
	for _, b := range old.bindings {
		if slices.Contains(b.Members, value) {
			return value, nil
		}
	}
	return "", badMember("The member %s is a deleted principal and can't be added.", member)
}

// storedAccount answers for an account that does not exist, or is so new that
// the policy's own service has not heard of it.
//
// not modelled: accounts of projects outside this emulator, Google's agents.
func (s *Server) storedAccount(email string) (string, error) {
	a, ok := s.account(strings.ToLower(email))
	if !ok || a.email != strings.ToLower(email) || s.clock.Now().Before(a.created.Add(s.lag.accountUse)) {
		return "", badMember("Service account %s does not exist.", email)
	}
	return a.identity(), nil
}

func (s *Server) checkAddress(kind, value string) error {
	domain := value
	if kind != "domain" {
		name, after, ok := strings.Cut(value, "@")
		if !ok || name == "" || after == "" {
			return badMember("Invalid principal identifier: %s:%s.", kind, value)
		}
		domain = after
	}
	return s.checkDomain(domain)
}

// checkDomain applies constraints/iam.allowedPolicyMemberDomains, here a list
// of domains. Pools' principals pass: no page says whether they should.
func (s *Server) checkDomain(domain string) error {
	allowed, inForce := s.opts.OrgPolicies["constraints/iam.allowedPolicyMemberDomains"]
	if !inForce || slices.Contains(allowed, domain) {
		return nil
	}
	return failedPrecondition("One or more users named in the policy do not belong to a permitted customer, perhaps due to an organization policy.")
}

// principalPath splits //iam.googleapis.com/projects/N/locations/global/
// workloadIdentityPools/P/REST. Everything behind the kind is the value, raw.
var principalPath = regexp.MustCompile(`^//iam\.googleapis\.com/projects/([0-9]+)/locations/global/workloadIdentityPools/([^/]+)/(.+)$`)

var (
	subjectRest = regexp.MustCompile(`^subject/.+$`)
	setRest     = regexp.MustCompile(`^(\*|group/.+|attribute\.[a-z0-9_]{1,100}/.+)$`)
)

// checkPrincipal checks the form of a pool's principal and that the pool is
// there. Whether its attribute is mapped does not matter: it never matches then.
func (s *Server) checkPrincipal(member string) error {
	kind, name, _ := strings.Cut(member, ":")
	parts := principalPath.FindStringSubmatch(name)
	if parts == nil {
		return unknownType(member)
	}
	form := subjectRest
	if kind == "principalSet" {
		form = setRest
	}
	if !form.MatchString(parts[3]) {
		return badMember("Invalid %s member (%s).", kind, member)
	}
	p, ok := s.poolByName(parts[1], parts[2])
	if !ok || s.clock.Now().Before(p.created.Add(s.lag.poolMember)) {
		return badMember("Identity Pool does not exist (projects/%s/locations/global/workloadIdentityPools/%s). Please check that you specified a valid resource name as returned in the `name` attribute in the configuration API.", parts[1], parts[2])
	}
	return nil
}
