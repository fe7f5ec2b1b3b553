package gcp

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/api/googleapi"
)

// The bodies are Google's, as quoted on the pages and in the threads that
// facts/google-cloud.md names.
func TestAnswersAreClassified(t *testing.T) {
	const (
		disabled = `{"error":{"code":403,"message":"IAM Service Account Credentials API has not been used in project 1 before or it is disabled.","status":"PERMISSION_DENIED",
			"details":[{"@type":"type.googleapis.com/google.rpc.Help","links":[{"description":"Google developers console API activation","url":"https://console.developers.google.com/"}]},
			{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"SERVICE_DISABLED","domain":"googleapis.com","metadata":{"consumer":"projects/1","service":"iamcredentials.googleapis.com"}}]}}`
		noQuotaProject = `{"error":{"code":403,"message":"Your application is authenticating by using local Application Default Credentials. The iam.googleapis.com API requires a quota project, which is not set by default.","status":"PERMISSION_DENIED",
			"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"SERVICE_DISABLED","domain":"googleapis.com","metadata":{"consumer":"projects/764086051850","service":"iam.googleapis.com"}}]}}`
		denied = `{"error":{"code":403,"message":"Permission 'iam.workloadIdentityPools.create' denied on resource '//iam.googleapis.com/projects/p/locations/global' (or it may not exist).","status":"PERMISSION_DENIED",
			"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"IAM_PERMISSION_DENIED","domain":"iam.googleapis.com","metadata":{"permission":"iam.workloadIdentityPools.create"}}]}}`
		orgPolicy = `{"error":{"code":400,"message":"Precondition check failed.","status":"FAILED_PRECONDITION","details":[{"@type":"type.googleapis.com/google.rpc.PreconditionFailure",
			"violations":[{"type":"constraints/iam.workloadIdentityPoolProviders","subject":"orgpolicy:projects/p/locations/global/workloadIdentityPools/k8s-pool","description":"Org Policy violated for value: 'https://issuer'."}]}]}}`
		customPolicy = `{"error":{"code":400,"message":"Operation denied by org policy on resource 'p': [\"constraints/iam.managed.allowedPolicyMembers\": no]","status":"FAILED_PRECONDITION",
			"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"CUSTOM_ORG_POLICY_VIOLATION","domain":"googleapis.com","metadata":{"customConstraints":"customConstraints/custom.members","resource":"p"}}]}}`
		userProject = `{"error":{"code":403,"message":"Caller does not have required permission to use project billed.","status":"PERMISSION_DENIED",
			"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"USER_PROJECT_DENIED","domain":"googleapis.com","metadata":{"consumer":"projects/billed","service":"iam.googleapis.com"}}]}}`
		deleted = `{"error":{"code":403,"message":"Project #1234567899 has been deleted.","status":"PERMISSION_DENIED","details":[
			{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"CONSUMER_INVALID","domain":"googleapis.com","metadata":{"consumer":"projects/1234567899"}}]}}`
		perimeter = `{"error":{"code":403,"message":"Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: VQQn-KfXt_92T","status":"PERMISSION_DENIED","details":[
			{"@type":"type.googleapis.com/google.rpc.PreconditionFailure","violations":[{"type":"VPC_SERVICE_CONTROLS","description":"VQQn-KfXt_92T"}]},
			{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"SECURITY_POLICY_VIOLATED","domain":"googleapis.com","metadata":{"uid":"VQQn-KfXt_92T","service":"iamcredentials.googleapis.com"}}]}}`
		uniform = "To set IAM conditions in this bucket, enable uniform bucket-level access. This ensures that all object access is controlled uniformly at the bucket-level without individual, object-level permissions."
		public  = "The member bindings allUsers and allAuthenticatedUsers are not allowed since public access prevention is enforced."
		stale   = "At least one of the pre-conditions you specified did not hold."
		busy    = "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff."
	)
	for _, tc := range []struct {
		name   string
		status int
		body   string
		want   Error
	}{
		{"a missing object is not found", 404, refusal(404, "NOT_FOUND", "Unknown service account"), Error{Reason: NotFound}},
		{"an id that is taken already exists", 409, refusal(409, "ALREADY_EXISTS", "Requested entity already exists"), Error{Reason: AlreadyExists}},
		{"a concurrent policy change is aborted, though also 409", 409, refusal(409, "ABORTED", busy), Error{Reason: Aborted}},
		{"a concurrent change of a policy without a status word is known by its text", 409, storageRefusal(409, "conflict", busy), Error{Reason: Aborted}},
		{"a disabled API is named", 403, disabled, Error{Reason: APIDisabled, Service: "iamcredentials.googleapis.com", Project: "1"}},
		{"a login without a quota project is not a disabled API", 403, noQuotaProject, Error{Reason: QuotaProject, Service: "iam.googleapis.com", Project: "764086051850"}},
		{"a quota project that may not be used is said so", 403, userProject, Error{Reason: QuotaProject, Service: "iam.googleapis.com", Project: "billed"}},
		{"a denied permission is named as roles spell it", 403, denied, Error{Reason: PermissionDenied, Permission: "iam.googleapis.com/workloadIdentityPools.create"}},
		{"a refusal that names nothing names what the request needs", 403, refusal(403, "PERMISSION_DENIED", "The caller does not have permission"), Error{Reason: PermissionDenied, Permission: "needed.permission"}},
		{"a bucket names the denied permission in its text", 403, storageRefusal(403, "forbidden", "me@acme.example does not have storage.buckets.getIamPolicy access to the Google Cloud Storage bucket. Permission 'storage.buckets.getIamPolicy' denied on resource (or it may not exist)."), Error{Reason: PermissionDenied, Permission: "storage.buckets.getIamPolicy"}},
		{"an exhausted quota may be a 403", 403, refusal(403, "PERMISSION_DENIED", "Quota exceeded for quota metric 'Write requests' and limit 'per minute' of service 'iam.googleapis.com' for consumer 'project_number:1'."), Error{Reason: RateLimited}},
		{"an organization policy is named", 400, orgPolicy, Error{Reason: OrgPolicy, Constraint: "constraints/iam.workloadIdentityPoolProviders"}},
		{"a custom organization policy is named", 400, customPolicy, Error{Reason: OrgPolicy, Constraint: "customConstraints/custom.members"}},
		{"domain restricted sharing is an organization policy", 400, refusal(400, "FAILED_PRECONDITION", "One or more users named in the policy do not belong to a permitted customer, perhaps due to an organization policy."), Error{Reason: OrgPolicy, Constraint: "constraints/iam.allowedPolicyMemberDomains"}},
		{"an organization policy of a bucket is not a stale etag", 412, storageRefusal(412, "conditionNotMet", "Request violates constraint 'constraints/storage.uniformBucketLevelAccess'"), Error{Reason: OrgPolicy, Constraint: "constraints/storage.uniformBucketLevelAccess"}},
		{"a deleted project is not a quota project that may not be used", 403, deleted, Error{Reason: ProjectDeleted, Project: "1234567899"}},
		{"a VPC service perimeter names nothing but its log", 403, perimeter, Error{Reason: Perimeter, LoggedAs: "VQQn-KfXt_92T"}},
		{"a VPC service perimeter around buckets does, too", 403, storageRefusal(403, "forbidden", "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: eYhD"), Error{Reason: Perimeter, LoggedAs: "eYhD"}},
		{"a stale etag of a bucket is a condition not met", 412, storageRefusal(412, "conditionNotMet", stale), Error{Reason: ConditionNotMet}},
		{"an older text for the same is, too", 412, storageRefusal(412, "conditionNotMet", "Precondition Failed"), Error{Reason: ConditionNotMet}},
		{"a bucket without uniform access is another 412", 412, storageRefusal(412, "conditionNotMet", uniform), Error{Reason: UniformAccessRequired}},
		{"public access prevention is another 412", 412, storageRefusal(412, "conditionNotMet", public), Error{Reason: PublicAccessPrevented}},
		{"an account that is not visible yet is named", 400, refusal(400, "INVALID_ARGUMENT", "Service account gcs-reader@p.iam.gserviceaccount.com does not exist."), Error{Reason: MemberNotVisible, Member: "gcs-reader@p.iam.gserviceaccount.com"}},
		{"a pool that is not visible yet is named", 400, refusal(400, "INVALID_ARGUMENT", "Identity Pool does not exist (projects/1/locations/global/workloadIdentityPools/k8s-pool). Please check that you specified a valid resource name as returned in the `name` attribute in the configuration API."), Error{Reason: MemberNotVisible, Member: "projects/1/locations/global/workloadIdentityPools/k8s-pool"}},
		{"a bad field is invalid", 400, refusal(400, "INVALID_ARGUMENT", "Invalid OIDC issuer URI. The scheme must be https."), Error{Reason: Invalid}},
		{"a state that forbids it is a failed precondition", 400, refusal(400, "FAILED_PRECONDITION", "The pool is deleted."), Error{Reason: FailedPrecondition}},
		{"another activation is contention", 400, refusal(400, "FAILED_PRECONDITION", "Another activation or deactivation is in progress for project 1."), Error{Reason: Aborted}},
		{"missing billing is said so", 400, refusal(400, "FAILED_PRECONDITION", "Billing account for project '1' is not found. Billing must be enabled for activation of service(s) 'x' to proceed."), Error{Reason: BillingRequired}},
		{"a bad token is not logged in", 401, refusal(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."), Error{Reason: NotLoggedIn}},
		{"too many requests are rate limited", 429, refusal(429, "RESOURCE_EXHAUSTED", "Quota exceeded"), Error{Reason: RateLimited}},
		{"a server error is unavailable", 503, refusal(503, "UNAVAILABLE", "The service is currently unavailable."), Error{Reason: Unavailable}},
		{"an error in an array is read", 404, "[" + refusal(404, "NOT_FOUND", "gone") + "]", Error{Reason: NotFound}},
		{"a page of a proxy is judged by its status", 502, "<html>Bad Gateway</html>", Error{Reason: Unavailable}},
		{"a bucket whose readers pay wants to know who pays", 400, refusal(400, "", "Bucket is a requester pays bucket but no user project provided."), Error{Reason: RequesterPays}},
		{"a redirect leads to somebody else", 302, "", Error{Reason: NotGoogle}},
		{"a page that is not Google's is no answer of Google's", 404, "<!DOCTYPE html><title>Nothing here</title>", Error{Reason: NotGoogle}},
		{"nor is one that forbids", 403, "<html>Blocked by the proxy</html>", Error{Reason: NotGoogle}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := request{op: "do", resource: "it", permission: "needed.permission"}.fail(&googleapi.Error{Code: tc.status, Body: tc.body})
			tc.want.Op, tc.want.Resource, tc.want.Status = "do", "it", tc.status
			if diff := cmp.Diff(&tc.want, err, cmpopts.IgnoreFields(Error{}, "Message")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestExchangeAnswersAreClassified(t *testing.T) {
	for _, tc := range []struct {
		name, word, description string
		status                  int
		want                    Reason
	}{
		{"an audience of the wrong form", "invalid_request", `Invalid value for "audience". This value should be the full resource name of the Identity Provider.`, 400, InvalidAudience},
		{"a subject that is too long", "invalid_request", "The size of mapped attribute google.subject exceeds the 127 bytes limit. Either modify your attribute mapping or the incoming assertion to produce a mapped attribute that is less than 127 bytes.", 400, SubjectTooLong},
		{"a pool that is absent, disabled or deleted", "invalid_target", `The target service indicated by the "audience" parameters is invalid. This might either be because the pool or provider is disabled or deleted or because it doesn't exist.`, 400, InvalidTarget},
		{"another audience in the token", "invalid_grant", "The audience in ID Token [https://kubernetes.default.svc] does not match the expected audience.", 400, AudienceMismatch},
		{"another issuer in the token", "invalid_grant", "The issuer in ID Token https://a does not match the expected ones: https://b", 400, IssuerMismatch},
		{"an expired token", "invalid_grant", "ID Token issued at 1700000000 is stale to sign-in.", 400, StaleToken},
		{"keys that can't be fetched or found", "invalid_grant", "Error connecting to the given credential's issuer.", 400, IssuerUnreachable},
		{"a forged signature", "invalid_grant", "Unable to verify the ID Token signature.", 400, BadSignature},
		{"something that is no token", "invalid_grant", "Unable to parse the ID Token.", 400, BadToken},
		{"a condition that is false", "unauthorized_client", "The given credential is rejected by the attribute condition.", 400, ConditionRejected},
		{"a missing claim", "unauthorized_client", "Could not obtain a value for google.subject from the given credential.", 400, NoSubject},
		{"a claim that is a list", "invalid_request", "The mapped attribute 'attribute.x' must be of type STRING", 400, MappingNotString},
		{"a throttled exchange", "quota_exceeded", "The request was throttled due to rate limit: sts.googleapis.com/requests. Please retry after a few seconds.", 429, RateLimited},
		{"a token with a second left", "internal_failure", "", 500, Unavailable},
		{"anything else", "invalid_request", "Scope(s) must be provided.", 400, Invalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			body := `{"error":` + quote(tc.word) + `,"error_description":` + quote(tc.description) + `}`
			err := request{op: "exchange token"}.fail(&googleapi.Error{Code: tc.status, Body: body})
			if got := ReasonOf(err); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestErrorsSayWhatCameBack(t *testing.T) {
	for _, tc := range []struct {
		err  Error
		want string
	}{
		{Error{Op: "create pool", Resource: "k8s-pool", Reason: PermissionDenied, Permission: "iam.googleapis.com/workloadIdentityPools.create"}, "create pool k8s-pool: iam.googleapis.com/workloadIdentityPools.create denied"},
		{Error{Op: "exchange token", Reason: BadSignature, Message: "Unable to verify the ID Token signature."}, "exchange token: signature not valid: Unable to verify the ID Token signature."},
		{Error{Op: "get pool", Resource: "k8s-pool", Reason: APIDisabled, Service: "iam.googleapis.com", Project: "1", Message: "long"}, "get pool k8s-pool: iam.googleapis.com is not enabled in project 1"},
		{Error{Op: "create provider", Resource: "k8s-pool/cks", Reason: OrgPolicy, Constraint: "constraints/iam.workloadIdentityPoolProviders"}, "create provider k8s-pool/cks: refused by constraints/iam.workloadIdentityPoolProviders"},
		{Error{Op: "write policy of bucket", Resource: "b", Reason: MemberNotVisible, Member: "a@p"}, "write policy of bucket b: a@p does not exist, or is not visible yet"},
		{Error{Op: "get bucket", Resource: "b", Reason: NotFound, Message: "The specified bucket does not exist."}, "get bucket b: not found"},
		{Error{Op: "get bucket", Resource: "b", Status: 418, Message: "teapot"}, "get bucket b: status 418 teapot"},
	} {
		if got := tc.err.Error(); got != tc.want {
			t.Errorf("got  %s\nwant %s", got, tc.want)
		}
	}
}

func TestClassesOfErrors(t *testing.T) {
	for reason, want := range map[Reason]Class{
		Aborted: Contention, ConditionNotMet: Contention, RateLimited: Contention, Unavailable: Contention,
		NotFound: Propagation, PermissionDenied: Propagation, APIDisabled: Propagation, MemberNotVisible: Propagation, StillRunning: Propagation,
		Unknown: Permanent, Unreachable: Permanent, UniformAccessRequired: Permanent, OrgPolicy: Permanent, LoginExpired: Permanent, AlreadyExists: Permanent,
	} {
		if got := ClassOf(&Error{Reason: reason}); got != want {
			t.Errorf("%s: got class %d, want %d", reason, got, want)
		}
	}
}

func quote(s string) string { b, _ := json.Marshal(s); return string(b) }

func TestForeignTextIsMadeFit(t *testing.T) {
	long := strings.Repeat("ä", longestMessage) // two bytes each
	for _, tc := range []struct{ name, in, want string }{
		{"line breaks and controls go", "a\r\n\tb\x1b[31mc\u009bd", "a b [31mc d"},
		{"what is no UTF-8 is marked", "a\xffb", "a?b"},
		{"what looks like an access token goes", "Bearer ya29.a0-b_c/d+e== end", "Bearer [token] end"},
		{"what looks like a JWT goes", "got eyJhbGciOi.eyJzdWIi.c2ln!", "got [token]!"},
		{"a flood is cut at a whole character", long + "x", long[:longestMessage] + "…"},
		{"a cut never splits a character", "x" + long, "x" + long[:longestMessage-2] + "…"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, oneLine(tc.in)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
