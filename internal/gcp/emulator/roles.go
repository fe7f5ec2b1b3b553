package emulator

import (
	"regexp"
	"slices"
	"strings"
)

// The permissions known here, in the short spelling. They are the ones some
// route asks for, and those wifctl tests for. Sets of them make up the roles.
const (
	projectRead    = "resourcemanager.projects.get "
	projectPolicy  = "resourcemanager.projects.getIamPolicy resourcemanager.projects.setIamPolicy "
	billingLink    = "resourcemanager.projects.createBillingAssignment resourcemanager.projects.deleteBillingAssignment "
	projectEnd     = "resourcemanager.projects.delete resourcemanager.projects.undelete "
	servicesRead   = "serviceusage.services.get serviceusage.services.list serviceusage.operations.get "
	servicesUse    = "serviceusage.services.use "
	servicesChange = "serviceusage.services.enable serviceusage.services.disable "

	poolsRead = "iam.workloadIdentityPools.get iam.workloadIdentityPools.list " +
		"iam.workloadIdentityPoolProviders.get iam.workloadIdentityPoolProviders.list "
	poolsChange = "iam.workloadIdentityPools.create iam.workloadIdentityPools.update iam.workloadIdentityPools.delete iam.workloadIdentityPools.undelete " +
		"iam.workloadIdentityPoolProviders.create iam.workloadIdentityPoolProviders.update iam.workloadIdentityPoolProviders.delete iam.workloadIdentityPoolProviders.undelete "
	poolPolicy = "iam.workloadIdentityPools.getIamPolicy iam.workloadIdentityPools.setIamPolicy "

	accountsRead   = "iam.serviceAccounts.get iam.serviceAccounts.list "
	accountsChange = "iam.serviceAccounts.create iam.serviceAccounts.update iam.serviceAccounts.delete iam.serviceAccounts.undelete " +
		"iam.serviceAccounts.enable iam.serviceAccounts.disable "
	accountPolicy = "iam.serviceAccounts.getIamPolicy iam.serviceAccounts.setIamPolicy "
	keysRead      = "iam.serviceAccountKeys.get iam.serviceAccountKeys.list "
	keysChange    = "iam.serviceAccountKeys.create iam.serviceAccountKeys.delete iam.serviceAccountKeys.enable iam.serviceAccountKeys.disable "

	deniesRead   = "iam.denypolicies.get iam.denypolicies.list "
	deniesChange = "iam.denypolicies.create iam.denypolicies.update iam.denypolicies.delete "

	objectsRead  = "storage.objects.get storage.objects.list storage.managedFolders.get storage.managedFolders.list storage.folders.get storage.folders.list "
	objectsWrite = "storage.objects.create storage.objects.delete storage.objects.update "
	objectAcl    = "storage.objects.getIamPolicy storage.objects.setIamPolicy "
	bucketsRead  = "storage.buckets.get storage.buckets.list "
	bucketPolicy = "storage.buckets.getIamPolicy storage.buckets.setIamPolicy "
	bucketsWrite = "storage.buckets.create storage.buckets.delete storage.buckets.update "
)

// viewer, editor and owner are the basic roles. None of them reads objects: a
// bucket's own policy gives that to the project's owners, editors and viewers.
// None makes tokens for service accounts either.
const (
	viewer = projectRead + deniesRead + "orgpolicy.policy.get " + servicesRead + poolsRead + accountsRead + keysRead + "resourcemanager.projects.getIamPolicy iam.serviceAccounts.getIamPolicy storage.buckets.list "
	editor = viewer + servicesUse + servicesChange + accountsChange + keysChange + "iam.serviceAccounts.actAs storage.buckets.create storage.buckets.delete "
	owner  = editor + projectPolicy + projectEnd + billingLink + poolsChange + poolPolicy + accountPolicy
)

