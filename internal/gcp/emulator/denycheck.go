package emulator

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// denies reports whether a rule takes a permission from the caller. Deny policies count
// before allow policies do (docs.cloud.google.com/iam/docs/deny-overview).
//
// not modelled: the minutes until a deny policy counts.
func (s *Server) denies(p *allowPolicy, who *caller, permission string) bool {
	long := longPermission(permission)
	for _, d := range p.denies {
		for _, r := range d.rules {
			if r.Deny.covers(long) && s.isAmong(who, r.Deny.Principals) && !s.isAmong(who, r.Deny.ExceptionPrincipals) {
				return true
			}
		}
	}
	return false
}

// longPermission is how deny policies spell a permission
// (docs.cloud.google.com/iam/docs/deny-permissions-support).
func longPermission(permission string) string {
	service, rest, _ := strings.Cut(shortPermission(permission), ".")
	if service == "resourcemanager" {
		service = "cloudresourcemanager"
	}
	return service + ".googleapis.com/" + rest
}

func (r *denyRule) covers(long string) bool {
	return anyCovers(r.Permissions, long) && !anyCovers(r.ExceptionPermissions, long)
}

// anyCovers reports whether a permission is in a list, or in a group of it, such as
// storage.googleapis.com/objects.* or storage.googleapis.com/*.*.
func anyCovers(list []string, long string) bool {
	service, rest, _ := strings.Cut(long, "/")
	resource, _, _ := strings.Cut(rest, ".")
	for _, p := range []string{long, service + "/" + resource + ".*", service + "/*.*"} {
		if slices.Contains(list, p) {
			return true
		}
	}
	return false
}

const (
	publicAll      = "principalSet://goog/public:all"
	userPrincipal  = "principal://goog/subject/"
	accountSubject = "principal://iam.googleapis.com/projects/-/serviceAccounts/"
)

// isAmong reports whether the caller is one of the principals, as deny policies write them
// (docs.cloud.google.com/iam/docs/principal-identifiers#deny).
func (s *Server) isAmong(who *caller, principals []string) bool {
	for _, p := range principals {
		switch {
		case p == publicAll, slices.Contains(who.principals, p):
			return true
		case who.kind == tokenOperator && strings.EqualFold(p, userPrincipal+who.email):
			return true
		case who.kind == tokenAccount && strings.EqualFold(p, accountSubject+who.email):
			return true
		}
	}
	return false
}

// checkDenyRules refuses what Google's reference does not have, and what this emulator
// can't evaluate. The words are assumed.
//
// not modelled: denial conditions, which are about tags.
func (s *Server) checkDenyRules(rules []denyPolicyRule) error {
	if len(rules) == 0 {
		return invalidArgument("A deny policy must have at least one rule.")
	}
	for _, r := range rules {
		switch {
		case utf8.RuneCountInString(r.Description) > 256:
			return invalidArgument("The description of a rule must be at most 256 characters.")
		case r.Deny == nil || len(r.Deny.Principals) == 0 || len(r.Deny.Permissions) == 0:
			return invalidArgument("A deny rule must have deniedPrincipals and deniedPermissions.")
		case r.Deny.Condition != nil:
			return notModelled("denialCondition")
		case slices.Contains(r.Deny.ExceptionPrincipals, publicAll):
			return invalidArgument("Invalid principal identifier: %s", publicAll)
		}
		for _, p := range slices.Concat(r.Deny.Principals, r.Deny.ExceptionPrincipals) {
			if err := s.checkDenied(p); err != nil {
				return err
			}
		}
		for _, p := range slices.Concat(r.Deny.Permissions, r.Deny.ExceptionPermissions) {
			if err := checkDenyPermission(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkDenied checks the form of a principal.
//
// not modelled: groups, customers, workforce pools, deleted principals and all accounts of a project in deny policies.
func (s *Server) checkDenied(principal string) error {
	switch {
	case principal == publicAll:
		return nil
	case strings.HasPrefix(principal, userPrincipal), strings.HasPrefix(principal, accountSubject):
		if strings.Contains(principal[strings.LastIndex(principal, "/")+1:], "@") {
			return nil
		}
	case strings.Contains(principal, "//iam.googleapis.com/projects/"):
		return s.checkPrincipal(principal)
	default:
		for _, prefix := range []string{"principalSet://goog/", "principal://iam.googleapis.com/locations/", "principalSet://iam.googleapis.com/locations/", "principalSet://cloudresourcemanager.googleapis.com/", "deleted:principal"} {
			if strings.HasPrefix(principal, prefix) {
				return notModelled("principal %q", principal)
			}
		}
	}
	return invalidArgument("Invalid principal identifier: %s", principal)
}

// checkDenyPermission checks that a permission is spelled as deny policies do. That Google
// takes all of those known here is assumed.
//
// not modelled: permissions in deny policies beyond those of the roles here.
func checkDenyPermission(permission string) error {
	service, rest, ok := strings.Cut(permission, "/")
	if !ok || !strings.HasSuffix(service, ".googleapis.com") || !strings.Contains(rest, ".") {
		return invalidArgument("Invalid permission: %s. Permissions must have the form SERVICE_FQDN/RESOURCE.VERB.", permission)
	}
	for _, set := range predefined {
		for p := range strings.FieldsSeq(set) {
			if anyCovers([]string{permission}, longPermission(p)) {
				return nil
			}
		}
	}
	return notModelled("permission %q", permission)
}
