package gcp

import "errors"

// Reason is why a request was not answered as asked, decided once, where the
// answer arrives. The zero value is "we don't know".
type Reason string

// The reasons of an [Error].
const (
	Unknown               Reason = ""
	NotFound              Reason = "not found"
	AlreadyExists         Reason = "already exists" // of pools and providers also: is deleted and may be restored
	PermissionDenied      Reason = "permission denied"
	NotLoggedIn           Reason = "not logged in" // 401
	NoCredentials         Reason = "no credentials"
	LoginExpired          Reason = "login expired"
	APIDisabled           Reason = "API not enabled"
	Aborted               Reason = "aborted"           // a concurrent change came first
	ConditionNotMet       Reason = "condition not met" // the etag of a bucket's policy is out of date
	UniformAccessRequired Reason = "uniform bucket-level access required"
	PublicAccessPrevented Reason = "public access prevented"
	MemberNotVisible      Reason = "member does not exist, or not yet"
	OrgPolicy             Reason = "refused by an organization policy"
	ProjectDeleted        Reason = "project deleted"
	Perimeter             Reason = "refused by a VPC service perimeter"
	QuotaProject          Reason = "quota project not usable"
	BillingRequired       Reason = "billing required"
	RequesterPays         Reason = "requester pays" // and the request names no project to bill
	RateLimited           Reason = "rate limited"
	Unavailable           Reason = "unavailable" // 5xx, or the connection broke: a write may have taken effect
	Unreachable           Reason = "unreachable" // never connected
	NotGoogle             Reason = "not an answer of Google's"
	StillRunning          Reason = "operation still running"
	Invalid               Reason = "invalid"
	FailedPrecondition    Reason = "precondition failed"
	Canceled              Reason = "canceled"
	TimedOut              Reason = "timed out"
)

// Reasons of the token exchange alone.
const (
	InvalidAudience   Reason = "malformed audience"
	InvalidTarget     Reason = "pool or provider absent, disabled or deleted"
	AudienceMismatch  Reason = "audience of the token not accepted"
	IssuerMismatch    Reason = "issuer of the token is not the provider's"
	StaleToken        Reason = "token expired or not yet valid"
	IssuerUnreachable Reason = "issuer not reachable, or key not found"
	BadSignature      Reason = "signature not valid"
	BadToken          Reason = "not a token"
	ConditionRejected Reason = "rejected by the attribute condition"
	NoSubject         Reason = "no value for google.subject"
	SubjectTooLong    Reason = "google.subject longer than 127 bytes"
	MappingNotString  Reason = "mapped attribute is not a string"
)

// Class is what a caller may do about an error.
type Class int

// The classes of errors.
const (
	Permanent   Class = iota // trying again ends the same
	Propagation              // after a write of our own this may heal by itself; else it is permanent
	Contention               // look again and repeat the change
)

// ReasonOf returns the reason of the *Error in err's chain, and Unknown where
// there is none.
func ReasonOf(err error) Reason {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return Unknown
}

// ClassOf returns what may be done about err. Propagation takes a while: a new
// service account a minute, a policy two to seven, an API after it was enabled
// a few (https://docs.cloud.google.com/iam/docs/access-change-propagation).
func ClassOf(err error) Class {
	switch ReasonOf(err) {
	case NotFound, PermissionDenied, APIDisabled, MemberNotVisible, StillRunning, InvalidTarget, IssuerUnreachable, ConditionRejected:
		return Propagation
	case Aborted, ConditionNotMet, RateLimited, Unavailable:
		return Contention
	default:
		return Permanent
	}
}
