// Package wif holds the names and rules of Workload Identity Federation as pure functions:
// principals, audiences, mappings and conditions. It asks nobody anything.
package wif

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// WorkloadAttribute is the mapped attribute that names one ServiceAccount of one cluster.
// A member on it matches nothing else: an attribute for the name alone would match that
// name in every namespace, and two members in one binding are an "or".
const WorkloadAttribute = "attribute.k8s_workload"

// GroupsKey is the one key of a mapping that wants a list.
const GroupsKey = "google.groups"

// Host begins every principal of a pool, after its kind, and the audience of an exchange.
const Host = "//iam.googleapis.com/"

// PoolName is the full resource name of a workload identity pool. It takes the project's
// number: a principal with a project id never matches.
//
// https://docs.cloud.google.com/iam/docs/principal-identifiers
func PoolName(projectNumber, pool string) string {
	return "projects/" + projectNumber + "/locations/global/workloadIdentityPools/" + pool
}

// ProviderName is the full resource name of a provider in a pool.
func ProviderName(projectNumber, pool, provider string) string {
	return PoolName(projectNumber, pool) + "/providers/" + provider
}

// TokenAudience is the "aud" that a Kubernetes token must carry for a provider that lists
// no audiences of its own.
//
// https://docs.cloud.google.com/iam/docs/workload-identity-federation-with-kubernetes
func TokenAudience(projectNumber, pool, provider string) string {
	return "https:" + ExchangeAudience(projectNumber, pool, provider)
}

// ExchangeAudience is the audience of the token exchange itself, as it stands in the
// credential file. It has no scheme.
func ExchangeAudience(projectNumber, pool, provider string) string {
	return Host + ProviderName(projectNumber, pool, provider)
}

// Subject is the "sub" of a ServiceAccount's tokens.
func Subject(namespace, serviceAccount string) string {
	return "system:serviceaccount:" + namespace + ":" + serviceAccount
}

// SubjectMember is the policy member for a subject: any cluster trusted by the pool that
// has such a ServiceAccount.
func SubjectMember(projectNumber, pool, namespace, serviceAccount string) string {
	return "principal:" + Host + PoolName(projectNumber, pool) + "/subject/" + Subject(namespace, serviceAccount)
}

// WorkloadMember is the policy member for exactly one ServiceAccount of one cluster.
func WorkloadMember(projectNumber, pool, cluster, namespace, serviceAccount string) string {
	return "principalSet:" + Host + PoolName(projectNumber, pool) + "/" + WorkloadAttribute + "/" +
		cluster + "/" + namespace + "/" + serviceAccount
}

// ShortMember is a policy member without the part that all members of all pools share.
func ShortMember(member string) string {
	kind, rest, _ := strings.Cut(member, "://")
	if _, pool, ok := strings.Cut(rest, "/workloadIdentityPools/"); ok {
		return kind + " " + pool
	}
	return member
}

// Mapping is the attribute mapping of the provider of one cluster. The cluster id is a
// literal in it, so that two clusters in one pool can't be taken for each other.
func Mapping(cluster string) map[string]string {
	const (
		namespace = "assertion['kubernetes.io']['namespace']"
		account   = "assertion['kubernetes.io']['serviceaccount']['name']"
	)
	return map[string]string{
		"google.subject":   "assertion.sub",
		"attribute.k8s_ns": namespace,
		"attribute.k8s_sa": account,
		WorkloadAttribute:  fmt.Sprintf("'%s/' + %s + '/' + %s", cluster, namespace, account),
	}
}

const (
	conditionPrefix = "attribute.k8s_ns in ["
	conditionSuffix = "]"
)

var namespace = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

// Condition is the attribute condition that admits tokens of the namespaces and of no
// others, in the one form that this tool writes: sorted, each once.
func Condition(namespaces []string) string {
	sorted := slices.Compact(slices.Sorted(slices.Values(namespaces)))
	for i, ns := range sorted {
		sorted[i] = "'" + ns + "'"
	}
	return conditionPrefix + strings.Join(sorted, ", ") + conditionSuffix
}

// ConditionNamespaces reads a condition that Condition wrote. ok is false for any other
// form, an equivalent one included: that condition is somebody else's.
func ConditionNamespaces(condition string) (namespaces []string, ok bool) {
	list, found := strings.CutPrefix(condition, conditionPrefix)
	if !found {
		return nil, false
	}
	if list, found = strings.CutSuffix(list, conditionSuffix); !found {
		return nil, false
	}
	for item := range strings.SplitSeq(list, ", ") {
		ns, quoted := strings.CutPrefix(item, "'")
		ns, closed := strings.CutSuffix(ns, "'")
		if !quoted || !closed || !namespace.MatchString(ns) {
			return nil, false
		}
		namespaces = append(namespaces, ns)
	}
	return namespaces, Condition(namespaces) == condition
}

// GSADomain ends the address of every account of a project.
const GSADomain = ".iam.gserviceaccount.com"

// Email is the address of a Google service account.
func Email(account, projectID string) string {
	// Projects of a domain ("example.com:p") swap the parts.
	if domain, id, ok := strings.Cut(projectID, ":"); ok {
		return account + "@" + id + "." + domain + GSADomain
	}
	return account + "@" + projectID + GSADomain
}

// ServiceAccountMember is the policy member for a Google service account.
func ServiceAccountMember(email string) string { return "serviceAccount:" + email }

// DefaultProvider is the provider's id where none was asked for: "cks-" and the first
// eight characters of the cluster id.
func DefaultProvider(cluster string) string {
	return "cks-" + cluster[:min(8, len(cluster))]
}
