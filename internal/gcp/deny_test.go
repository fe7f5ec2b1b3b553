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
	text, err := all[0].Excepting([]string{"iam.serviceAccounts.getAccessToken"}, []string{"me", anyone}, "me")
	if err != nil {
		t.Fatal(err)
	}
	sameJSON(t, `{"etag":"ab==","displayName":"A & B","later":1,
		"rules":[{"description":"other","denyRule":{"deniedPrincipals":["`+anyone+`"],"deniedPermissions":["storage.googleapis.com/objects.*"]}},
		{"denyRule":{"deniedPrincipals":["`+anyone+`"],"exceptionPrincipals":["ann","me"],"deniedPermissions":["iam.googleapis.com/serviceAccounts.getAccessToken"]}}]}`, text)
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
		want bool
	}{
		{"ours", denyRule{Principals: list("me"), Permissions: list(get)}, true},
		{"a group of permissions", denyRule{Principals: list("me"), Permissions: list(group)}, true},
		{"all of a service", denyRule{Principals: list("me"), Permissions: list("storage.googleapis.com/*.*")}, true},
		{"all of another service", denyRule{Principals: list("me"), Permissions: list("iam.googleapis.com/*.*")}, false},
		{"everybody's", denyRule{Principals: list(anyone), Permissions: list(get)}, true},
		{"somebody else's", denyRule{Principals: list("ann"), Permissions: list(get)}, false},
		{"everybody's but ours", denyRule{Principals: list(anyone), ExceptionPrincipals: list("me"), Permissions: list(get)}, false},
		{"all but this one", denyRule{Principals: list("me"), Permissions: list(group), ExceptionPermissions: list(get)}, false},
		{"in the spelling of allow policies, which Google does not take", denyRule{Principals: list("me"), Permissions: list("storage.objects.get")}, false},
	} {
		d := DenyPolicy{rules: []denyRule{tc.rule}}
		if got := d.Denies(list("storage.objects.get"), list("me", anyone)); got != tc.want {
			t.Errorf("%s: got %t", tc.name, got)
		}
	}
}
