package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"
)

// listed are the permissions of a custom role, and what the comment behind each says.
type listed struct{ names, without []string }

var blocks = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// googleLists are the custom roles of docs/security.md by their titles.
func googleLists(t *testing.T) map[string]listed {
	t.Helper()
	line := regexp.MustCompile(`^- (\S+)(?: # (.*))?$`)
	lists := map[string]listed{}
	for _, doc := range yamlDocuments(t, "includedPermissions:") {
		var title string
		var l listed
		for s := range strings.Lines(doc) {
			s = strings.TrimSpace(s)
			if m := line.FindStringSubmatch(s); m != nil {
				l.names, l.without = append(l.names, m[1]), append(l.without, m[2])
			}
			title = or(title, strings.TrimPrefix(s, "title: "))
		}
		lists[title] = l
	}
	if len(lists) != 3 {
		t.Fatalf("docs/security.md lists %d roles", len(lists))
	}
	return lists
}

// rbacRules are the ClusterRoles of docs/security.md by their names, each as rules for one
// verb and one resource, URL or named object.
func rbacRules(t *testing.T) map[string][]rbacv1.PolicyRule {
	t.Helper()
	roles := map[string][]rbacv1.PolicyRule{}
	for _, doc := range yamlDocuments(t, "kind: ClusterRole") {
		var role rbacv1.ClusterRole
		if err := yaml.UnmarshalStrict([]byte(doc), &role); err != nil {
			t.Fatal(err)
		}
		for _, r := range role.Rules {
			roles[role.Name] = append(roles[role.Name], oneByOne(r)...)
		}
	}
	if len(roles) != 4 {
		t.Fatalf("docs/security.md has %d ClusterRoles", len(roles))
	}
	return roles
}

func oneByOne(r rbacv1.PolicyRule) (rules []rbacv1.PolicyRule) {
	for _, verb := range r.Verbs {
		for _, url := range r.NonResourceURLs {
			rules = append(rules, rbacv1.PolicyRule{Verbs: []string{verb}, NonResourceURLs: []string{url}})
		}
		for _, resource := range r.Resources {
			one := rbacv1.PolicyRule{Verbs: []string{verb}, APIGroups: r.APIGroups, Resources: []string{resource}}
			if len(r.ResourceNames) == 0 {
				rules = append(rules, one)
			}
			for _, name := range r.ResourceNames {
				one.ResourceNames = []string{name}
				rules = append(rules, one)
			}
		}
	}
	return rules
}

// nameOf is a rule as docs/security.md writes it.
func nameOf(r rbacv1.PolicyRule) string {
	return strings.Join(slices.Concat(r.Verbs, r.Resources, r.ResourceNames, r.NonResourceURLs), " ")
}

// rbacTable is what docs/security.md says of a verify without one rule.
func rbacTable(t *testing.T) map[string]string {
	t.Helper()
	table := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| (`[a-z]+ [^|]+) \\| (WIF[^|]+) \\|$").FindAllStringSubmatch(read(t, "docs/security.md"), -1) {
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			table[name[1]] = row[2]
		}
	}
	if len(table) == 0 {
		t.Fatal("docs/security.md has no table of rules")
	}
	return table
}

// predefinedRoles are those of a command in docs/security.md.
func predefinedRoles(t *testing.T, command string) (roles []string) {
	t.Helper()
	row := regexp.MustCompile("(?m)^\\| `" + command + "` \\|([^|]+)\\|").FindStringSubmatch(read(t, "docs/security.md"))
	if row == nil {
		t.Fatalf("docs/security.md has no roles for %s", command)
	}
	for _, m := range regexp.MustCompile("`(roles/[^`]+)`").FindAllStringSubmatch(row[1], -1) {
		roles = append(roles, m[1])
	}
	return roles
}

// yamlDocuments are those of docs/security.md that hold some words.
func yamlDocuments(t *testing.T, words string) (docs []string) {
	t.Helper()
	for _, m := range blocks.FindAllStringSubmatch(read(t, "docs/security.md"), -1) {
		for doc := range strings.SplitSeq(m[1], "---\n") {
			if strings.Contains(doc, words) {
				docs = append(docs, doc)
			}
		}
	}
	if len(docs) == 0 {
		t.Fatalf("docs/security.md has no YAML with %q", words)
	}
	return docs
}

// The recipes of docs/ci.md give a job those roles and no others.
func TestTheRecipesGiveTheRolesOfVerify(t *testing.T) {
	loops := regexp.MustCompile(`(?m)^for role in (.+); do$`).FindAllStringSubmatch(read(t, "docs/ci.md"), -1)
	if len(loops) != 2 {
		t.Fatalf("docs/ci.md has %d recipes that give roles, want 2", len(loops))
	}
	for _, m := range loops {
		var given []string
		for _, role := range strings.Fields(m[1]) {
			given = append(given, "roles/"+role)
		}
		if diff := cmp.Diff(predefinedRoles(t, "verify"), given); diff != "" {
			t.Errorf("(-docs/security.md +docs/ci.md)\n%s", diff)
		}
	}
}
