package gcp

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// reason decides what an answer means: from its details where it has any, then
// from the older reason word, from the text where Google says it nowhere else,
// and last from the status.
func (a answer) reason() Reason {
	switch {
	case a.perimeter() != "":
		return Perimeter
	case deletedProject.MatchString(a.message):
		return ProjectDeleted
	}
	if a.oauth != "" {
		return a.exchangeReason()
	}
	for _, decide := range []func() Reason{a.byDetails, a.byLegacy, a.byText, a.byStatus} {
		if r := decide(); r != Unknown {
			return r
		}
	}
	return Unknown
}

// perimeterID is in every refusal of a VPC service perimeter, whichever API was asked
// (https://docs.cloud.google.com/vpc-service-controls/docs/troubleshooting).
var perimeterID = regexp.MustCompile(`vpcServiceControlsUniqueIdentifier: ([\w-]+)`)

// perimeter is the id under which a perimeter logged its refusal; empty: it was none.
func (a answer) perimeter() string {
	if m := perimeterID.FindStringSubmatch(a.message); m != nil {
		return m[1]
	}
	return ""
}

// deletedProject is what any API says of a project that was deleted. Its ErrorInfo is that of
// a quota project which may not be used.
var deletedProject = regexp.MustCompile(`^Project #(\d+) has been deleted\.$`)

// byDetails reads ErrorInfo (the words are those of
// https://github.com/googleapis/googleapis/blob/master/google/api/error_reason.proto)
// and the violations of an organization policy.
func (a answer) byDetails() Reason {
	for _, d := range a.details {
		switch d.Reason {
		case "SERVICE_DISABLED":
			return disabledOrUnbilled(d)
		case "IAM_PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
			return PermissionDenied
		case "RATE_LIMIT_EXCEEDED":
			return RateLimited
		case "USER_PROJECT_DENIED", "CONSUMER_INVALID":
			return QuotaProject
		case "BILLING_DISABLED", "UREQ_PROJECT_BILLING_NOT_FOUND":
			return BillingRequired
		case "CUSTOM_ORG_POLICY_VIOLATION":
			return OrgPolicy
		case "ACCESS_TOKEN_EXPIRED", "CREDENTIALS_MISSING", "ACCESS_TOKEN_TYPE_UNSUPPORTED":
			return NotLoggedIn
		}
		for _, v := range d.Violations {
			if strings.HasPrefix(v.Type, "constraints/") {
				return OrgPolicy
			}
		}
	}
	return Unknown
}

// disabledOrUnbilled tells an API that is not enabled from a login without a
// quota project: then Google looks in the project of gcloud itself, which has
// one of these two numbers (https://cloud.google.com/docs/quotas/quota-project).
func disabledOrUnbilled(d detail) Reason {
	gcloud := []string{"projects/764086051850", "projects/32555940559"}
	if slices.Contains(gcloud, d.Metadata["consumer"]) {
		return QuotaProject
	}
	return APIDisabled
}

func (a answer) byLegacy() Reason {
	switch a.legacy {
	case "accessNotConfigured":
		return APIDisabled
	case "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded":
		return RateLimited
	case "aborted":
		return Aborted
	case "accountDisabled", "userProjectAccountProblem":
		// https://docs.cloud.google.com/storage/docs/json_api/v1/status-codes
		return BillingRequired
	default:
		return Unknown
	}
}

