package emulator

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/wifctl/wifctl/internal/gcp/discoverytest"
)

const operatorToken = "operator-token-of-the-tests"

// cloud is a running server and its base URL.
type cloud struct {
	*Server
	url string
}

// start runs a server with one project, acme-prod, number 100200300400, unless
// the options say otherwise. All that is said to it is held to Google's documents.
func start(t *testing.T, o Options) *cloud {
	t.Helper()
	if o.Projects == nil {
		o.Projects = []Project{{ID: "acme-prod", Number: "100200300400"}}
	}
	o.OperatorToken = operatorToken
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewServer(discoverytest.Watch(t, s))
	t.Cleanup(ts.Close)
	return &cloud{s, ts.URL}
}

// reply is an answer with its JSON body, if it is one.
type reply struct {
	status int
	text   string
	json   map[string]any
}

// do sends a request as the operator: "POST /v1/..." and a JSON body or "".
func (c *cloud) do(t *testing.T, request, body string) reply {
	t.Helper()
	return c.as(t, operatorToken, request, body)
}

func (c *cloud) as(t *testing.T, token, request, body string) reply {
	t.Helper()
	verb, path, _ := strings.Cut(request, " ")
	req, err := http.NewRequestWithContext(t.Context(), verb, c.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := reply{status: resp.StatusCode, text: string(b)}
	_ = json.Unmarshal(b, &r.json) // not JSON: a test that reads it will say so
	return r
}

// at walks the JSON body along keys and indices separated by dots, as in
// error.details.0.reason; missing is nil.
func (r reply) at(path string) any {
	var v any = r.json
	for key := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

func TestOptionsThatCannotBeMet(t *testing.T) {
	tests := []struct {
		name    string
		options Options
		wrong   string
	}{
		{"a project without an id", Options{Projects: []Project{{Number: "1"}}}, "want an id of 6 to 30"},
		{"a number with letters", Options{Projects: []Project{{ID: "acme-a", Number: "b"}}}, "and a number of digits"},
		{"a project with capitals", Options{Projects: []Project{{ID: "Acme-a"}}}, "want an id of 6 to 30"},
		{"a project of five letters", Options{Projects: []Project{{ID: "acmea"}}}, "want an id of 6 to 30"},
		{"one id twice", Options{Projects: []Project{{ID: "acme-a"}, {ID: "acme-a"}}}, "named twice"},
		{"one number twice", Options{Projects: []Project{{"acme-a", "1"}, {"acme-b", "1"}}}, "named twice"},
		{"an operator with a role unknown here", Options{OperatorToken: "t", OperatorRoles: []string{"roles/boss"}}, `operator role "roles/boss"`},
		{"an operator with a permission unknown here", Options{OperatorToken: "t", OperatorPermissions: []string{"iam.serviceAccounts.gte"}}, `operator permission "iam.serviceAccounts.gte"`},
		{"a role of Google's that can be none", Options{OtherRoles: []string{"container.admin"}}, `other role "container.admin"`},
		{"an operator with roles and permissions", Options{OperatorToken: "t", OperatorRoles: []string{"roles/owner"}, OperatorPermissions: []string{"iam.serviceAccounts.get"}}, "not both"},
		{"one bucket twice", Options{Buckets: []string{"acme-data", "acme-data"}}, `bucket "acme-data"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := New(tt.options); err == nil || !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("got %v, want an error with %q", err, tt.wrong)
			}
		})
	}
}

func TestTheZeroOptionsAreAProject(t *testing.T) {
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p := s.State().Projects; len(p) != 1 || p[0].ID != "demo-project" || p[0].Number != "123456789012" {
		t.Errorf("got %+v", p)
	}
}

func TestUnknownRoutesAreRefusedLoudly(t *testing.T) {
	c := start(t, Options{})
	for _, request := range []string{
		"GET /v1/projects/acme-prod/roles",
		"PUT /v1/projects/acme-prod",
		"POST /v1/projects/-/serviceAccounts/a@b:signBlob",
		"GET /v2/projects/acme-prod",
	} {
		r := c.do(t, request, "")
		verb, path, _ := strings.Cut(request, " ")
		want := verb + " " + path + ": the emulator does not model this; see docs/emulator.md"
		if r.status != http.StatusMethodNotAllowed || r.at("error.message") != want {
			t.Errorf("%s: got %d %q, want 405 %q", request, r.status, r.at("error.message"), want)
		}
	}
}
