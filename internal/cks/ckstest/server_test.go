package ckstest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestServerRefusesWhatIsNotDocumented(t *testing.T) {
	const id = "1063bce6-6e5b-4b0a-b73a-7e6106b2a77c"
	tests := map[string]struct {
		verb, target, auth string
		status             int
	}{
		"the list":                    {"GET", "/v1beta1/cks/clusters", "Bearer T", 200},
		"one":                         {"GET", "/v1beta1/cks/clusters/" + id, "Bearer T", 200},
		"one of nobody":               {"GET", "/v1beta1/cks/clusters/x", "Bearer T", 404},
		"no token":                    {"GET", "/v1beta1/cks/clusters", "", 401},
		"another token":               {"GET", "/v1beta1/cks/clusters", "Bearer U", 401},
		"another scheme":              {"GET", "/v1beta1/cks/clusters", "Basic T", 401},
		"a trailing slash":            {"GET", "/v1beta1/cks/clusters/", "Bearer T", 404},
		"another version":             {"GET", "/v1/cks/clusters", "Bearer T", 404},
		"something below a cluster":   {"GET", "/v1beta1/cks/clusters/" + id + "/x", "Bearer T", 404},
		"a query":                     {"GET", "/v1beta1/cks/clusters?pageSize=1", "Bearer T", 400},
		"a write":                     {"POST", "/v1beta1/cks/clusters", "Bearer T", 501},
		"a write by somebody unknown": {"POST", "/v1beta1/cks/clusters", "", 401},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := &Server{Token: "T", Clusters: []Cluster{NewCluster(id, "prod", "US-EAST-04A")}}
			r := httptest.NewRequest(tt.verb, tt.target, nil)
			if tt.auth != "" {
				r.Header.Set("Authorization", tt.auth)
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Errorf("status: got %d, want %d (%s)", w.Code, tt.status, w.Body)
			}
			if diff := cmp.Diff([]Request{{tt.verb, r.URL.Path, tt.status}}, s.Requests()); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFaultsHaveCounts(t *testing.T) {
	s := &Server{}
	s.Inject(Fault{After: 1, Times: 2, Status: 503})
	s.Inject(Fault{Path: "/elsewhere", Status: 418})
	var got []int
	for range 5 {
		r := httptest.NewRequest("GET", listPath, nil)
		r.Header.Set("Authorization", "Bearer "+DefaultToken)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		got = append(got, w.Code)
	}
	if diff := cmp.Diff([]int{200, 503, 503, 200, 200}, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

func TestLoadTakesOnlyWhatItKnows(t *testing.T) {
	s, err := Load(strings.NewReader(`{"token":"T","clusters":[{"id":"i","status":2}],"listKey":"clusters","bare":true,"errors":"connect","unknownStatus":403}`))
	if err != nil || s.Token != "T" || s.Clusters[0]["id"] != "i" || s.UnknownStatus != 403 {
		t.Errorf("got %+v, %v", s, err)
	}
	if _, err := Load(strings.NewReader(`{"tokens":["T"]}`)); err == nil {
		t.Error("a misspelt member was taken")
	}
}

func TestIssuerRefusesCredentials(t *testing.T) {
	i, err := NewIssuer("https://h.example/id/x")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "Authorization", "Proxy-Authorization", "Cookie"} {
		r := httptest.NewRequest("GET", i.URL+WellKnown, nil)
		want := http.StatusOK
		if name != "" {
			r.Header.Set(name, "x")
			want = http.StatusBadRequest
		}
		w := httptest.NewRecorder()
		i.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("with %q: got %d, want %d", name, w.Code, want)
		}
	}
}