// byText reads what Google says in its messages only. The 412 of a bucket has
// one reason word for a stale etag and for refusals that no repetition heals.
func (a answer) byText() Reason {
	for _, t := range []struct {
		status int
		text   string
		reason Reason
	}{
		{http.StatusBadRequest, "Identity Pool does not exist", MemberNotVisible},
		{http.StatusBadRequest, "do not belong to a permitted customer", OrgPolicy},
		{http.StatusBadRequest, "Operation denied by org policy", OrgPolicy},
		{http.StatusBadRequest, "Service account creation is not allowed on this project", OrgPolicy},
		{http.StatusBadRequest, "Billing account for project", BillingRequired},
		{http.StatusBadRequest, "Another activation or deactivation is in progress", Aborted},
		{http.StatusBadRequest, "requester pays bucket", RequesterPays}, // docs.cloud.google.com/storage/docs/requester-pays
		{http.StatusConflict, "There were concurrent policy changes", Aborted},
		{http.StatusPreconditionFailed, "enable uniform bucket-level access", UniformAccessRequired},
		{http.StatusPreconditionFailed, "public access prevention is enforced", PublicAccessPrevented},
		{http.StatusPreconditionFailed, "constraints/", OrgPolicy},
		{http.StatusForbidden, "Quota exceeded for quota metric", RateLimited},
	} {
		if a.status == t.status && strings.Contains(a.message, t.text) {
			return t.reason
		}
	}
	if a.status == http.StatusBadRequest && invisibleMember(a.message) != "" {
		return MemberNotVisible
	}
	return Unknown
}

func (a answer) byStatus() Reason {
	switch {
	case a.code == "FAILED_PRECONDITION":
		return FailedPrecondition
	case a.code == "ABORTED":
		return Aborted
	case a.status == http.StatusTooManyRequests:
		return RateLimited
	case a.status == http.StatusRequestTimeout || a.status >= 500:
		return Unavailable
	case a.foreign: // a 404 of some web server must not pass for "there is no such pool"
		return NotGoogle
	case a.status == http.StatusBadRequest:
		return Invalid
	case a.status == http.StatusUnauthorized:
		return NotLoggedIn
	case a.status == http.StatusForbidden:
		return PermissionDenied
	case a.status == http.StatusNotFound:
		return NotFound
	case a.status == http.StatusConflict:
		return AlreadyExists
	case a.status == http.StatusPreconditionFailed:
		return ConditionNotMet
	}
	return Unknown
}

var (
	deniedPermission = regexp.MustCompile(`[Pp]ermission '([\w./]+)' denied`)
	namedConstraint  = regexp.MustCompile(`constraints/[\w.]+`)
	namedService     = regexp.MustCompile(`apis/api/([\w.-]+)/overview`)
	unknownAccount   = regexp.MustCompile(`[Ss]ervice account (\S+@\S+) does not exist`)
	unknownPool      = regexp.MustCompile(`Identity Pool does not exist \(([^)]+)\)`)
)

func (a answer) permission() string {
	for _, d := range a.details {
		if p := d.Metadata["permission"]; p != "" {
			return p
		}
	}
	return firstGroup(deniedPermission, a.message)
}

func (a answer) service() string {
	for _, d := range a.details {
		if s := d.Metadata["service"]; s != "" {
			return s
		}
	}
	return firstGroup(namedService, a.message)
}

// consumer is the project that pays for the request: the quota project if there
// is one.
func (a answer) consumer() string {
	for _, d := range a.details {
		if project, ok := strings.CutPrefix(d.Metadata["consumer"], "projects/"); ok {
			return project
		}
	}
	return ""
}

func (a answer) constraint() string {
	for _, d := range a.details {
		for _, v := range d.Violations {
			if strings.HasPrefix(v.Type, "constraints/") {
				return v.Type
			}
		}
		if c := d.Metadata["customConstraints"]; c != "" {
			return c
		}
	}
	if strings.Contains(a.message, "do not belong to a permitted customer") {
		return "constraints/iam.allowedPolicyMemberDomains"
	}
	return namedConstraint.FindString(a.message)
}

// invisibleMember is what a policy write says does not exist: an account or a
// pool, which may just be too new for the service that was asked.
func invisibleMember(message string) string {
	if email := firstGroup(unknownAccount, message); email != "" {
		return email
	}
	return firstGroup(unknownPool, message)
}

func firstGroup(re *regexp.Regexp, s string) string {
	if m := re.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return ""
}
