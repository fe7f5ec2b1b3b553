package gcp

import (
	"errors"
	"io/fs"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"cloud.google.com/go/auth"
	"google.golang.org/api/googleapi"
)

const logIn = "log in to Google Cloud"

// refused reads why no token was to be had. An expired or revoked login, and one that must
// be renewed by a company's rules ("invalid_rapt"), are both invalid_grant (RFC 6749,
// section 5.2).
func (l Login) refused(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if m := refusedStage.FindStringSubmatch(err.Error()); m != nil {
		status, _ := strconv.Atoi(m[1]) // three digits
		return l.refusedStage(status, m[2])
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return &Error{Op: logIn, Reason: NotLoggedIn, Message: oneLine(err.Error()), Err: err}
	}
	a, ok := errors.AsType[*auth.Error](err)
	if !ok || a.Response == nil {
		return request{op: logIn}.unanswered(err)
	}
	e := &Error{Op: logIn, Reason: NotLoggedIn, Status: a.Response.StatusCode}
	code, description := oauthError(a.Body)
	e.Message = oneLine(strings.TrimSpace(code + " " + description))
	switch {
	case code == "invalid_grant":
		e.Reason = LoginExpired
	case a.Temporary() || e.Status >= 500:
		e.Reason = Unavailable
	}
	return e
}

// refusedStage is how Google's library says that a stage of a federated login was refused: it
// has no type for it.
// (https://pkg.go.dev/cloud.google.com/go/auth/credentials/externalaccount)
var refusedStage = regexp.MustCompile(`(?s)^[a-z]+: status code (\d{3}): (.*)$`)

// refusedStage tells the stages of a federated login apart by who answers how: STS with
// OAuth's words, IAM with an error of Google's, and whoever gives the job its token as it likes.
func (l Login) refusedStage(status int, body string) error {
	a := readAnswer(&googleapi.Error{Code: status, Body: body})
	e := &Error{Op: logIn, Reason: NotLoggedIn, Status: status, Message: oneLine(a.message)}
	switch {
	case status == http.StatusTooManyRequests:
		e.Reason = RateLimited
	case status >= http.StatusInternalServerError:
		e.Reason = Unavailable
	case a.reason() == APIDisabled:
		e.Service, e.Project = a.service(), a.consumer()
		e.Message = e.Service + " is not enabled" + inProject(e.Project)
	case a.oauth != "":
		e.Op, e.Resource = "exchange the login's own token at", l.Provider
	case a.code != "":
		e.Op, e.Resource = "act as", l.Account
	default:
		e.Op = "get the login's own token"
	}
	return e
}
