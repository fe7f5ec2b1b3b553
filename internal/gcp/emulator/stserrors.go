package emulator

import (
	"fmt"
	"net/http"
)

// An exchangeError is one refusal of a token exchange. STS answers in the form
// of OAuth (RFC 6749, section 5.2), not in Google's envelope.
type exchangeError struct {
	HTTPStatus  int    `json:"-"`
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

func (e *exchangeError) Error() string {
	return fmt.Sprintf("sts: %s: %s", e.Code, e.Description)
}

func refuse(code, format string, args ...any) *exchangeError {
	return &exchangeError{HTTPStatus: http.StatusBadRequest, Code: code, Description: fmt.Sprintf(format, args...)}
}

// The refusals below are Google's words, as seen by its users
// (https://docs.cloud.google.com/iam/docs/troubleshooting-workload-identity-federation).
// A caller learns little from them on purpose: several causes share one text.

func invalidRequest(format string, args ...any) *exchangeError {
	return refuse("invalid_request", format, args...)
}

func badExchangeAudience() *exchangeError {
	return refuse("invalid_request", `Invalid value for "audience". This value should be the full resource name of the Identity Provider. `+
		"See https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token for the list of possible formats.")
}

func badTarget() *exchangeError {
	return refuse("invalid_target", `The target service indicated by the "audience" parameters is invalid. `+
		"This might either be because the pool or provider is disabled or deleted or because it doesn't exist.")
}

func badToken() *exchangeError {
	return refuse("invalid_grant", "Unable to parse the ID Token.")
}

func wrongIssuer(got, want string) *exchangeError {
	return refuse("invalid_grant", "The issuer in ID Token %s does not match the expected ones: %s", got, want)
}

func wrongAudience(got string) *exchangeError {
	return refuse("invalid_grant", "The audience in ID Token [%s] does not match the expected audience.", got)
}

func staleToken(issuedAt string) *exchangeError {
	return refuse("invalid_grant", "ID Token issued at %s is stale to sign-in.", issuedAt)
}

// noKey covers every way to have no key for the token: the issuer cannot be
// reached, its documents are unusable, or its key set has no such key id.
func noKey() *exchangeError {
	return refuse("invalid_grant", "Error connecting to the given credential's issuer.")
}

func badSignature() *exchangeError {
	return refuse("invalid_grant", "Unable to verify the ID Token signature.")
}

func conditionRefused() *exchangeError {
	return refuse("unauthorized_client", "The given credential is rejected by the attribute condition.")
}

func noMappedValue(key string) *exchangeError {
	return refuse("unauthorized_client", "Could not obtain a value for %s from the given credential.", key)
}

func mappedNotString(key string) *exchangeError {
	return refuse("invalid_request", "The mapped attribute '%s' must be of type STRING", key)
}

func subjectTooLong() *exchangeError {
	return refuse("invalid_request", "The size of mapped attribute google.subject exceeds the %d bytes limit. "+
		"Either modify your attribute mapping or the incoming assertion to produce a mapped attribute that is less than %d bytes.",
		maxSubjectBytes, maxSubjectBytes)
}

func mappedTooLong() *exchangeError {
	return refuse("invalid_request", "The total size of the mapped attributes exceeds the %d bytes limit.", maxMappedBytes)
}
