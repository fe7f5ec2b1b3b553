package wif

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func foreseen() Assertion {
	return Foreseen("https://issuer.example.com", "https://iam.googleapis.com/x", "foo", "bar")
}

func TestAssertionsAreJudgedAsTheExchangeWill(t *testing.T) {
	mapping := Mapping("c1")
	mapping["attribute.tier"] = "assertion.tier" // a claim that the token doesn't have
	for _, c := range []struct {
		name, condition string
		admits          bool
		err             string // part of it; empty: none
	}{
		{"the form that setup writes", Condition([]string{"foo"}), true, ""},
		{"another namespace", Condition([]string{"web"}), false, ""},
		{"a claim in place of an attribute", "assertion.sub.startsWith('system:serviceaccount:foo:')", true, ""},
		{"a mapped subject", "google.subject == 'system:serviceaccount:foo:bar'", true, ""},
		{"a literal in the mapping", "attribute.k8s_workload == 'c1/foo/bar'", true, ""},
		{"a negation", "!(attribute.k8s_sa == 'bar')", false, ""},
		{"a part of a claim", "assertion.sub.extract('serviceaccount:{ns}:') == 'foo'", true, ""},
		{"a part of a claim at its end", "assertion.sub.extract('foo:{name}') == 'bar'", true, ""},
		{"a part that the claim doesn't have", "assertion.sub.extract('node:{name}:') == ''", true, ""},
		{"no part at all", "assertion.sub.extract('node') == ''", false, "no {name}"},
		{"one of two audiences", "'https://iam.googleapis.com/x' in assertion.aud", true, ""},
		{"an attribute that the token can't have", "attribute.tier == 'gold'", false, "no such key"},
		{"no condition at all", "'foo'", false, "neither true nor false"},
		{"not an expression", "attribute.k8s_ns ==", false, "Syntax error"},
		{"one that costs too much", "[0,1,2,3,4,5,6,7,8,9].all(a, [0,1,2,3,4,5,6,7,8,9].all(b, [0,1,2,3,4,5,6,7,8,9].all(c, " +
			"[0,1,2,3,4,5,6,7,8,9].all(d, [0,1,2,3,4,5,6,7,8,9].all(e, a+b+c+d+e >= 0)))))", false, "cost limit"},
	} {
		got, err := foreseen().Admits(mapping, c.condition)
		if got != c.admits || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: got %t, %v; want %t, %q", c.name, got, err, c.admits, c.err)
		}
	}
}

func TestAValueIsAString(t *testing.T) {
	if got, err := foreseen().Value(Mapping("c1")[WorkloadAttribute]); got != "c1/foo/bar" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := foreseen().Value("assertion.aud"); err == nil {
		t.Errorf("a list was taken for the string %q", got)
	}
}

func TestAConditionIsShownBesideWhatTheTokenHas(t *testing.T) {
	for condition, want := range map[string]string{
		"attribute.k8s_ns == 'web'":                     "; the token has attribute.k8s_ns = 'foo'",
		"assertion.sub == 'nobody'":                     "; the token has assertion.sub = 'system:serviceaccount:foo:bar'",
		"google.subject in ['a']":                       "; the token has google.subject = 'system:serviceaccount:foo:bar'",
		"false":                                         "",
		"assertion['kubernetes.io'].namespace == 'web'": "; the token has assertion.sub = 'system:serviceaccount:foo:bar'",
		"attribute.unmapped == 'no'":                    "",
		"'admins' in google.groups":                     "; the token has google.groups = ['a', 'b']",
		"attribute.tier == 'gold'":                      "; the token has no attribute.tier",
		"has(assertion.email) && assertion.exp < 17":    "; the token has assertion.exp = 1764268346, no assertion.email",
	} {
		token := foreseen()
		token["exp"] = float64(1764268346)
		mapping := Mapping("c1")
		mapping[GroupsKey], mapping["attribute.tier"] = "['a', 'b']", "assertion.tier"
		if got := token.Beside(mapping, condition); got != want {
			t.Errorf("%s: got %q, want %q", condition, got, want)
		}
	}
}

func TestATokenOfAnotherServiceAccountIsNotTheWorkloads(t *testing.T) {
	a := foreseen()
	other := a.Of("web", "baz")
	for expression, want := range map[string][2]string{
		"assertion.sub":                  {"system:serviceaccount:foo:bar", "system:serviceaccount:web:baz"},
		Mapping("c1")[WorkloadAttribute]: {"c1/foo/bar", "c1/web/baz"},
		"assertion.iss":                  {"https://issuer.example.com", "https://issuer.example.com"},
	} {
		mine, _ := a.Value(expression)
		theirs, _ := other.Value(expression)
		if got := [2]string{mine, theirs}; got != want {
			t.Errorf("%s: got %q, want %q", expression, got, want)
		}
	}
}

func TestATokenMatchesTheMembersThatItsMappingMakes(t *testing.T) {
	mapping := map[string]string{
		"google.subject": "assertion.sub", "google.groups": "assertion.aud", "attribute.env": "'prod'",
		"attribute.tier": "assertion.tier", // a claim that it doesn't have
	}
	const set = "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/"
	want := []string{
		set + "*", set + "attribute.env/prod", set + "group/https://iam.googleapis.com/x",
		"principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/subject/system:serviceaccount:foo:bar",
	}
	if diff := cmp.Diff(want, foreseen().Members(PoolName("1", "p"), mapping)); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
}

func TestGroupsAreAListOfStrings(t *testing.T) {
	token := foreseen()
	token["groups"], token["numbers"] = []any{"g1", "g2"}, []any{1}
	for expression, isList := range map[string]bool{
		"assertion.groups": true, "assertion.aud": true, "['a', 'b']": true, "[]": true,
		"assertion.sub": false, "assertion.numbers": false, "[1]": false, "assertion.none": false, "'a'": false,
	} {
		if got, err := token.Groups(expression); (err == nil) != isList {
			t.Errorf("%s: got %q, %v; a list of strings: %t", expression, got, err, isList)
		}
	}
	if ok, err := token.Admits(map[string]string{GroupsKey: "assertion.groups"}, "'g2' in google.groups"); !ok || err != nil {
		t.Errorf("a condition on groups: %t, %v", ok, err)
	}
}
