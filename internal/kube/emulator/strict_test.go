package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wifctl/wifctl/internal/kube/emulator"
)

// ask asks a server without a network, as its first user.
func ask(s *emulator.Server, method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+s.Users()[0].Token)
	r.Header.Set("Content-Type", "application/json")
	s.ServeHTTP(w, r)
	return w
}

// The zero value of Options is a cluster.
func zero(t *testing.T) *emulator.Server {
	t.Helper()
	s, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What a real server may know and this one does not is refused in a way that no client
// takes for an object that is not there.
func TestWhatIsNotModelledIsRefusedLoudly(t *testing.T) {
	s := zero(t)
	for _, request := range []string{
		"GET /api/v1/pods", "GET /api/v1/namespaces/default/secrets/x", "POST /api/v1/namespaces/default/events",
		"GET /apis/apps/v1/namespaces/default/deployments", "GET /apis/apps/v1", "GET /metrics", "GET /nonsense",
		"PUT /api/v1/namespaces/default/finalize", "GET /api/v1/namespaces/default/status",
		"DELETE /api/v1/namespaces/default/configmaps", "GET /api/v1/configmaps/x", "POST /api/v1/configmaps",
		"POST /apis/authorization.k8s.io/v1/subjectaccessreviews", "POST /apis/authentication.k8s.io/v1/tokenreviews",
		"GET /api/v2/namespaces", "GET /api/v1/configmaps?continue=x", "POST /version", "GET /api/v1/pods?watch=true",
		"GET /api/v1/namespaces/default/serviceaccounts/default/token",
	} {
		method, path, _ := strings.Cut(request, " ")
		w := ask(s, method, path, "{}")
		if w.Code != http.StatusNotImplemented || !strings.Contains(w.Body.String(), "not modelled") {
			t.Errorf("%s: got %d %s", request, w.Code, w.Body)
		}
	}
}

func TestTheZeroValueIsACluster(t *testing.T) {
	s := zero(t)
	if w := ask(s, "GET", "/api/v1/namespaces/kube-system", ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"phase":"Active"`) {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if w := ask(s, "POST", "/api/v1/namespaces/default/serviceaccounts/default/token", `{"spec":{"audiences":["x"]}}`); w.Code != http.StatusCreated {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if !s.Holds("serviceaccounts", "default", "default") || s.Holds("serviceaccounts", "default", "x") || s.Holds("pods", "default", "x") {
		t.Error("it does not know what it holds")
	}
}

// Only what changes something stored counts as a write, and no token is remembered.
func TestRequestsTellWritesFromQuestions(t *testing.T) {
	s := zero(t)
	for request, write := range map[string]bool{
		"GET /api/v1/namespaces/default ":                                                                            false,
		`POST /api/v1/namespaces/default/configmaps {"metadata":{"name":"a"}}`:                                       true,
		`POST /api/v1/namespaces/default/configmaps {"metadata":{"name":"B_"}}`:                                      false,
		`POST /api/v1/namespaces/default/configmaps?dryRun=All {"metadata":{"name":"c"}}`:                            false,
		`POST /api/v1/namespaces/default/serviceaccounts/default/token {"spec":{"audiences":["x"]}}`:                 false,
		`POST /apis/authentication.k8s.io/v1/selfsubjectreviews {}`:                                                  false,
		`POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews {"spec":{"resourceAttributes":{"verb":"get"}}}`: false,
	} {
		words := strings.SplitN(request, " ", 3)
		ask(s, words[0], words[1], words[2])
		all := s.Requests()
		if last := all[len(all)-1]; last.Write != write || last.User != "admin" {
			t.Errorf("%s: got %+v", request, last)
		}
	}
}

// Tokens expire, and so does what they let in, by the server's clock.
func TestATokenExpires(t *testing.T) {
	now := time.Now()
	s, err := emulator.New(emulator.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	w := ask(s, "POST", "/api/v1/namespaces/default/serviceaccounts/default/token", `{"spec":{"expirationSeconds":600}}`)
	_, rest, _ := strings.Cut(w.Body.String(), `"token":"`)
	token, _, _ := strings.Cut(rest, `"`)
	login := func() int {
		r := httptest.NewRequest("GET", "/api", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code
	}
	if got := login(); got != http.StatusOK {
		t.Errorf("fresh: got %d", got)
	}
	now = now.Add(10 * time.Minute)
	if got := login(); got != http.StatusUnauthorized {
		t.Errorf("expired: got %d", got)
	}
}
