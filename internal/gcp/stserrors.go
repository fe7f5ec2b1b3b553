package gcp

import (
	"net/http"
	"strings"
)

// exchangeReason reads an answer of the Security Token Service. It speaks OAuth:
// a handful of words for dozens of causes, which only the description tells
// apart
// (https://docs.cloud.google.com/iam/docs/troubleshooting-workload-identity-federation).
func (a answer) exchangeReason() Reason {
	for _, t := range []struct {
		word, text string
		reason     Reason
	}{
		{"invalid_target", "", InvalidTarget},
		{"invalid_request", `Invalid value for "audience"`, InvalidAudience},
		{"invalid_request", "google.subject exceeds the 127 bytes limit", SubjectTooLong},
		{"invalid_grant", "The audience in ID Token", AudienceMismatch},
		{"invalid_grant", "The issuer in ID Token", IssuerMismatch},
		{"invalid_grant", "is stale to sign-in", StaleToken},
		{"invalid_grant", "Error connecting to the given credential's issuer", IssuerUnreachable},
		{"invalid_grant", "Unable to verify the ID Token signature", BadSignature},
		{"invalid_grant", "Unable to parse the ID Token", BadToken},
		{"unauthorized_client", "rejected by the attribute condition", ConditionRejected},
		{"unauthorized_client", "Could not obtain a value for google.subject", NoSubject},
		{"quota_exceeded", "", RateLimited},
		{"", "must be of type STRING", MappingNotString}, // the word that goes with it is not documented
	} {
		if (t.word == "" || t.word == a.oauth) && strings.Contains(a.message, t.text) {
			return t.reason
		}
	}
	if a.status >= http.StatusInternalServerError || a.status == http.StatusTooManyRequests {
		return a.byStatus()
	}
	return Invalid
}
