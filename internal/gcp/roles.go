package gcp

import "strings"

// ReadingRoleFor is the narrowest predefined role that we know to hold a permission to look, and ""
// where there is none.
//
// https://docs.cloud.google.com/iam/docs/roles-permissions
func ReadingRoleFor(permission string) string {
	const reviewer = "roles/iam.securityReviewer"
	return map[string]string{
		longPrefix + "s.get":                    "roles/iam.workloadIdentityPoolViewer",
		longPrefix + "Providers.get":            "roles/iam.workloadIdentityPoolViewer",
		longPrefix + "Providers.list":           "roles/iam.workloadIdentityPoolViewer",
		"serviceusage.services.list":            "roles/serviceusage.serviceUsageViewer",
		"iam.serviceAccounts.get":               reviewer,
		"iam.serviceAccounts.getIamPolicy":      reviewer,
		"iam.serviceAccountKeys.list":           reviewer,
		"resourcemanager.projects.getIamPolicy": reviewer,
		"storage.buckets.getIamPolicy":          reviewer,
	}[longSpelling(permission)]
}

// RoleFor is a predefined role that holds a permission, and "" where we know
// none. It is the narrowest that people usually have at hand, for advice; not
// the only one.
//
// https://docs.cloud.google.com/iam/docs/roles-permissions
func RoleFor(permission string) string {
	for _, r := range []struct{ prefix, role string }{
		{longPrefix, "roles/iam.workloadIdentityPoolAdmin"},
		{"iam.serviceAccounts.getAccessToken", "roles/iam.serviceAccountTokenCreator"},
		{"iam.serviceAccounts.", "roles/iam.serviceAccountAdmin"},
		{"iam.serviceAccountKeys.list", "roles/iam.serviceAccountViewer"},
		{"resourcemanager.projects.getIamPolicy", "roles/resourcemanager.projectIamAdmin"},
		{"resourcemanager.projects.setIamPolicy", "roles/resourcemanager.projectIamAdmin"},
		{"resourcemanager.projects.get", "roles/browser"},
		{"serviceusage.services.use", "roles/serviceusage.serviceUsageConsumer"},
		{"serviceusage.", "roles/serviceusage.serviceUsageAdmin"},
		{"storage.objects.get", "roles/storage.objectViewer"},
		{"storage.objects.list", "roles/storage.objectViewer"},
		{"storage.", "roles/storage.admin"},
	} {
		if strings.HasPrefix(longSpelling(permission), r.prefix) {
			return r.role
		}
	}
	return ""
}
