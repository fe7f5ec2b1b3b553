package gcp

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPoolPermissionsAreAskedForInBothSpellings(t *testing.T) {
	const (
		test  = "cloudresourcemanager.projects.testIamPermissions"
		long  = "iam.googleapis.com/workloadIdentityPools.create"
		short = "iam.workloadIdentityPools.create"
		get   = "resourcemanager.projects.get"
		other = "iam.serviceAccounts.create"
	)
	asked := []string{get, long, other}
	refused := answerTo{method: test, status: 400, body: refusal(400, "INVALID_ARGUMENT", "Permission is not valid for this resource.")}
	answer := func(held string) answerTo { return answerTo{method: test, body: `{"permissions":[` + held + `]}`} }
	for _, tc := range []struct {
		name    string
		answers []answerTo
		want    Held
		bodies  int
	}{
		{"the long one is understood", []answerTo{answer(quote(long) + "," + quote(get))}, Held{Held: []string{get, long}, Missing: []string{other}}, 1},
		{"only the short one is", []answerTo{refused, answer(quote(short))}, Held{Held: []string{long}, Missing: []string{get, other}}, 2},
		{"neither is", []answerTo{refused, refused, answer(quote(other))}, Held{Held: []string{other}, Missing: []string{get}, Unknown: []string{long}}, 3},
		{"nothing is held", []answerTo{{method: test, body: `{}`}}, Held{Missing: asked}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, s, _ := follow(t, tc.answers...)
			got, err := c.Permissions(t.Context(), "acme", asked)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			want := []string{
				fmt.Sprintf(`{"permissions":[%q,%q,%q]}`, long, other, get),
				fmt.Sprintf(`{"permissions":[%q,%q,%q]}`, other, short, get),
				fmt.Sprintf(`{"permissions":[%q,%q]}`, other, get),
			}[:tc.bodies]
			for i := range want {
				sameJSON(t, want[i], s.bodies[i])
			}
		})
	}
}

func TestBucketPermissionsTellWhetherThereIsABucket(t *testing.T) {
	const test = "storage.buckets.testIamPermissions"
	c, s, _ := follow(t,
		answerTo{method: test, body: `{"kind":"storage#testIamPermissionsResponse","permissions":["storage.objects.get"]}`},
		answerTo{method: test, status: 404, body: storageRefusal(404, "notFound", "The specified bucket does not exist.")})
	asked := []string{"storage.objects.get", "storage.buckets.get", "storage.objects.get"}
	got, err := c.BucketPermissions(t.Context(), "b", asked)
	if err != nil {
		t.Fatal(err)
	}
	want := Held{Held: []string{"storage.objects.get", "storage.objects.get"}, Missing: []string{"storage.buckets.get"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"storage.buckets.get", "storage.objects.get"}, s.seen[0].URL.Query()["permissions"]); diff != "" {
		t.Errorf("each is asked for once, -want +got:\n%s", diff)
	}
	if _, err := c.BucketPermissions(t.Context(), "b", asked); !is(err, NotFound) {
		t.Errorf("got %v, want not found", err)
	}
}

func TestRolesToLookWithChangeNothing(t *testing.T) {
	for permission, want := range map[string]string{
		"iam.workloadIdentityPools.get":                         "roles/iam.workloadIdentityPoolViewer",
		"iam.googleapis.com/workloadIdentityPoolProviders.list": "roles/iam.workloadIdentityPoolViewer",
		"iam.serviceAccounts.getIamPolicy":                      "roles/iam.securityReviewer",
		"serviceusage.services.list":                            "roles/serviceusage.serviceUsageViewer",
		"iam.serviceAccounts.setIamPolicy":                      "",
	} {
		if got := ReadingRoleFor(permission); got != want {
			t.Errorf("%s: got %q, want %q", permission, got, want)
		}
	}
}

func TestRolesForPermissions(t *testing.T) {
	for permission, want := range map[string]string{
		"iam.workloadIdentityPools.create":                        "roles/iam.workloadIdentityPoolAdmin",
		"iam.googleapis.com/workloadIdentityPoolProviders.delete": "roles/iam.workloadIdentityPoolAdmin",
		"iam.serviceAccounts.setIamPolicy":                        "roles/iam.serviceAccountAdmin",
		"resourcemanager.projects.get":                            "roles/browser",
		"resourcemanager.projects.setIamPolicy":                   "roles/resourcemanager.projectIamAdmin",
		"storage.buckets.setIamPolicy":                            "roles/storage.admin",
		"serviceusage.services.enable":                            "roles/serviceusage.serviceUsageAdmin",
		"serviceusage.services.use":                               "roles/serviceusage.serviceUsageConsumer",
		"compute.instances.get":                                   "",
	} {
		if got := RoleFor(permission); got != want {
			t.Errorf("%s: got %q, want %q", permission, got, want)
		}
	}
}
