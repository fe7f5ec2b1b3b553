package gcp

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Where nothing was answered that says anything of what was asked, an error tells what was
// asked of whom: it is all that there is to go by. The libraries keep neither.

// askedHeader is on every answer as the libraries see it, and never on the wire.
const askedHeader = "X-Wifctl-Asked"

// markAsked writes onto an answer which request it is for: of an answer that they make an
// error of, Google's libraries keep the headers.
func markAsked(resp *http.Response, req *http.Request) {
	resp.Header.Set(askedHeader, req.Method+" "+req.URL.String())
}

// ask notes in e what was asked of whom: a verb and a URL.
func (e *Error) ask(verb, address string) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return
	}
	verb = strings.ToUpper(verb)
	e.Method, e.Base = methodOf(&http.Request{Method: verb, URL: u}).id, u.Scheme+"://"+u.Host
	if e.Method == "" {
		e.Method = verb + " " + u.EscapedPath()
	}
}

// askIn is ask for the request in an error of net/http.
func (e *Error) askIn(err error) {
	if u, ok := errors.AsType[*url.Error](err); ok {
		e.ask(u.Op, u.URL)
	}
}

// errNotJSON is an answer that says yes and is none of Google's: a page of a proxy, or of
// the portal of a network.
var errNotJSON = errors.New("the answer is no JSON")

// wellFormed reports whether the body of an answer that says yes can be one of Google's. All
// are JSON but the contents of objects.
func wellFormed(req *http.Request, resp *http.Response, body []byte) bool {
	return resp.StatusCode >= 300 || req.URL.Query().Get("alt") == "media" || json.Valid(body)
}

// unreadable reports whether an answer came that is none of Google's.
func unreadable(err error) bool {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, other := errors.AsType[*json.UnmarshalTypeError](err)
	return errors.Is(err, errNotJSON) || syntax || other
}

// Unanswered reports whether err says nothing of what was asked about: nobody answered, or
// somebody else, or only that there is no answer now.
func Unanswered(err error) bool {
	switch ReasonOf(err) {
	case Unavailable, Unreachable, RateLimited, NotGoogle, TimedOut:
		return true
	default:
		return false
	}
}
