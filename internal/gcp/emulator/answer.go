package emulator

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"strconv"
)

// form is how a family of APIs writes its errors.
type form int

const (
	formGoogle  form = iota // {"error":{code,message,status,details}}
	formAccount             // the same with the older errors[], as IAM does for service accounts
	formStorage             // {"error":{code,message,errors}}: no status
	formXML                 // <Error><Code>..., Cloud Storage's XML API
	formMedia               // the message and nothing else: a download by Cloud Storage's JSON API
)

// answer is a finished HTTP response. A handler that returns one decides
// everything; any other value is written as JSON with status 200.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func newAnswer(status int, contentType string, body []byte) *answer {
	a := &answer{status: status, header: http.Header{}, body: body}
	if contentType != "" {
		a.header.Set("Content-Type", contentType)
	}
	return a
}

func jsonAnswer(status int, v any) *answer {
	if v == nil {
		v = struct{}{}
	}
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return newAnswer(http.StatusInternalServerError, "text/plain", []byte(err.Error()))
	}
	return newAnswer(status, "application/json; charset=UTF-8", append(b, '\n'))
}

// write sends the answer with the headers Google's front end adds.
func (a *answer) write(w http.ResponseWriter) {
	h := w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	h.Set("Server", "ESF")
	h["Vary"] = []string{"Origin", "X-Origin", "Referer"}
	if a.status != http.StatusNoContent && h.Get("Content-Length") == "" {
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that went away is not our error
}

// errorAnswer writes err as the API behind f would. Anything that is not one of
// our refusals is a bug here and answers 500.
func errorAnswer(f form, err error) *answer {
	err = worded(err)
	var exchange *exchangeError
	if errors.As(err, &exchange) {
		return jsonAnswer(exchange.HTTPStatus, exchange)
	}
	var refusal *apiError
	if !errors.As(err, &refusal) {
		refusal = newError(http.StatusInternalServerError, "emulator: %v", err)
	}
	switch f {
	case formXML:
		return xmlError(refusal)
	case formMedia:
		return newAnswer(refusal.code, "text/html; charset=UTF-8", []byte(refusal.message))
	}
	return jsonAnswer(refusal.code, envelope{Error: refusal.body(f)})
}

// envelope is the JSON around every error
// (cloud.google.com/apis/design/errors#http_mapping).
type envelope struct {
	Error errorBody `json:"error"`
}

type errorBody struct {
	Code    int         `json:"code"`
	Message string      `json:"message"`
	Errors  []errorItem `json:"errors,omitempty"`
	Status  string      `json:"status,omitempty"`
	Details []any       `json:"details,omitempty"`
}

type errorItem struct {
	Message      string `json:"message"`
	Domain       string `json:"domain"`
	Reason       string `json:"reason"`
	LocationType string `json:"locationType,omitempty"`
	Location     string `json:"location,omitempty"`
}

func (e *apiError) body(f form) errorBody {
	b := errorBody{Code: e.code, Message: e.message, Status: e.status, Details: e.details}
	if f == formAccount || f == formStorage || e.listed {
		b.Errors = []errorItem{{e.message, "global", e.reason, e.locationType, e.location}}
	}
	if f == formStorage {
		b.Status = ""
	}
	return b
}

// xmlError is an error of Cloud Storage's XML API
// (docs.cloud.google.com/storage/docs/xml-api/reference-status).
func xmlError(e *apiError) *answer {
	codes := map[int]string{
		400: "InvalidArgument", 401: "AuthenticationRequired", 403: "AccessDenied", 404: "NoSuchKey", 405: "MethodNotAllowed",
		412: "PreconditionFailed", 416: "InvalidRange", 429: "SlowDown", 503: "ServiceUnavailable",
	}
	code := codes[e.code]
	if code == "" {
		code = "InternalError"
	}
	if e.reason == "noSuchBucket" {
		code = "NoSuchBucket"
	}
	b, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: code, Message: e.message})
	if err != nil {
		return newAnswer(http.StatusInternalServerError, "text/plain", []byte(err.Error()))
	}
	return newAnswer(e.code, "application/xml; charset=UTF-8", append([]byte(xml.Header), b...))
}
