package emulator

import (
	"fmt"
	"net/http"
)

// apiError is a refusal in the words of a Google API. The route it came
// through decides how it is written: see form.
type apiError struct {
	code    int    // HTTP status
	status  string // google.rpc.Code name
	message string
	reason  string // reason of the older errors[] list
	listed  bool   // that list is there whatever the API
	details []any

	location     string // of the older errors[] list: the header or parameter at fault
	locationType string
}

func (e *apiError) Error() string {
	return fmt.Sprintf("%d %s: %s", e.code, e.status, e.message)
}

// errorInfo is a google.rpc.ErrorInfo detail.
type errorInfo struct {
	Type     string            `json:"@type"`
	Reason   string            `json:"reason"`
	Domain   string            `json:"domain"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

func newErrorInfo(reason, domain string, metadata map[string]string) errorInfo {
	return errorInfo{Type: "type.googleapis.com/google.rpc.ErrorInfo", Reason: reason, Domain: domain, Metadata: metadata}
}

// statuses are the google.rpc.Code names and the older reasons of the HTTP
// codes used here. A 400 can also be FAILED_PRECONDITION and a 409 ABORTED.
var statuses = map[int]struct{ status, reason string }{
	400: {"INVALID_ARGUMENT", "badRequest"},
	401: {"UNAUTHENTICATED", "authError"},
	403: {"PERMISSION_DENIED", "forbidden"},
	404: {"NOT_FOUND", "notFound"},
	405: {"UNIMPLEMENTED", "notImplemented"}, // see notModelled
	409: {"ALREADY_EXISTS", "alreadyExists"},
	412: {"FAILED_PRECONDITION", "conditionNotMet"},
	416: {"OUT_OF_RANGE", "requestedRangeNotSatisfiable"},
	429: {"RESOURCE_EXHAUSTED", "rateLimitExceeded"},
	500: {"INTERNAL", "backendError"},
	501: {"UNIMPLEMENTED", "notImplemented"},
	502: {"UNAVAILABLE", "backendError"},
	503: {"UNAVAILABLE", "backendError"},
	504: {"DEADLINE_EXCEEDED", "backendError"},
}

// newError is the refusal with the usual status and reason of an HTTP code.
func newError(code int, format string, args ...any) *apiError {
	usual, ok := statuses[code]
	if !ok {
		usual.status, usual.reason = "UNKNOWN", "unknown"
	}
	return &apiError{code: code, status: usual.status, reason: usual.reason, message: fmt.Sprintf(format, args...)}
}

func invalidArgument(format string, args ...any) *apiError {
	return newError(http.StatusBadRequest, format, args...)
}

func notFound(format string, args ...any) *apiError {
	return newError(http.StatusNotFound, format, args...)
}

func failedPrecondition(format string, args ...any) *apiError {
	e := newError(http.StatusBadRequest, format, args...)
	e.status, e.reason = "FAILED_PRECONDITION", "failedPrecondition"
	return e
}

// concurrentChange is the answer to a policy written with an etag that is no
// longer current (docs.cloud.google.com/iam/docs/allow-policies#etag).
func concurrentChange() *apiError {
	e := newError(http.StatusConflict, "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.")
	e.status, e.reason = "ABORTED", "aborted"
	return e
}

// permissionDenied is the answer of IAM to a caller without a permission. The
// resource does not reveal whether it exists.
func permissionDenied(permission, resource string) *apiError {
	on := "resource"
	metadata := map[string]string{"permission": permission}
	if resource != "" {
		on = "resource '" + resource + "'"
		metadata["resource"] = resource
	}
	e := newError(http.StatusForbidden, "Permission '%s' denied on %s (or it may not exist).", permission, on)
	e.details = []any{newErrorInfo("IAM_PERMISSION_DENIED", "iam.googleapis.com", metadata)}
	return e
}

// callerLacksPermission is Resource Manager's refusal, the same for a project
// that does not exist and for one the caller may not see.
func callerLacksPermission() *apiError {
	return newError(http.StatusForbidden, "The caller does not have permission")
}

// notModelled is the answer to whatever Google has and this emulator has not. It is a
// 405, which no API here answers for a reason of its own: not Google's 404, which a client
// would take for news of a resource, and not a 501, which gcloud repeats for half a minute.
func notModelled(format string, args ...any) *apiError {
	return newError(http.StatusMethodNotAllowed, "%s: the emulator does not model this; see docs/emulator.md", fmt.Sprintf(format, args...))
}
