package emulator

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseFault(t *testing.T) {
	tests := []struct {
		name, text string
		want       Fault
		wrong      string // part of the error
	}{
		{name: "an error", text: "iam.projects.serviceAccounts.create:status=503", want: Fault{Match: "iam.projects.serviceAccounts.create", Status: 503}},
		{
			name: "everything at once", text: "storage.*:after=1,times=2,status=429,reason=slow,delay=2s,lost",
			want: Fault{Match: "storage.*", After: 1, Times: 2, Status: 429, Reason: "slow", Delay: 2 * time.Second, Lost: true},
		},
		{name: "a reset", text: "*:reset,times=-1", want: Fault{Match: "*", Reset: true, Times: -1}},
		{name: "a cut answer", text: "*:truncate", want: Fault{Match: "*", Truncate: true}},
		{name: "no colon", text: "iam.get", wrong: "want METHOD:key=value"},
		{name: "no method", text: ":status=503", wrong: "want METHOD:key=value"},
		{name: "no effect", text: "*:after=1", wrong: "nothing would go wrong"},
		{name: "an unknown part", text: "*:status=503,sometimes", wrong: `unknown part "sometimes"`},
		{name: "a status that is no error", text: "*:status=200", wrong: "status=200: want a number from 400 to 599"},
		{name: "no times at all", text: "*:status=503,times=0", wrong: "times=0: want a positive number"},
		{name: "a delay without a unit", text: "*:delay=2", wrong: "missing unit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseFault(tt.text)
			if tt.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wrong) {
					t.Fatalf("got error %v, want one with %q", err, tt.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			again, err := ParseFault(got.String())
			if diff := cmp.Diff(got, again); diff != "" || err != nil {
				t.Errorf("String() is read back as it was: %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestFaultsAreCounted(t *testing.T) {
	c := startEnabled(t, Options{})
	c.Inject(Fault{Match: "iam.projects.*.get", After: 1, Times: 2, Status: 503, Reason: "TRY_LATER"})
	c.must(t, createReader)
	var got []int
	for range 5 {
		got = append(got, c.send(t, "GET "+readerPath).status)
	}
	if diff := cmp.Diff([]int{200, 503, 503, 200, 200}, got); diff != "" {
		t.Errorf("after one, two times (-want +got):\n%s", diff)
	}
}

func TestFaultsComeBeforeOrAfterTheEffect(t *testing.T) {
	tests := []struct {
		name   string
		fault  Fault
		status int // of the create; 0: no answer
		made   bool
	}{
		{"an error has no effect", Fault{Status: 503}, 503, false},
		{"a lost answer had one", Fault{Status: 503, Lost: true}, 503, true},
		{"a lost answer may be none at all", Fault{Lost: true}, 0, true},
		{"a reset has no effect", Fault{Reset: true}, 0, false},
		{"an answer broken off had one", Fault{Truncate: true}, 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := startEnabled(t, Options{})
			tt.fault.Match = "iam.projects.serviceAccounts.create"
			c.Inject(tt.fault)
			if got := c.tryCreate(t); got != tt.status {
				t.Errorf("create: got %d, want %d", got, tt.status)
			}
			if made := c.send(t, "GET "+readerPath).status == http.StatusOK; made != tt.made {
				t.Errorf("made: %v, want %v", made, tt.made)
			}
		})
	}
}

// tryCreate is the status of a create whose answer may not arrive whole.
func (c *cloud) tryCreate(t *testing.T) int {
	t.Helper()
	_, body, _ := strings.Cut(createReader, " {")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url+accountsPath, strings.NewReader("{"+body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+operatorToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); err != nil {
		return 0
	}
	return resp.StatusCode
}

func TestLatencyAndDelayAreWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Options{OperatorToken: operatorToken, Latency: 3 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		s.Inject(Fault{Match: "cloudresourcemanager.projects.get", Delay: 4 * time.Second})
		began := time.Now()
		req := httptest.NewRequest(http.MethodGet, "/v1/projects/demo-project", nil)
		req.Header.Set("Authorization", "Bearer "+operatorToken)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, req)
		if took := time.Since(began); w.Code != http.StatusOK || took != 7*time.Second {
			t.Errorf("got %d after %s, want 200 after 7s", w.Code, took)
		}
	})
}

func TestFaultsOfTheTokenServiceAreItsOwn(t *testing.T) {
	c := start(t, Options{})
	c.Inject(Fault{Match: "sts.token", Status: 400, Reason: "invalid_grant"})
	c.Inject(Fault{Match: "sts.token", After: 1, Status: 503})
	if r := c.as(t, "", "POST /v1/token", ""); r.status != http.StatusBadRequest || r.at("error") != "invalid_grant" {
		t.Errorf("5.4 a refusal: %d %s", r.status, r.text)
	}
	if r := c.as(t, "", "POST /v1/token", ""); r.status != http.StatusServiceUnavailable || r.at("error.status") != "UNAVAILABLE" {
		t.Errorf("5.4 no answer from behind: %d %s", r.status, r.text)
	}
}
