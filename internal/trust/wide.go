package trust

import (
	"strings"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/wif"
)

// lintMembers warns of members of the GSA's policy that let in more than one workload, or
// nobody at all: all of a kind at once.
//
// https://docs.cloud.google.com/iam/docs/best-practices-for-using-workload-identity-federation
func (t *Trust) lintMembers(policy gcp.Policy) (found []pipeline.Finding) {
	told := make(map[string]int) // where in found
	for _, b := range policy.Bindings {
		for _, m := range b.Members {
			code, whom := wide(m)
			if b.Condition != nil || code == "" || b.Role != workloadIdentityUser && b.Role != tokenCreator {
				continue
			}
			if at, again := told[code]; again {
				f := &found[at]
				f.Detail += alsoWide(code, whom, m)
				f.Remedy.Run = append(f.Remedy.Run, t.memberCommand(b.Role, m, "remove"))
				continue
			}
			told[code] = len(found)
			found = append(found, t.wideMember(code, whom, b.Role, m))
		}
	}
	return found
}

// alsoWide tells of a further member of the same kind.
func alsoWide(code, whom, m string) string {
	if code == "WIF515" {
		return "; nor does " + wif.ShortMember(m)
	}
	return ", and by " + whom
}

func (t *Trust) wideMember(code, whom, role, m string) pipeline.Finding {
	if code == "WIF515" {
		return warn(code, wif.ShortMember(m)+" lets in nobody: "+whom,
			remedy(code, "a member with a project's id never matches; write it with the number, or remove it", t.memberCommand(role, m, "remove")))
	}
	return warn(code, t.w.GSA+" may also be impersonated by "+whom,
		remedy(code, "somebody added "+wif.ShortMember(m)+" to the GSA's policy; name the workloads one by one, and then remove it", t.memberCommand(role, m, "remove")))
}

// memberCommand is gcloud's command to "add" or "remove" any member of the GSA's policy.
func (t *Trust) memberCommand(role, principal, verb string) string {
	m := t.bindingOf(principal)
	m.role = role
	return m.command(verb)
}

// wide says whom a member lets in that does not name one workload, and the code of the
// claim that it belies; empty: it names one.
func wide(member string) (code, whom string) {
	switch member {
	case "allUsers":
		return "WIF512", "anybody"
	case "allAuthenticatedUsers":
		return "WIF512", "everybody who has a Google account"
	}
	_, rest, ok := strings.Cut(member, ":"+wif.Host+"projects/")
	project, principal, pool := strings.Cut(rest, "/locations/global/workloadIdentityPools/")
	_, what, _ := strings.Cut(principal, "/")
	switch {
	case !ok || !pool || strings.HasPrefix(member, "deleted:"):
		return "", ""
	case !isNumber(project):
		return "WIF515", "it names project " + project + " by its id"
	case what == "*":
		return "WIF512", "every token that any provider of the pool accepts"
	}
	switch attribute, value, _ := strings.Cut(what, "/"); attribute {
	case "attribute.k8s_ns", "attribute.namespace":
		return "WIF514", "every ServiceAccount of namespace " + value
	case "attribute.k8s_sa", "attribute.service_account_name":
		return "WIF513", "ServiceAccount " + value + " of every namespace"
	}
	return "", ""
}
