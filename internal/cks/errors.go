package cks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// A Kind says what an answer of the CKS API means for the caller.
type Kind int

// The kinds of an [APIError].
const (
	KindOther           Kind = iota // anything we have no word for
	KindUnauthenticated             // 401: the token is wrong, expired or revoked
	KindNotAllowed                  // 403 on the list: the token may not read clusters
	KindNotFound                    // 404, or 403 for one id: no such cluster, or not for this token
	KindRateLimited                 // 429 and still so after the retries
	KindUnavailable                 // no answer, or 5xx, and still so after the retries
)

var kindNames = [...]string{"other", "unauthenticated", "not allowed", "not found", "rate limited", "unavailable"}

// String returns a few lower-case words.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return "other"
	}
	return kindNames[k]
}

// An APIError is an answer of the CKS API that was not the wanted one, or no
// answer at all (Status 0, Err set). No field ever holds the token.
type APIError struct {
	Op         string        // "list clusters"
	Status     int           // HTTP status; 0: there was no answer
	Code       string        // "16", "unauthenticated", "UNAUTHENTICATED": as sent, may be empty
	Message    string        // as sent, on one line, cut to 300 bytes
	Kind       Kind          //
	RetryAfter time.Duration // how long the server asked us to stay away
	Err        error         // what the transport or the parser said, if anything

	final bool // another attempt would end the same
}

// Error says what was asked and what came back.
func (e *APIError) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": %d %s", e.Status, http.StatusText(e.Status))
	}
	if e.Code != "" {
		fmt.Fprintf(&b, " (%s)", e.Code)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the transport's or parser's error.
func (e *APIError) Unwrap() error { return e.Err }

// Hint says what usually lies behind an error of this kind; it is empty where
// we don't know. The roles are those of
// https://docs.coreweave.com/security/iam/access-policies/legacy-permissions.
func (e *APIError) Hint() string {
	switch e.Kind {
	case KindUnauthenticated:
		return "the CoreWeave API token is wrong, expired or revoked; tokens are made at https://console.coreweave.com/tokens"
	case KindNotAllowed:
		return "the token's user may not read clusters (CKS Viewer or CKS Admin is needed), or the token has expired"
	case KindNotFound:
		return "no cluster has this id, or it belongs to another organization than the token's, or the token's user may not read clusters"
	case KindRateLimited:
		return "CoreWeave asks for fewer requests; try again in a minute"
	}
	return ""
}

// temporary reports whether the same request may be answered another time:
// what CoreWeave's own Terraform provider repeats.
func (e *APIError) temporary() bool {
	return !e.final && (e.Kind == KindRateLimited || e.Kind == KindUnavailable)
}

func (e *APIError) retryAfter() time.Duration { return e.RetryAfter }

func (c *Client) transportError(op string, err error) error {
	e := &APIError{Op: op, Kind: KindUnavailable, Err: c.scrubErr(err), final: isTLS(err)}
	if errors.Is(err, errTooLarge) {
		e.Kind = KindOther
	}
	return e
}

func (c *Client) statusError(op string, resp *http.Response, body []byte) error {
	e := &APIError{Op: op, Status: resp.StatusCode, Kind: kindOf(resp.StatusCode)}
	e.final = e.Status == http.StatusNotImplemented
	e.Code, e.Message = parseErrorBody(body)
	e.Code, e.Message = oneLine(c.scrub(e.Code), 60), oneLine(c.scrub(e.Message), 300)
	e.RetryAfter = parseRetryAfter(resp.Header.Get("Retry-After"), time.Now())
	if loc, err := resp.Location(); err == nil && resp.StatusCode/100 == 3 {
		e.Message = "redirected to " + oneLine(c.scrub(loc.Redacted()), 200) + ", which is not followed: a token would go there"
	}
	return e
}

func kindOf(status int) Kind {
	switch {
	case status == http.StatusUnauthorized:
		return KindUnauthenticated
	case status == http.StatusForbidden:
		return KindNotAllowed
	case status == http.StatusNotFound:
		return KindNotFound
	case status == http.StatusTooManyRequests:
		return KindRateLimited
	case status >= 500:
		return KindUnavailable
	}
	return KindOther
}

// parseErrorBody reads the forms that are plausible for an undocumented body:
// google.rpc.Status ({"code":16,"message":…}), Google's envelope
// ({"error":{…}}), Connect ({"code":"not_found",…}), {"error":"text"}, plain text.
// One envelope is opened and no more: every one costs a reading of the rest.
func parseErrorBody(body []byte) (code, message string) {
	var f errorForm
	if json.Unmarshal(body, &f) != nil {
		return "", plainText(body)
	}
	var inner errorForm
	if len(f.Error) > 0 && f.Error[0] == '{' && json.Unmarshal(f.Error, &inner) == nil {
		f, body = inner, f.Error
	}
	if f.Message == "" && len(f.Error) > 0 && json.Unmarshal(f.Error, &f.Message) == nil {
		return scalar(f.Code), f.Message
	}
	if f.Message == "" && len(f.Code) == 0 {
		return "", plainText(body)
	}
	return scalar(f.Code), f.Message
}

// errorForm is an error body; Error is an envelope or a text.
type errorForm struct {
	Code    json.RawMessage `json:"code"`
	Message string          `json:"message"`
	Error   json.RawMessage `json:"error"`
}

// plainText leaves out pages written for browsers: their first line says nothing.
func plainText(body []byte) string {
	s := strings.TrimSpace(string(body))
	if strings.HasPrefix(s, "<") {
		return "the answer is a web page, not the API's"
	}
	return s
}

// scalar returns a JSON string or number as text, anything else as nothing.
func scalar(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return n.String()
	}
	return ""
}

// scrub takes the token out of text that came from outside: a server or a
// proxy may echo the request.
func (c *Client) scrub(s string) string {
	const mark = "[token]"
	return strings.NewReplacer(
		c.token, mark, url.QueryEscape(c.token), mark, url.PathEscape(c.token), mark,
	).Replace(s)
}

// scrubErr keeps the chain of an error unless its text holds the token; then
// only the context's sentinels survive.
func (c *Client) scrubErr(err error) error {
	text := err.Error()
	clean := c.scrub(text)
	if clean == text {
		return err
	}
	for _, sentinel := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, sentinel) {
			return fmt.Errorf("%s: %w", oneLine(clean, 300), sentinel)
		}
	}
	return errors.New(oneLine(clean, 300))
}

// oneLine makes foreign text fit for an error: no line breaks, no control
// characters that a terminal would obey, at most limit bytes.
func oneLine(s string, limit int) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "?"), func(r rune) bool {
		return r <= ' ' || r >= 0x7f && r < 0xa0
	}), " ")
	if len(s) <= limit {
		return s
	}
	cut := limit
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
