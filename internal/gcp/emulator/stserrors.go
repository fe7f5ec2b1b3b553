package emulator

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/wifctl/wifctl/internal/gcp/emulator/federation"
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

// worded puts what the federation room refuses into the form of the API that asked it:
// STS for a token, IAM for a provider.
func worded(err error) error {
	var token *federation.Refusal
	if errors.As(err, &token) {
		return refuse(token.Code, "%s", token.Description)
	}
	var provider *federation.Invalid
	if errors.As(err, &provider) {
		return invalidArgument("%s", provider.Text)
	}
	return err
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
