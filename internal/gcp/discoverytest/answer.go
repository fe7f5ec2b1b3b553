package discoverytest

import (
	"encoding/json"
	"encoding/xml"
	"mime"
	"net/http"
	"slices"
	"strconv"
)

// answer checks what came back from a method.
func (c *checker) answer(p pattern, x *exchange) {
	switch {
	case x.status >= 400:
		c.refusal(p.api, x)
	case !slices.Contains(successes, x.status):
		c.reportf("answer: %d, which no method of Google's answers", x.status)
	case x.status == http.StatusNoContent || x.status >= 300:
		if len(x.got) > 0 {
			c.reportf("answer: %d with a body", x.status)
		}
	case x.url.Query().Get("alt") == "media" || x.startsUpload() || x.verb == http.MethodHead:
		// content, or no more than the address of an upload session
	case p.Response == nil:
		if len(x.got) > 0 {
			c.reportf("answer: a body, want none")
		}
	default:
		c.json(x)
		if v, ok := c.message(p.Response, x.got, "answer").(map[string]any); ok {
			c.complete(p.ID, v, "answer")
		}
	}
}

// successes are the statuses without an error: 204 for a deletion at Cloud Storage, 206
// for a part of an object, 304 for one that is the same still, 308 for a part of an upload.
var successes = []int{http.StatusOK, http.StatusNoContent, http.StatusPartialContent, http.StatusNotModified, http.StatusPermanentRedirect}

func (c *checker) json(x *exchange) {
	if kind, _, _ := mime.ParseMediaType(x.answerType); kind != "application/json" {
		c.reportf("answer: %q, want application/json", kind)
	}
}

// refusal checks an error: OAuth's form from the token service, else Google's envelope
// (https://docs.cloud.google.com/apis/design/errors#http_mapping). The token service may
// use the envelope too, for what goes wrong before an exchange.
func (c *checker) refusal(api string, x *exchange) {
	if x.verb == http.MethodHead {
		return
	}
	v, err := parse(x.got)
	if err != nil {
		c.reportf("answer: %d without an envelope: not JSON", x.status)
		return
	}
	c.json(x)
	body, _ := v.(map[string]any)
	if api == "sts" {
		if _, ok := body["error"].(string); ok {
			c.value(oauthError, v, "answer")
			c.complete(oauthRefusal, body, "answer")
			return
		}
	}
	e, ok := body["error"].(map[string]any)
	if !ok {
		c.reportf("answer: %d without an envelope", x.status)
		return
	}
	c.value(envelope, v, "answer")
	c.completeRefusal(api, x.status, e)
}

// completeRefusal wants what every envelope has. Storage has the older list of errors and
// no status (https://docs.cloud.google.com/storage/docs/json_api/v1/status-codes); the
// others have a status.
func (c *checker) completeRefusal(api string, status int, e map[string]any) {
	if code, _ := e["code"].(json.Number); code.String() != strconv.Itoa(status) {
		c.reportf("answer.error.code: not the HTTP status, which is %d", status)
	}
	if message, _ := e["message"].(string); message == "" {
		c.reportf("answer.error.message: missing")
	}
	wanted, unwanted := "status", ""
	if api == "storage" {
		wanted, unwanted = "errors", "status"
	}
	if e[wanted] == nil {
		c.reportf("answer.error.%s: missing", wanted)
	}
	if e[unwanted] != nil {
		c.reportf("answer.error.%s: not in an answer of %s", unwanted, api)
	}
	details, _ := e["details"].([]any)
	for _, d := range details {
		if m, ok := d.(map[string]any); ok && m["@type"] == nil {
			c.reportf("answer.error.details[].@type: missing")
		}
	}
}

// xmlRefusal checks an error of the XML API
// (https://docs.cloud.google.com/storage/docs/xml-api/reference-status).
func (c *checker) xmlRefusal(x *exchange) {
	if x.status < 400 || x.verb == http.MethodHead {
		return
	}
	var e struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}
	if err := xml.Unmarshal(x.got, &e); err != nil || e.Code == "" || e.Message == "" {
		c.reportf("answer: %d without an XML error", x.status)
	}
}

// The forms of refusals are in no discovery document.
var (
	oauthError = objectOf(map[string]schema{
		"error": {Type: "string", Enum: oauthCodes()}, "error_description": {Type: "string"}, "error_uri": {Type: "string"},
	})
	envelope = objectOf(map[string]schema{"error": objectOf(map[string]schema{
		"code": {Type: "integer", Format: "int32"}, "message": {Type: "string"},
		"status":  {Type: "string", Enum: codes()},
		"details": {Type: "array", Items: &schema{Type: "object", Other: &schema{Type: "any"}}},
		"errors": {Type: "array", Items: new(objectOf(map[string]schema{
			"message": {Type: "string"}, "domain": {Type: "string"}, "reason": {Type: "string"},
			"location": {Type: "string"}, "locationType": {Type: "string"},
		}))},
	})})
)

func objectOf(properties map[string]schema) schema {
	return schema{Type: "object", Properties: properties}
}

// oauthCodes are the errors of OAuth (RFC 6749, sections 4.1.2.1 and 5.2; RFC 8693, section
// 2.2.2) and Google's for a throttled exchange.
func oauthCodes() []string {
	return []string{
		"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
		"access_denied", "unsupported_response_type", "server_error", "temporarily_unavailable", "invalid_target", "quota_exceeded",
	}
}

// codes are the names of google.rpc.Code, and what stands for a status without one.
func codes() []string {
	return []string{
		"CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
		"UNAUTHENTICATED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL",
		"UNAVAILABLE", "DATA_LOSS",
	}
}
