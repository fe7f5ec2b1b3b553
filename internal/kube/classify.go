package kube

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// fail makes client-go's error one of ours. It keeps nil.
func fail(op, object string, a Access, err error) error {
	if err == nil {
		return nil
	}
	e := &Error{Op: op, Object: object, Access: a, Err: err}
	status := apierrors.APIStatus(nil)
	if !errors.As(err, &status) {
		e.Reason, e.Message = transportReason(err), rootMessage(err)
		return e
	}
	s := status.Status()
	e.Status, e.Message = int(s.Code), s.Message
	e.Foreign = apierrors.HasStatusCause(err, metav1.CauseTypeUnexpectedServerResponse)
	e.Conflicts = conflicts(s)
	e.Reason = statusReason(err, s, e.Foreign)
	if m := deniedUser.FindStringSubmatch(s.Message); m != nil && e.Reason == Forbidden {
		e.User = m[1]
	}
	return e
}

// statusReason reads the reason of an answer of the API server, or of what
// stands in front of it.
func statusReason(err error, s metav1.Status, foreign bool) Reason {
	switch {
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return Terminating
	case admissionDenied(s, foreign):
		return AdmissionDenied
	case s.Code == http.StatusUnauthorized:
		return Unauthorized
	case s.Code == http.StatusForbidden:
		return Forbidden
	case s.Code == http.StatusTooManyRequests || s.Code >= 500:
		return Unavailable
	case foreign:
		// A 404 of some web server must not pass for "the namespace is absent".
		return NotKubernetes
	case apierrors.IsNotFound(err):
		return NotFound
	case apierrors.IsAlreadyExists(err):
		return AlreadyExists
	case apierrors.IsConflict(err):
		return Conflict
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err), apierrors.IsRequestEntityTooLargeError(err):
		return Invalid
	default:
		return Unknown
	}
}

// deniedUser is how the authorizer names whom it denies
// (k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go).
var deniedUser = regexp.MustCompile(`User "([^"]+)" cannot `)

// admissionDenied tells a policy's refusal from a missing permission. Both are
// 403, and the only difference is in the text: the authorizer always says that a
// User cannot do something, the three kinds of admission never do
// (k8s.io/apiserver: pkg/endpoints/handlers/responsewriters, pkg/admission).
func admissionDenied(s metav1.Status, foreign bool) bool {
	switch {
	case foreign:
		return false
	case strings.HasPrefix(s.Message, "admission webhook "),
		silentWebhook.MatchString(s.Message), // a 500
		strings.Contains(s.Message, "is forbidden: ValidatingAdmissionPolicy "):
		return true
	case s.Code != http.StatusForbidden:
		return false
	}
	_, after, authorizer := strings.Cut(s.Message, `User "`)
	return !authorizer || !strings.Contains(after, " cannot ")
}

// conflicts reads who holds which field. The manager's name is only in the
// text: conflict with "kubectl" using v1.
func conflicts(s metav1.Status) []FieldConflict {
	if s.Details == nil {
		return nil
	}
	var out []FieldConflict
	for _, c := range s.Details.Causes {
		if c.Type != metav1.CauseTypeFieldManagerConflict {
			continue
		}
		manager := c.Message
		if quoted, err := strconv.QuotedPrefix(strings.TrimPrefix(c.Message, "conflict with ")); err == nil {
			manager, _ = strconv.Unquote(quoted)
		}
		out = append(out, FieldConflict{Manager: manager, Field: c.Field})
	}
	return out
}

// transportReason reads why there was no answer at all.
func transportReason(err error) Reason {
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return Timeout
	case strings.Contains(err.Error(), "getting credentials: "):
		// client-go gives the failure of an exec plugin no type of its own
		// (k8s.io/client-go/plugin/pkg/client/auth/exec).
		return LoginFailed
	case badCertificate(err):
		return Untrusted
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return NotKubernetes
	}
	if noObject(err) {
		return NotKubernetes
	}
	if certificateRefused(err) {
		return Unauthorized
	}
	if _, ok := errors.AsType[*url.Error](err); ok {
		return Unreachable
	}
	return Unknown
}

// noObject reports whether a success was answered with no object of Kubernetes: the login
// page of a proxy, say. client-go has no type of error for that
// (k8s.io/client-go/rest/request.go).
func noObject(err error) bool {
	return strings.HasPrefix(err.Error(), "serializer for ") && strings.HasSuffix(err.Error(), " doesn't exist")
}

// certificateRefused reports whether the server ended the handshake over the client's
// certificate: it has expired, is of another authority, or is missing. The type of such an
// alert is crypto/tls's own, so its text must tell
// (https://www.rfc-editor.org/rfc/rfc8446#section-6.2).
func certificateRefused(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "remote error" && strings.Contains(op.Err.Error(), "certificate")
}

func badCertificate(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	_, ok := errors.AsType[x509.UnknownAuthorityError](err)
	return ok
}

// rootMessage leaves out the verb and the URL, which Op and Object say better. What
// client-go says of a login helper has paragraphs; here it is one line.
func rootMessage(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	paragraphs := strings.Split(err.Error(), "\n\n")
	for i, p := range paragraphs {
		paragraphs[i] = strings.Join(strings.Fields(p), " ")
	}
	return strings.Join(paragraphs, "; ")
}

// absent reports whether the API server itself said that an object isn't there.
func absent(err error) bool { return ReasonOf(err) == NotFound }

// list joins names for a sentence.
func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
