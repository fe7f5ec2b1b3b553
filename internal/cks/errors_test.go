package cks

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wifctl/wifctl/internal/cks/ckstest"
)

func TestErrorBodiesOfEveryPlausibleForm(t *testing.T) {
	tests := map[string]struct {
		body, code, message string
	}{
		"google.rpc.Status":            {`{"code":16,"message":"bad token","details":[{"@type":"x"}]}`, "16", "bad token"},
		"google.rpc.Status in words":   {`{"code":"UNAUTHENTICATED","message":"bad token"}`, "UNAUTHENTICATED", "bad token"},
		"Connect":                      {`{"code":"unauthenticated","message":"bad token"}`, "unauthenticated", "bad token"},
		"Connect without a message":    {`{"code":"unauthenticated"}`, "unauthenticated", ""},
		"Google's envelope":            {`{"error":{"code":401,"message":"bad token","status":"UNAUTHENTICATED"}}`, "401", "bad token"},
		"an envelope in an envelope":   {`{"error":{"error":{"code":1,"message":"deep"}}}`, "", `{"error":{"code":1,"message":"deep"}}`},
		"an error in words":            {`{"error":"bad token"}`, "", "bad token"},
		"plain text":                   {"bad token\n", "", "bad token"},
		"a web page":                   {"<!DOCTYPE html>\n<title>502</title>", "", "the answer is a web page, not the API's"},
		"nothing":                      {"", "", ""},
		"another object":               {`{"detail":"bad token"}`, "", `{"detail":"bad token"}`},
		"a code that is no scalar":     {`{"code":{"n":1},"message":"bad token"}`, "", "bad token"},
		"a message that is no string":  {`{"code":16,"message":["bad"]}`, "", `{"code":16,"message":["bad"]}`},
		"null":                         {`null`, "", "null"},
		"control characters are taken": {"\x1b[31mbad\x00\r\ntoken\u009b", "", "[31mbad token"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := &ckstest.Server{}
			s.Inject(ckstest.Fault{Status: http.StatusUnauthorized, Body: tt.body})
			c, _ := newClient(t, s)
			_, err := c.List(t.Context())
			var ae *APIError
			if !errors.As(err, &ae) {
				t.Fatalf("got %v, want an APIError", err)
			}
			want := APIError{Op: "list clusters", Status: 401, Code: tt.code, Message: tt.message, Kind: KindUnauthenticated}
			if diff := cmp.Diff(want, *ae, cmpopts.IgnoreUnexported(APIError{})); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStandInErrorsHaveTheirKinds(t *testing.T) {
	list := func(c *Client, t *testing.T) error { _, err := c.List(t.Context()); return err }
	one := func(c *Client, t *testing.T) error { _, err := c.Cluster(t.Context(), otherID); return err }
	tests := map[string]struct {
		server *ckstest.Server
		fault  *ckstest.Fault
		call   func(*Client, *testing.T) error
		kind   Kind
		hinted bool
	}{
		"a token of nobody":                    {&ckstest.Server{Token: "x"}, nil, list, KindUnauthenticated, true},
		"a token of nobody, Connect form":      {&ckstest.Server{Token: "x", Errors: ckstest.ErrorsConnect}, nil, list, KindUnauthenticated, true},
		"a token of nobody, plain form":        {&ckstest.Server{Token: "x", Errors: ckstest.ErrorsPlain}, nil, list, KindUnauthenticated, true},
		"a token that may not list":            {&ckstest.Server{}, &ckstest.Fault{Status: 403}, list, KindNotAllowed, true},
		"an id of nobody":                      {&ckstest.Server{}, nil, one, KindNotFound, true},
		"an id of somebody else":               {&ckstest.Server{UnknownStatus: 403}, nil, one, KindNotFound, true},
		"a list that does not exist":           {&ckstest.Server{}, &ckstest.Fault{Status: 404}, list, KindOther, false},
		"too many requests":                    {&ckstest.Server{}, &ckstest.Fault{Status: 429}, list, KindRateLimited, true},
		"out of order":                         {&ckstest.Server{}, &ckstest.Fault{Status: 500}, list, KindUnavailable, false},
		"a success that is none of ours":       {&ckstest.Server{}, &ckstest.Fault{Status: 204}, list, KindOther, false},
		"a redirect":                           {&ckstest.Server{}, &ckstest.Fault{Status: 302, Location: "https://evil.example/"}, list, KindOther, false},
		"an answer that is not JSON":           {&ckstest.Server{}, &ckstest.Fault{Body: "<html>"}, list, KindOther, false},
		"an answer of nothing":                 {&ckstest.Server{}, &ckstest.Fault{}, list, KindOther, false},
		"an answer of null":                    {&ckstest.Server{}, &ckstest.Fault{Body: "null"}, list, KindOther, false},
		"an answer about something else":       {&ckstest.Server{}, &ckstest.Fault{Body: `{"pets":[]}`}, list, KindOther, false},
		"one cluster: null":                    {&ckstest.Server{}, &ckstest.Fault{Body: "null"}, one, KindOther, false},
		"one cluster: no id":                   {&ckstest.Server{}, &ckstest.Fault{Body: `{"cluster":{"name":"x"}}`}, one, KindOther, false},
		"one cluster: an empty object":         {&ckstest.Server{}, &ckstest.Fault{Body: `{}`}, one, KindOther, false},
		"one cluster: another one than wanted": {&ckstest.Server{}, &ckstest.Fault{Body: `{"cluster":{"id":"` + prodID + `"}}`}, one, KindOther, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if tt.fault != nil {
					tt.server.Inject(*tt.fault)
				}
				c, calls := newClient(t, tt.server)
				err := tt.call(c, t)
				var ae *APIError
				if !errors.As(err, &ae) || ae.Kind != tt.kind {
					t.Fatalf("got %v, want kind %q", err, tt.kind)
				}
				if hinted := ae.Hint() != ""; hinted != tt.hinted {
					t.Errorf("hint: got %q, want one: %v", ae.Hint(), tt.hinted)
				}
				for _, call := range calls() {
					if call.Host != "api.coreweave.com" {
						t.Errorf("a request went to %s", call.Host)
					}
				}
			})
		})
	}
}

