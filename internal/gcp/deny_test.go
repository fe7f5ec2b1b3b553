package gcp

import (
	"testing"
)

const anyone = "principalSet://goog/public:all"

func TestDenyPoliciesAreRead(t *testing.T) {
	c, _, _ := follow(t,
		answerTo{method: "iam.policies.listPolicies", body: `{"policies":[{"name":"policies/cloudresourcemanager.googleapis.com%2Fprojects%2F1/denypolicies/no-tokens"}]}`},
		answerTo{method: "iam.policies.get", body: `{"name":"n","uid":"u","kind":"DenyPolicy","createTime":"c","updateTime":"u","etag":"ab==","displayName":"A & B","later":1,
			"rules":[{"description":"other","denyRule":{"deniedPrincipals":["` + anyone + `"],"deniedPermissions":["storage.googleapis.com/objects.*"]}},
			{"denyRule":{"deniedPrincipals":["` + anyone + `"],"exceptionPrincipals":["ann"],"deniedPermissions":["iam.googleapis.com/serviceAccounts.getAccessToken"]}}]}`})
	all, err := c.DenyPolicies(t.Context(), "1")
	if err != nil || len(all) != 1 || all[0].ID != "no-tokens" {
		t.Fatalf("got %v, %v", all, err)
	}
	text, err := all[0].Excepting(Use{Permissions: []string{"iam.serviceAccounts.getAccessToken"}, Principals: []string{"me", anyone}}, "me")
	if err != nil {
		t.Fatal(err)
	}
	sameJSON(t, `{"etag":"ab==","displayName":"A & B","later":1,
		"rules":[{"description":"other","denyRule":{"deniedPrincipals":["`+anyone+`"],"deniedPermissions":["storage.googleapis.com/objects.*"]}},
		{"denyRule":{"deniedPrincipals":["`+anyone+`"],"exceptionPrincipals":["ann","me"],"deniedPermissions":["iam.googleapis.com/serviceAccounts.getAccessToken"]}}]}`, text)
}

func TestDenyPoliciesOfAllPagesAreRead(t *testing.T) {
	c, s, _ := follow(t,
		answerTo{method: "iam.policies.listPolicies", body: `{"policies":[{"name":"policies/x/denypolicies/one"}],"nextPageToken":"a/b"}`},
		answerTo{method: "iam.policies.get", body: `{}`},
		answerTo{method: "iam.policies.listPolicies", body: `{"policies":[{"name":"policies/x/denypolicies/two"}]}`},
		answerTo{method: "iam.policies.get", body: `{}`})
	all, err := c.DenyPolicies(t.Context(), "1")
	if err != nil || len(all) != 2 || all[1].ID != "two" {
		t.Fatalf("got %v, %v", all, err)
	}
	if got := s.seen[2].URL.Query().Get("pageToken"); got != "a/b" {
		t.Errorf("the second page was asked for by %q", got)
	}
}

func TestDenyPoliciesThatCantBeRead(t *testing.T) {
	c, _, _ := follow(t, answerTo{method: "iam.policies.listPolicies", status: 403, body: refusal(403, "PERMISSION_DENIED", "no")})
	if _, err := c.DenyPolicies(t.Context(), "1"); ReasonOf(err) != PermissionDenied {
		t.Errorf("got %v", err)
	}
}

func TestWhatADenyRuleTakes(t *testing.T) {
	const get, group = "storage.googleapis.com/objects.get", "storage.googleapis.com/objects.*"
	list := func(s ...string) []string { return s }
	for _, tc := range []struct {
		name string
		rule denyRule
		want Denial
	}{
		{"ours", denyRule{Principals: list("me"), Permissions: list(get)}, SurelyDenied},
		{"a group of permissions", denyRule{Principals: list("me"), Permissions: list(group)}, SurelyDenied},
		{"all of a service", denyRule{Principals: list("me"), Permissions: list("storage.googleapis.com/*.*")}, SurelyDenied},
		{"all of another service", denyRule{Principals: list("me"), Permissions: list("iam.googleapis.com/*.*")}, NotDenied},
		{"everybody's", denyRule{Principals: list(anyone), Permissions: list(get)}, SurelyDenied},
		{"somebody else's", denyRule{Principals: list("ann"), Permissions: list(get)}, NotDenied},
		{"everybody's but ours", denyRule{Principals: list(anyone), ExceptionPrincipals: list("me"), Permissions: list(get)}, NotDenied},
		{"all but this one", denyRule{Principals: list("me"), Permissions: list(group), ExceptionPermissions: list(get)}, NotDenied},
		{"in the spelling of allow policies, which Google does not take", denyRule{Principals: list("me"), Permissions: list("storage.objects.get")}, NotDenied},
		{"a group's, that we may be in", denyRule{Principals: list("group"), Permissions: list(get)}, PerhapsDenied},
		{"everybody's but a group's, that we may be in", denyRule{Principals: list(anyone), ExceptionPrincipals: list("group"), Permissions: list(get)}, PerhapsDenied},
		{"everybody's but a group's, and ours", denyRule{Principals: list(anyone), ExceptionPrincipals: list("group", "me"), Permissions: list(get)}, NotDenied},
		{"under a condition", denyRule{Principals: list("me"), Permissions: list(get), Condition: []byte(`{"expression":"resource.matchTag('1/env', 'prod')"}`)}, PerhapsDenied},
		{"a group's, and another permission", denyRule{Principals: list("group"), Permissions: list("storage.googleapis.com/objects.delete")}, NotDenied},
	} {
		d := DenyPolicy{rules: []denyRule{tc.rule}}
		if got := d.Denies(Use{list("storage.objects.get"), list("me", anyone), func(p string) bool { return p == "group" }}); got != tc.want {
			t.Errorf("%s: got %d, want %d", tc.name, got, tc.want)
		}
	}
}
