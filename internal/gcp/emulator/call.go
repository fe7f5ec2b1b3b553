package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// What one request may carry, in bytes. maxMessage is what Google's front end says, to
// clients of other APIs of the kind (https://github.com/googleapis/google-cloud-go/issues/9479).
// maxBody is the emulator's own bound for Cloud Storage, where Google takes far more.
const (
	maxMessage = 10 << 20
	maxBody    = 64 << 20
)

// call is one request on its way through its handler. Unless the route is open
// the handler holds the server's lock, so it must not wait for anything.
type call struct {
	s      *Server
	r      *http.Request
	route  *route
	vars   map[string]string // of the path pattern, unescaped
	query  url.Values
	body   []byte
	caller *caller
	now    time.Time // one instant for the whole call
}

// readBody takes the body in before the lock is held.
func (c *call) readBody() error {
	limit := maxMessage
	if c.route.form == formStorage {
		limit = maxBody
	}
	b, err := io.ReadAll(io.LimitReader(c.r.Body, int64(limit)+1))
	switch {
	case err != nil:
		return invalidArgument("Request body could not be read: %v", err)
	case len(b) > maxBody:
		return newError(http.StatusRequestEntityTooLarge, "The emulator takes at most %d bytes at once.", maxBody)
	case len(b) > limit:
		return invalidArgument("Request payload size exceeds the limit: %d bytes.", limit)
	}
	c.body = b
	return nil
}

// decode fills v, a pointer to a struct, from the JSON body. An empty body is
// an empty message. A name that v has no field for is refused, spelled exactly:
// not modelled: the snake_case spelling Google takes as well.
func (c *call) decode(v any) error {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil
	}
	var loose any
	if err := json.Unmarshal(c.body, &loose); err != nil {
		return invalidArgument("Invalid JSON payload received. %v", err)
	}
	if loose == nil {
		return nil
	}
	if _, ok := loose.(map[string]any); !ok {
		return invalidArgument(`Invalid JSON payload received. Unknown name "": Root element must be a message.`)
	}
	if err := unknownName(loose, reflect.TypeOf(v), ""); err != nil {
		return err
	}
	if err := json.Unmarshal(c.body, v); err != nil {
		return wrongType(err, reflect.TypeOf(v).Elem())
	}
	return nil
}

// wrongType words a value of the wrong type as Google does, without an index in a list,
// and without the name of a struct that t embeds, which no client knows.
func wrongType(err error, t reflect.Type) error {
	var mismatch *json.UnmarshalTypeError
	if !errors.As(err, &mismatch) {
		return invalidArgument("Invalid value: %v", err)
	}
	want := map[reflect.Kind]string{reflect.String: "TYPE_STRING", reflect.Bool: "TYPE_BOOL", reflect.Int: "TYPE_INT32", reflect.Int64: "TYPE_INT64"}[mismatch.Type.Kind()]
	if want == "" {
		want = "a message, a list or a map"
	}
	path := mismatch.Field
	first, rest, _ := strings.Cut(path, ".")
	if f, ok := t.FieldByName(first); ok && f.Anonymous {
		path = rest
	}
	return invalidArgument("Invalid value at '%s' (%s), %s", path, want, mismatch.Value)
}

// flag is a boolean query parameter. Python clients write True and False.
func (c *call) flag(name string) bool {
	b, err := strconv.ParseBool(c.query.Get(name))
	return err == nil && b
}

// commonParams are the system parameters every Google API takes
// (cloud.google.com/apis/docs/system-parameters).
//
// not modelled: the parameter fields: an answer is always whole.
const commonParams = "alt prettyPrint fields key quotaUser uploadType userIp access_token oauth_token callback upload_protocol $.xgafv $alt $fields $prettyPrint $userProject"

// checkQuery refuses parameters the method does not have and booleans that are
// neither true nor false.
func (c *call) checkQuery() error {
	for name := range c.query {
		if containsWord(commonParams, name) || containsWord(c.route.query, name) {
			continue
		}
		return invalidArgument("Invalid JSON payload received. Unknown name %q: Cannot bind query parameter. Field '%s' could not be found in request message.", name, name)
	}
	for _, name := range []string{"prettyPrint", "showDeleted"} {
		if v := c.query.Get(name); v != "" {
			if _, err := strconv.ParseBool(v); err != nil {
				return invalidArgument("Invalid value at '%s' (TYPE_BOOL), %q", name, v)
			}
		}
	}
	return nil
}

// pageOf cuts one page of n items. It returns the bounds and the next token,
// which is simply the next index.
func (c *call) pageOf(n, defaultSize, maxSize int) (from, to int, next string, err error) {
	size := defaultSize
	if v := c.query.Get("pageSize"); v != "" {
		if size, err = strconv.Atoi(v); err != nil || size < 0 {
			return 0, 0, "", invalidArgument("Invalid value at 'page_size' (TYPE_INT32), %q", v)
		}
	}
	if size == 0 {
		size = defaultSize
	}
	if v := c.query.Get("pageToken"); v != "" {
		if from, err = strconv.Atoi(v); err != nil || from < 0 || from > n {
			return 0, 0, "", invalidArgument("Request contains an invalid argument: page_token %q", v)
		}
	}
	to = min(from+min(size, maxSize), n)
	if to < n {
		next = strconv.Itoa(to)
	}
	return from, to, next, nil
}

func containsWord(list, word string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}
