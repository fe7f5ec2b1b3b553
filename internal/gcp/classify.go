package gcp

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/api/googleapi"
)

// request is one thing asked of Google, in the words of its errors.
type request struct {
	op, resource string
	permission   string   // what it needs, where the answer does not say
	secrets      []string // tokens that its body carries
}

// fail makes an error of Google's libraries one of ours. It keeps nil, and what
// is ours already: a login that did not work is not this request's failure.
func (r request) fail(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if g, ok := errors.AsType[*googleapi.Error](err); ok {
		return r.refused(readAnswer(g), g.Header)
	}
	return r.unanswered(err)
}

// unanswered reads why there was no answer at all.
func (r request) unanswered(err error) error {
	e := &Error{Op: r.op, Resource: r.resource, Reason: Unavailable, Err: err}
	e.Message = r.clean(rootMessage(err))
	e.askIn(err)
	switch {
	case unreadable(err):
		e.Reason = NotGoogle
	case endedBy(err, context.Canceled):
		e.Reason = Canceled
	case endedBy(err, context.DeadlineExceeded):
		e.Reason = TimedOut
	case neverConnected(err):
		e.Reason = Unreachable
	case !broken(err):
		e.Reason = Unknown
	}
	return e
}

// refused makes an error of an answer.
func (r request) refused(a answer, header http.Header) error {
	e := &Error{Op: r.op, Resource: r.resource, Reason: a.reason(), Status: a.status, Message: r.clean(a.message)}
	if verb, address, ok := strings.Cut(header.Get(askedHeader), " "); ok {
		e.ask(verb, address)
	}
	switch e.Reason {
	case PermissionDenied:
		if e.Permission = longSpelling(a.permission()); e.Permission == "" {
			e.Permission = r.permission
		}
	case APIDisabled, QuotaProject:
		e.Service, e.Project = a.service(), a.consumer()
	case ProjectDeleted:
		e.Project = deletedProject.FindStringSubmatch(a.message)[1]
	case Perimeter:
		e.LoggedAs = a.perimeter()
	case OrgPolicy:
		e.Constraint = a.constraint()
	case MemberNotVisible:
		e.Member = invisibleMember(a.message)
	}
	return e
}

func (r request) clean(message string) string {
	for _, s := range r.secrets {
		message = strings.ReplaceAll(message, s, redacted)
	}
	return oneLine(message)
}

// rootMessage leaves out the verb and the URL, which Op and Resource say better.
func rootMessage(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err.Error()
	}
	return err.Error()
}

// endedBy reports the end of the caller's context. It looks for the very value:
// the timeouts of net/http pass for DeadlineExceeded in errors.Is, but they are
// Google's silence and not the caller's impatience.
func endedBy(err, sentinel error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if err == sentinel { //nolint:errorlint // see above
			return true
		}
	}
	return false
}

// broken reports that a request went out and its answer did not come whole.
func broken(err error) bool {
	if _, ok := errors.AsType[*url.Error](err); ok {
		return true
	}
	_, ok := errors.AsType[net.Error](err)
	return ok || errors.Is(err, io.ErrUnexpectedEOF)
}

// is reports whether err has the reason.
func is(err error, reason Reason) bool { return err != nil && ReasonOf(err) == reason }
