package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-jose/go-jose/v4"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// maxBody is a real server's bound on a request's body.
const maxBody = 3 << 20

// call is one request.
type call struct {
	s     *Server
	r     *http.Request
	w     *recorder
	info  info
	query url.Values
	user  identity
	body  []byte
	form  form // that the answer is wanted in
}

// answer is what a request is answered with.
type answer struct {
	status int
	value  any
}

func ok(value any) (*answer, error)      { return &answer{http.StatusOK, value}, nil }
func created(value any) (*answer, error) { return &answer{http.StatusCreated, value}, nil }

// keySet is a JWKS, which has a media type of its own.
type keySet struct{ jose.JSONWebKeySet }

// serve answers the request.
func (c *call) serve() {
	c.info, c.query = routeOf(c.r), c.r.URL.Query()
	if c.servePublished() {
		return
	}
	a, err := c.answer()
	switch {
	case err != nil:
		c.fail(err)
	case a != nil:
		c.send(a.status, a.value)
	}
}

func (c *call) answer() (*answer, error) {
	var err error
	if c.body, err = readBody(c.r); err != nil {
		return nil, err
	}
	if c.form, err = formOf(c.r.Header.Get("Accept")); err != nil && c.info.path == "" {
		return nil, err
	}
	if c.info.verb == "watch" {
		return nil, c.watch() // it takes the lock for moments only
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if err := c.authorize(); err != nil {
		return nil, err
	}
	if c.info.path != "" {
		return c.plain()
	}
	return c.resource()
}

// authorize finds out who asks, and whether they may.
func (c *call) authorize() (err error) {
	if c.user, err = c.s.authenticate(c.r, c.info.attributes); err != nil {
		return err
	}
	if !c.user.allows(c.info.attributes) {
		return forbidden(c.user, c.info.attributes)
	}
	return nil
}

// resource answers about objects.
func (c *call) resource() (*answer, error) {
	switch {
	case c.info.version != "v1":
		return nil, c.unmodelled()
	case c.info.group != "":
		return c.review()
	case c.info.resource == "serviceaccounts" && c.info.subresource == "token" && c.info.verb == "create":
		return c.token()
	case c.info.subresource != "":
		return nil, c.unmodelled()
	case none[c.info.resource] != "" && c.info.verb == "list":
		return ok(emptyList(none[c.info.resource], c.s.store.current()))
	}
	k := kindOf(c.info.resource)
	if k == nil || k.namespaced != (c.info.namespace != "") && k.namespaced && c.info.verb != "list" {
		return nil, c.unmodelled()
	}
	switch c.info.verb {
	case "get":
		return c.get(k)
	case "list":
		return c.list(k)
	case "create":
		return c.create(k)
	case "update":
		return c.update(k)
	case "patch":
		return c.patch(k)
	case "delete":
		return c.delete(k)
	}
	return nil, c.unmodelled()
}

// key names the object that the request is about.
func (c *call) key(k *kind) key {
	if !k.namespaced {
		return key{kind: k, name: c.info.name}
	}
	return key{kind: k, namespace: c.info.namespace, name: c.info.name}
}

// unmodelled refuses what a real server may know and this one does not. It is no 404,
// which a client would take for an object that is not there.
func (c *call) unmodelled() error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusNotImplemented, Reason: "NotModelled",
		Message: fmt.Sprintf("not modelled: %s %s: this is wifctl's emulator, which has %s, their tokens and access reviews", c.r.Method, c.r.URL.Path, "namespaces, serviceaccounts, configmaps"),
	}}
}

func notModelled(what string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusNotImplemented, Reason: "NotModelled", Message: "not modelled: " + what,
	}}
}

func readBody(r *http.Request) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	if len(b) > maxBody {
		return nil, apierrors.NewRequestEntityTooLargeError(fmt.Sprintf("limit is %d", maxBody))
	}
	return b, nil
}

// fail answers with the Status of an error.
func (c *call) fail(err error) {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		// As a real server answers what has no status of its own.
		status = &apierrors.StatusError{ErrStatus: metav1.Status{Status: metav1.StatusFailure, Code: http.StatusInternalServerError, Message: err.Error()}}
	}
	body := status.Status()
	body.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	c.form = form{}
	c.send(int(body.Code), &body)
}

// send writes an answer in the form that was asked for.
func (c *call) send(status int, value any) {
	if text, ok := value.(string); ok {
		c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		c.w.WriteHeader(status)
		_, _ = io.WriteString(c.w, text)
		return
	}
	raw, err := json.Marshal(c.form.shape(value))
	if err != nil {
		http.Error(c.w, err.Error(), http.StatusInternalServerError)
		return
	}
	c.w.Header().Set("Content-Type", mediaOf(value))
	c.w.WriteHeader(status)
	_, _ = c.w.Write(append(raw, '\n')) // the client may have gone
}

const keyMedia = "application/jwk-set+json"

func mediaOf(value any) string {
	if _, ok := value.(keySet); ok {
		return keyMedia
	}
	return "application/json"
}

// warn tells the client what does not keep us from doing as it says.
func (c *call) warn(texts ...string) {
	for _, t := range texts {
		c.w.Header().Add("Warning", fmt.Sprintf("299 - %q", strings.TrimSpace(t)))
	}
}
