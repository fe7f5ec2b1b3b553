package federation

import "fmt"

// A Refusal is why STS takes no token, as the OAuth error code and the description that
// it answers with (RFC 6749, section 5.2).
type Refusal struct {
	Code        string
	Description string
}

func (r *Refusal) Error() string { return fmt.Sprintf("%s: %s", r.Code, r.Description) }

// An Invalid is why a provider cannot be as it is written, in the words of Google's 400
// INVALID_ARGUMENT where they are known.
type Invalid struct{ Text string }

func (i *Invalid) Error() string { return i.Text }

func invalid(format string, args ...any) error {
	return &Invalid{Text: fmt.Sprintf(format, args...)}
}

func refuse(code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Description: fmt.Sprintf(format, args...)}
}

// The refusals below are Google's words, as seen by its users
// (https://docs.cloud.google.com/iam/docs/troubleshooting-workload-identity-federation).
// A caller learns little from them on purpose: several causes share one text.

func badToken() *Refusal {
	return refuse("invalid_grant", "Unable to parse the ID Token.")
}

func wrongIssuer(got, want string) *Refusal {
	return refuse("invalid_grant", "The issuer in ID Token %s does not match the expected ones: %s", got, want)
}

func wrongAudience(got string) *Refusal {
	return refuse("invalid_grant", "The audience in ID Token [%s] does not match the expected audience.", got)
}

func staleToken(issuedAt string) *Refusal {
	return refuse("invalid_grant", "ID Token issued at %s is stale to sign-in.", issuedAt)
}

// noKey covers every way to have no key for the token: the issuer cannot be
// reached, its documents are unusable, or its key set has no such key id.
func noKey() *Refusal {
	return refuse("invalid_grant", "Error connecting to the given credential's issuer.")
}

func badSignature() *Refusal {
	return refuse("invalid_grant", "Unable to verify the ID Token signature.")
}

func conditionRefused() *Refusal {
	return refuse("unauthorized_client", "The given credential is rejected by the attribute condition.")
}

func noMappedValue(key string) *Refusal {
	return refuse("unauthorized_client", "Could not obtain a value for %s from the given credential.", key)
}

func mappedNotString(key string) *Refusal {
	return refuse("invalid_request", "The mapped attribute '%s' must be of type STRING", key)
}

func subjectTooLong() *Refusal {
	return refuse("invalid_request", "The size of mapped attribute google.subject exceeds the %d bytes limit. "+
		"Either modify your attribute mapping or the incoming assertion to produce a mapped attribute that is less than %d bytes.",
		maxSubjectBytes, maxSubjectBytes)
}

func mappedTooLong() *Refusal {
	return refuse("invalid_request", "The total size of the mapped attributes exceeds the %d bytes limit.", maxMappedBytes)
}