func TestClusterRefusesWhatCannotBeAnID(t *testing.T) {
	for _, id := range []string{"", ".", "..", "a/b", "../../x"} {
		c, calls := newClient(t, &ckstest.Server{})
		if _, err := c.Cluster(t.Context(), id); err == nil || len(calls()) != 0 {
			t.Errorf("id %q: got %v after %d requests, want an error and no request", id, err, len(calls()))
		}
	}
}

func TestAnOddIDStaysOneSegmentOfThePath(t *testing.T) {
	for _, id := range []string{"a?b", "a#b", "a%2fb", "a%zz", "a b", "ä"} {
		s := &ckstest.Server{Clusters: []ckstest.Cluster{ckstest.NewCluster(id, "odd", "Z")}}
		c, _ := newClient(t, s)
		if cl, err := c.Cluster(t.Context(), id); err != nil || cl.ID != id {
			t.Errorf("id %q: got %+v, %v", id, cl, err)
		}
	}
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestTheTokenIsInNoError(t *testing.T) {
	const token = "CW-SECRET-a+b/c=="
	echo := func(f ckstest.Fault) http.RoundTripper {
		s := &ckstest.Server{}
		f.EchoToken = true
		s.Inject(f)
		return ckstest.Transport(s)
	}
	tests := map[string]http.RoundTripper{
		"echoed as text":             echo(ckstest.Fault{Status: 400, Body: "you sent "}),
		"echoed and cut":             echo(ckstest.Fault{Status: 400, Body: strings.Repeat("x", 290)}),
		"echoed as a code":           echo(ckstest.Fault{Status: 401, Body: `{"code":"` + token + `","message":"` + token + `"}`}),
		"echoed in JSON":             echo(ckstest.Fault{Status: 400, Body: `{"code":"` + token + `","message":"m"}`}),
		"echoed in a redirect":       echo(ckstest.Fault{Status: 302, Location: "https://evil.example/" + token + "?t=CW-SECRET-a%2Bb%2Fc%3D%3D"}),
		"in the transport's error":   failing{errors.New("proxy refused Bearer " + token)},
		"wrapped in the transport's": failing{fmt.Errorf("proxy: %w", errors.New("refused Bearer "+token))},
		"in an id":                   echo(ckstest.Fault{Body: `{"items":[{"id":7,"name":"` + token + `"}]}`}),
	}
	for name, rt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, err := New(Options{Token: token, HTTP: &http.Client{Transport: rt}})
				if err != nil {
					t.Fatal(err)
				}
				_, err = c.List(t.Context())
				if err == nil {
					t.Fatal("no error")
				}
				for e := err; e != nil; e = errors.Unwrap(e) {
					if text := fmt.Sprintf("%v %+v %#v", e, e, e); strings.Contains(text, "SECRET") {
						t.Errorf("%T shows the token: %s", e, text)
					}
				}
			})
		})
	}
}
