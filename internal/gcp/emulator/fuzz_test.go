package emulator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzSetPolicy writes policies: whatever is taken can be read back, and a second write
// with the etag of the first is taken too, or refused for its size.
func FuzzSetPolicy(f *testing.F) {
	s := fuzzedServer(f)
	for _, policy := range []string{
		`{"policy":{"bindings":[` + binding("roles/viewer", "user:ann@acme.example") + `]}}`,
		`{"policy":{"version":3,"bindings":[{"role":"roles/viewer","members":["allUsers"],"condition":{"expression":"true","title":"t"}}]}}`,
		`{"policy":{"bindings":[{"role":"roles/viewer","members":["serviceAccount:acme-prod.svc.id.goog[foo/bar]","deleted:user:a@b.c?uid=1"]}],"etag":"ACAB"}}`,
		`{"policy":{"bindings":[{"members":["principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/attribute.a/b"]}]}}`,
		`{"policy":{"auditConfigs":[{"service":"allServices"}]},"updateMask":"bindings"}`,
	} {
		f.Add(policy)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, path := range []string{"/v1/projects/acme-prod", "/v1/projects/acme-prod/serviceAccounts/reader@acme-prod.iam.gserviceaccount.com"} {
			wrote := asOperator(s, request(http.MethodPost, path+":setIamPolicy", body))
			if wrote.Code >= 500 {
				t.Errorf("%s: got %d %s", path, wrote.Code, wrote.Body)
			}
			// The operator's own binding may be gone: it is given back for the next round.
			s.projects[0].policy.add(s, "roles/owner", "user:operator@example.com")
			if read := asOperator(s, request(http.MethodPost, path+":getIamPolicy", "{}")); read.Code != http.StatusOK {
				t.Errorf("%s: after %d, read: %d %s", path, wrote.Code, read.Code, read.Body)
			}
		}
	})
}

// FuzzRoutes asks for any path in any way. Nothing crashes, and an answer is JSON or XML,
// or an object.
func FuzzRoutes(f *testing.F) {
	s := fuzzedServer(f)
	for _, r := range routes() {
		f.Add(r.verb, strings.NewReplacer("{project}", "acme-prod", "{pool}", "p", "{", "", "}", "", "*", "", "...", "").Replace(r.path), "a=b", "{}")
	}
	for _, path := range []string{"//", "/v1/%2e%2e/x", "/v1/projects/acme-prod:getIamPolicy:getIamPolicy", "/storage/v1/b//o/", "/acme-data/%00"} {
		f.Add(http.MethodPost, path, "showDeleted=True&pageSize=-1", "[]")
	}
	f.Fuzz(func(t *testing.T, verb, path, query, body string) {
		if strings.Contains(path, "_emulator") {
			return // the emulator's own: a fault may well wait for an hour
		}
		r, err := http.NewRequestWithContext(t.Context(), verb, "http://x/", strings.NewReader(body))
		if err != nil {
			return // no client could send it
		}
		if r.URL, err = r.URL.Parse("/" + strings.TrimPrefix(path, "/")); err != nil {
			return
		}
		r.URL.RawQuery = query
		w := asOperator(s, r)
		if w.Code == http.StatusInternalServerError {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	})
}

const fuzzToken = "operator-of-the-fuzzed"

func fuzzedServer(f *testing.F) *Server {
	f.Helper()
	s, err := New(Options{Projects: []Project{{ID: "acme-prod"}}, Buckets: []string{"acme-data"}, OperatorToken: fuzzToken})
	if err != nil {
		f.Fatal(err)
	}
	for _, line := range []string{
		"/v1/projects/acme-prod/services:batchEnable " + `{"serviceIds":["iam.googleapis.com","sts.googleapis.com","iamcredentials.googleapis.com"]}`,
		"/v1/projects/acme-prod/serviceAccounts " + `{"accountId":"reader"}`,
	} {
		path, body, _ := strings.Cut(line, " ")
		if w := asOperator(s, request(http.MethodPost, path, body)); w.Code != http.StatusOK {
			f.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	return s
}

func request(verb, path, body string) *http.Request {
	return httptest.NewRequest(verb, path, strings.NewReader(body))
}

func asOperator(s *Server, r *http.Request) *httptest.ResponseRecorder {
	r.Header.Set("Authorization", "Bearer "+fuzzToken)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}
