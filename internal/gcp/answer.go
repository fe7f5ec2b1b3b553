package gcp

import (
	"bytes"
	"encoding/json"
	"net/http"

	"google.golang.org/api/googleapi"
)

// answer is an error as Google sends it: the envelope of its JSON APIs, with
// details in the newer ones and errors in the older ones, or OAuth's two words.
//
// https://cloud.google.com/apis/design/errors#http_mapping
type answer struct {
	status  int    // HTTP
	code    string // "PERMISSION_DENIED"; "" from Cloud Storage
	message string
	legacy  string // errors[0].reason: "conditionNotMet"
	details []detail
	oauth   string // "invalid_grant", from STS
	foreign bool   // no form of Google's: a web page, or a way elsewhere
}

// detail is the union of the messages in error.details
// (https://cloud.google.com/apis/design/errors#error_details).
type detail struct {
	Reason     string            `json:"reason"` // ErrorInfo
	Domain     string            `json:"domain"`
	Metadata   map[string]string `json:"metadata"`
	Violations []struct {        // PreconditionFailure
		Type        string `json:"type"`
		Description string `json:"description"`
	} `json:"violations"`
}

type envelope struct {
	Error struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Status  string `json:"status"`
		Errors  []struct {
			Reason string `json:"reason"`
		} `json:"errors"`
		Details []json.RawMessage `json:"details"`
	} `json:"error"`
}

// readAnswer reads the body itself: the library keeps neither the status word
// nor OAuth's form.
func readAnswer(g *googleapi.Error) answer {
	a := answer{status: g.Code, message: g.Message}
	body := bytes.TrimSpace([]byte(g.Body))
	if code, description := oauthError(body); code != "" {
		a.oauth, a.message = code, description
		return a
	}
	env, ok := readEnvelope(body)
	if !ok {
		page := bytes.HasPrefix(body, []byte("<"))
		a.foreign = page || g.Code < http.StatusBadRequest
		if a.message == "" && !page {
			a.message = string(body)
		}
		return a
	}
	a.code, a.message, a.details = env.Error.Status, env.Error.Message, readDetails(env.Error.Details)
	if len(env.Error.Errors) > 0 {
		a.legacy = env.Error.Errors[0].Reason
	}
	return a
}

// readEnvelope reads one envelope, which some APIs put into an array.
func readEnvelope(body []byte) (envelope, bool) {
	var one envelope
	if json.Unmarshal(body, &one) == nil && one.Error.Code != 0 {
		return one, true
	}
	var many []envelope
	if json.Unmarshal(body, &many) == nil && len(many) > 0 && many[0].Error.Code != 0 {
		return many[0], true
	}
	return envelope{}, false
}

// readDetails leaves out what it can't read: a detail only refines.
func readDetails(raw []json.RawMessage) []detail {
	var out []detail
	for _, r := range raw {
		var d detail
		if json.Unmarshal(r, &d) == nil {
			out = append(out, d)
		}
	}
	return out
}

// oauthError reads the two words of RFC 6749, section 5.2.
func oauthError(body []byte) (code, description string) {
	var o struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(body, &o) != nil {
		return "", ""
	}
	return o.Error, o.Description
}

// statusAnswer reads the error of a long-running operation, which has a
// google.rpc.Code in place of an HTTP status.
func statusAnswer(s *rpcStatus) answer {
	a := answer{status: http.StatusInternalServerError, code: "INTERNAL", message: s.Message, details: readDetails(s.Details)}
	if known, ok := rpcCode(s.Code); ok {
		a.status, a.code = known.status, known.word
	}
	return a
}

type codeName struct {
	status int
	word   string
}

// rpcCode is the table of
// https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto.
func rpcCode(code int) (codeName, bool) {
	known, ok := map[int]codeName{
		3:  {http.StatusBadRequest, "INVALID_ARGUMENT"},
		4:  {http.StatusGatewayTimeout, "DEADLINE_EXCEEDED"},
		5:  {http.StatusNotFound, "NOT_FOUND"},
		6:  {http.StatusConflict, "ALREADY_EXISTS"},
		7:  {http.StatusForbidden, "PERMISSION_DENIED"},
		8:  {http.StatusTooManyRequests, "RESOURCE_EXHAUSTED"},
		9:  {http.StatusBadRequest, "FAILED_PRECONDITION"},
		10: {http.StatusConflict, "ABORTED"},
		14: {http.StatusServiceUnavailable, "UNAVAILABLE"},
		16: {http.StatusUnauthorized, "UNAUTHENTICATED"},
	}[code]
	return known, ok
}