// predefined are the roles that grant something here, with those of their
// permissions that are known here
// (docs.cloud.google.com/iam/docs/roles-permissions).
//
// not modelled: custom roles.
//
// not modelled: reading roles, and asking which roles and permissions a resource takes.
var predefined = map[string]string{
	"roles/viewer":  viewer,
	"roles/editor":  editor,
	"roles/owner":   owner,
	"roles/browser": projectRead + "resourcemanager.projects.getIamPolicy",

	"roles/billing.projectManager":         billingLink,
	"roles/resourcemanager.projectDeleter": projectRead + projectEnd,

	"roles/iam.denyAdmin":    deniesRead + deniesChange,
	"roles/iam.denyReviewer": deniesRead,

	"roles/iam.workloadIdentityPoolAdmin":        projectRead + poolsRead + poolsChange + poolPolicy,
	"roles/iam.workloadIdentityPoolViewer":       projectRead + poolsRead,
	"roles/iam.workloadIdentityUser":             accountsRead + "iam.serviceAccounts.getAccessToken iam.serviceAccounts.getOpenIdToken",
	"roles/iam.serviceAccountAdmin":              projectRead + accountsRead + accountsChange + accountPolicy,
	"roles/iam.serviceAccountCreator":            projectRead + accountsRead + "iam.serviceAccounts.create",
	"roles/iam.serviceAccountDeleter":            projectRead + accountsRead + "iam.serviceAccounts.delete",
	"roles/iam.serviceAccountViewer":             projectRead + accountsRead + keysRead + "iam.serviceAccounts.getIamPolicy",
	"roles/iam.serviceAccountUser":               projectRead + accountsRead + "iam.serviceAccounts.actAs",
	"roles/iam.serviceAccountKeyAdmin":           projectRead + accountsRead + keysRead + keysChange,
	"roles/iam.serviceAccountTokenCreator":       projectRead + accountsRead + "iam.serviceAccounts.getAccessToken iam.serviceAccounts.getOpenIdToken iam.serviceAccounts.implicitDelegation iam.serviceAccounts.signBlob iam.serviceAccounts.signJwt",
	"roles/iam.serviceAccountOpenIdTokenCreator": "iam.serviceAccounts.getOpenIdToken",
	"roles/iam.securityAdmin":                    projectRead + projectPolicy + poolPolicy + accountPolicy + bucketPolicy + "iam.serviceAccounts.list iam.serviceAccounts.get iam.serviceAccountKeys.list storage.buckets.list",
	"roles/iam.securityReviewer":                 projectRead + deniesRead + "iam.workloadIdentityPools.list iam.workloadIdentityPoolProviders.list " + accountsRead + "iam.serviceAccountKeys.list resourcemanager.projects.getIamPolicy iam.serviceAccounts.getIamPolicy storage.buckets.getIamPolicy storage.buckets.list",
	"roles/orgpolicy.policyViewer":               "orgpolicy.policy.get",
	"roles/resourcemanager.projectIamAdmin":      projectRead + projectPolicy,
	"roles/serviceusage.serviceUsageAdmin":       projectRead + servicesRead + servicesUse + servicesChange,
	"roles/serviceusage.serviceUsageConsumer":    servicesRead + servicesUse,
	"roles/serviceusage.serviceUsageViewer":      servicesRead,
	"roles/storage.admin":                        projectRead + bucketsRead + bucketsWrite + bucketPolicy + objectsRead + objectsWrite + objectAcl,
	"roles/storage.objectAdmin":                  projectRead + objectsRead + objectsWrite + objectAcl,
	"roles/storage.objectUser":                   projectRead + objectsRead + objectsWrite,
	"roles/storage.objectViewer":                 projectRead + objectsRead,
	"roles/storage.objectCreator":                projectRead + "storage.objects.create",
	"roles/storage.bucketViewer":                 bucketsRead,
	"roles/storage.legacyBucketOwner":            "storage.buckets.get storage.buckets.update storage.objects.list storage.objects.create storage.objects.delete storage.managedFolders.get storage.managedFolders.list " + bucketPolicy,
	"roles/storage.legacyBucketWriter":           "storage.buckets.get storage.objects.list storage.objects.create storage.objects.delete storage.managedFolders.get storage.managedFolders.list",
	"roles/storage.legacyBucketReader":           "storage.buckets.get storage.objects.list storage.managedFolders.get storage.managedFolders.list",
	"roles/storage.legacyObjectOwner":            "storage.objects.get storage.objects.update " + objectAcl,
	"roles/storage.legacyObjectReader":           "storage.objects.get",
}

// grantsNothing are real roles that may stand in a policy and give none of the
// permissions known here.
const grantsNothing = "roles/artifactregistry.reader roles/artifactregistry.writer roles/bigquery.dataViewer roles/bigquery.jobUser " +
	"roles/cloudsql.client roles/compute.viewer roles/container.developer roles/container.viewer roles/logging.logWriter roles/logging.viewer " +
	"roles/monitoring.metricWriter roles/monitoring.viewer roles/pubsub.publisher roles/pubsub.subscriber roles/run.invoker roles/secretmanager.secretAccessor"

// predefinedForm is the name of a role that Google made, or could have.
var predefinedForm = regexp.MustCompile(`^roles/[A-Za-z0-9_.]+$`)

func knownRole(role string) bool {
	_, ok := predefined[role]
	return ok || containsWord(grantsNothing, role)
}

// knowsRole reports whether a policy may name the role.
func (s *Server) knowsRole(role string) bool {
	return knownRole(role) || slices.Contains(s.opts.OtherRoles, role)
}

func roleHas(role, permission string) bool {
	return containsWord(predefined[role], shortPermission(permission))
}

// shortPermission folds the two spellings of the pool permissions into one:
// roles say iam.googleapis.com/workloadIdentityPools.create, error messages
// say iam.workloadIdentityPools.create.
func shortPermission(permission string) string {
	if rest, ok := strings.CutPrefix(permission, "iam.googleapis.com/workloadIdentityPool"); ok {
		return "iam.workloadIdentityPool" + rest
	}
	return permission
}

func shortPermissions(permissions []string) []string {
	short := make([]string, len(permissions))
	for i, p := range permissions {
		short[i] = shortPermission(p)
	}
	return short
}

// knownPermission reports whether some predefined role has the permission, in
// either spelling.
func knownPermission(permission string) bool {
	short := shortPermission(permission)
	for _, set := range predefined {
		if slices.Contains(strings.Fields(set), short) {
			return true
		}
	}
	return false
}
