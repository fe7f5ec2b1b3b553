package gcp

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Error is one request that did not do what was asked. No field ever holds a
// token.
type Error struct {
	Op         string // "create pool"
	Resource   string // "k8s-pool", "gcs-reader@acme-prod.iam.gserviceaccount.com", "my-bucket"
	Reason     Reason
	Status     int    // HTTP status; 0 when there was no answer
	Message    string // Google's own words, on one line
	Permission string // PermissionDenied: "iam.serviceAccounts.create", if known
	Service    string // APIDisabled, QuotaProject, NotLoggedIn for one of them: "sts.googleapis.com"
	Project    string // the same, ProjectDeleted: in which it counts, id or number; not always the one that was asked about
	LoggedAs   string // Perimeter: the id of the entry in the audit log
	Constraint string // OrgPolicy: "constraints/iam.workloadIdentityPoolProviders", if known
	Member     string // MemberNotVisible: the pool or account as Google names it
	Method     string // asked for: "iam.projects.serviceAccounts.get", else the verb and path; "" if no request was made
	Base       string // of whom: "https://iam.googleapis.com"
	Err        error  // what the transport said when there was no answer
}

// Error says what was asked and what came back.
func (e *Error) Error() string {
	return strings.TrimSpace(e.Op+" "+e.Resource) + ": " + e.outcome()
}

// Unwrap returns the transport's error.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) outcome() string {
	switch {
	case e.Reason == PermissionDenied && e.Permission != "":
		return e.Permission + " denied"
	case e.Reason == APIDisabled && e.Service != "":
		return e.Service + " is not enabled" + inProject(e.Project)
	case e.Reason == OrgPolicy && e.Constraint != "":
		return "refused by " + e.Constraint
	case e.Reason == Perimeter:
		return string(e.Reason) + ", logged as " + e.LoggedAs
	case e.Reason == MemberNotVisible && e.Member != "":
		return e.Member + " does not exist, or is not visible yet"
	case e.Reason == NotFound, e.Reason == AlreadyExists:
		return string(e.Reason)
	case Unanswered(e) && e.Method != "":
		return strings.TrimSuffix(string(e.Reason)+" ("+e.asked()+"): "+e.Message, ": ")
	case e.Reason == Unknown:
		return strings.TrimSpace(fmt.Sprintf("status %d %s", e.Status, e.Message))
	case e.Message == "":
		return string(e.Reason)
	}
	return string(e.Reason) + ": " + e.Message
}

// asked is what there was no answer to: "503 to storage.objects.list at storage.googleapis.com".
func (e *Error) asked() string {
	_, host, _ := strings.Cut(e.Base, "://")
	if e.Status == 0 {
		return e.Method + " at " + host
	}
	return fmt.Sprintf("%d to %s at %s", e.Status, e.Method, host)
}

func inProject(project string) string {
	if project == "" {
		return ""
	}
	return " in project " + project
}

// secrets are what Google's access tokens and any JWT look like. Google does not
// send them back; a proxy might.
var secrets = regexp.MustCompile(`ya29\.[\w.~+/-]+=*|\bey[\w-]+\.[\w-]+\.[\w-]*`)

const longestMessage = 600 // bytes; the longest message of Google's that helps has some 400

// oneLine makes foreign text fit for an error: no line breaks, no control
// characters that a terminal would obey, nothing that looks like a token, not
// endless.
func oneLine(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "?"), func(r rune) bool {
		return r <= ' ' || r >= 0x7f && r < 0xa0
	}), " ")
	s = secrets.ReplaceAllLiteralString(s, redacted)
	if len(s) <= longestMessage {
		return s
	}
	cut := longestMessage
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
