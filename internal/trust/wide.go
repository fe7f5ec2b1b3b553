package trust

import (
	"strings"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// warnOfWide warns of members of the GSA's policy that let in more than one workload.
//
// https://docs.cloud.google.com/iam/docs/best-practices-for-using-workload-identity-federation
func (t *Trust) warnOfWide(obs pipeline.Observation, policy gcp.Policy) pipeline.Observation {
	for _, b := range policy.Bindings {
		for _, m := range b.Members {
			whom := wide(m)
			if b.Role != workloadIdentityUser || whom == "" {
				continue
			}
			obs.Warn = t.w.GSA + " may also be impersonated by " + whom
			obs.Remedy = remedy("WIF512", "somebody added "+shortMember(m)+" to the GSA's policy; name the workloads one by one, and then remove it",
				t.bindingOf(m).command("remove"))
			return obs
		}
	}
	return obs
}

// wide says whom a member lets in that names more than one workload; empty: it doesn't.
func wide(member string) string {
	rest, set := strings.CutPrefix(member, "principalSet:"+iamHost)
	_, principal, pool := strings.Cut(rest, "/workloadIdentityPools/")
	_, what, _ := strings.Cut(principal, "/")
	if !set || !pool {
		return ""
	}
	if what == "*" {
		return "every token that any provider of the pool accepts"
	}
	switch attribute, value, _ := strings.Cut(what, "/"); attribute {
	case "attribute.k8s_ns", "attribute.namespace":
		return "every ServiceAccount of namespace " + value
	case "attribute.k8s_sa", "attribute.service_account_name":
		return "ServiceAccount " + value + " of every namespace"
	}
	return ""
}
