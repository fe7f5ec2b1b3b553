package emulator

import (
	"fmt"
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
		{name: "a method that is not there", text: "iam.projects.serviceAccount.create:status=503", wrong: "no method is called iam.projects.serviceAccount.create; the nearest is iam.projects.serviceAccounts.create"},
		{name: "a method in other letters", text: "sts.Token:status=503", wrong: "the nearest is sts.token"},
		{name: "a service in place of a method", text: "storage:status=503", wrong: "no method is called storage;"},
		{name: "a pattern of nothing", text: "storag.bucket*:status=503", wrong: "no method is called storag.bucket*; the nearest is storage.buckets."},
		{name: "a pattern that is none", text: "sts.[:status=503", wrong: "syntax error in pattern"},
		{name: "a part twice", text: "*:status=503,status=500", wrong: "status is there twice"},
		{name: "a flag with a value", text: "*:lost=true", wrong: `unknown part "lost=true"`},
		{name: "a flag twice", text: "*:lost,lost", wrong: "lost is there twice"},
		{name: "a status of another kind", text: "*:status=teapot", wrong: "status=teapot: want a number"},
		{name: "a count below nothing", text: "*:status=503,after=-1", wrong: "after=-1: want a number"},
		{name: "a delay into the past", text: "*:delay=-2s", wrong: "delay=-2s: want a time ahead"},
		{name: "a reason of nothing", text: "*:delay=1s,reason=slow", wrong: "reason=slow: want a status too"},
		{name: "an empty reason", text: "*:status=503,reason=", wrong: "want a word"},
		{name: "a reset with an answer", text: "*:reset,status=503", wrong: "reset: no answer comes"},
		{name: "a reset that has an effect", text: "*:reset,lost", wrong: "reset: no answer comes"},
		{name: "no answer, broken off", text: "*:lost,truncate", wrong: "lost,truncate: no answer comes"},
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

func TestInjectRefusesWhatCannotBeMet(t *testing.T) {
	c := start(t, Options{})
	for want, f := range map[string]Fault{
		"the nearest is sts.token":                  {Match: "sts.tokens", Status: 503},
		"nothing would go wrong":                    {Match: "sts.token"},
		"status=200: want a number from 400 to 599": {Match: "sts.token", Status: 200},
		"want no less than 0 and -1":                {Match: "sts.token", Status: 503, Times: -2},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("%+v: got %s, want a panic with %q", f, got, want)
				}
			}()
			c.Inject(f)
		}()
	}
	if n := len(c.faults.faults); n != 0 {
		t.Errorf("%d faults are in force, want none", n)
	}
}

// TestTheFirstFaultThatIsDueIsMet: all that match count a request.
func TestTheFirstFaultThatIsDueIsMet(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, createReader)
	c.Inject(Fault{Match: "iam.projects.serviceAccounts.get", Status: 500})
	c.Inject(Fault{Match: "iam.*.get", Status: 502, Times: 2})
	c.Inject(Fault{Match: "iam.projects.serviceAccounts.*", Status: 504, After: 3, Times: -1})
	var got []int
	for range 5 {
		got = append(got, c.send(t, "GET "+readerPath).status)
	}
	if diff := cmp.Diff([]int{500, 502, 200, 504, 504}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	c.ClearFaults()
	c.must(t, "GET "+readerPath)
}

// TestFaultsByHTTP is the same by POST /_emulator/faults.
func TestFaultsByHTTP(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, createReader)
	if r := c.as(t, "", "POST /_emulator/faults", "iam.projects.serviceAccounts.get:after=1,times=2,status=429,reason=SLOW\n"); r.status != http.StatusOK {
		t.Fatalf("got %d %s", r.status, r.text)
	}
	var got []any
	for range 4 {
		r := c.send(t, "GET "+readerPath)
		got = append(got, r.status, r.at("error.details.0.reason"))
	}
	if diff := cmp.Diff([]any{200, nil, 429, "SLOW", 429, "SLOW", 200, nil}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for body, want := range map[string]string{
		"*:status=503\niam.projects.serviceAccounts.gets:reset\n": `fault "iam.projects.serviceAccounts.gets:reset": no method is called iam.projects.serviceAccounts.gets; the nearest is iam.projects.serviceAccounts.get`,
		strings.Repeat("*:status=503\n", 6000):                    "more than 65536 bytes of faults",
	} {
		if r := c.as(t, "", "POST /_emulator/faults", body); r.status != http.StatusBadRequest || r.at("error.message") != want {
			t.Errorf("got %d %v, want 400 %s", r.status, r.at("error.message"), want)
		}
	}
	c.must(t, "GET "+readerPath) // all or none
}

// TestErrorsOfFaultsHaveTheirAPIsForm has a status alone and one with a reason.
func TestErrorsOfFaultsHaveTheirAPIsForm(t *testing.T) {
	type said struct{ Status, Legacy, Detail, OAuth any }
	for _, tt := range []struct {
		fault, request string
		want           said
	}{
		{"iam.projects.locations.workloadIdentityPools.list:status=503", "GET " + poolsPath, said{Status: "UNAVAILABLE"}},
		{"iam.projects.locations.workloadIdentityPools.list:status=403,reason=X", "GET " + poolsPath, said{Status: "PERMISSION_DENIED", Detail: "X"}},
		{"iam.projects.serviceAccounts.list:status=409", "GET " + accountsPath, said{Status: "ALREADY_EXISTS", Legacy: "alreadyExists"}},
		{"storage.buckets.list:status=412", "GET " + bucketsPath + "?project=acme-prod", said{Legacy: "conditionNotMet"}},
		{"storage.buckets.list:status=403,reason=accountDisabled", "GET " + bucketsPath + "?project=acme-prod", said{Legacy: "accountDisabled", Detail: "accountDisabled"}},
		{"sts.token:status=400,reason=invalid_grant", "POST /v1/token", said{OAuth: "invalid_grant"}},
		{"sts.token:status=400", "POST /v1/token", said{OAuth: "invalid_request"}},
		{"sts.token:status=429", "POST /v1/token", said{OAuth: "quota_exceeded"}},
		{"sts.token:status=503", "POST /v1/token", said{Status: "UNAVAILABLE"}},
	} {
		t.Run(tt.fault, func(t *testing.T) {
			c := startEnabled(t, Options{})
			f, err := ParseFault(tt.fault)
			if err != nil {
				t.Fatal(err)
			}
			c.Inject(f)
			token := operatorToken
			if strings.HasPrefix(tt.fault, "sts") {
				token = ""
			}
			verb, path, _ := strings.Cut(tt.request, " ")
			r := c.as(t, token, verb+" "+path, "")
			got := said{r.at("error.status"), r.at("error.errors.0.reason"), r.at("error.details.0.reason"), nil}
			if code, oauth := r.at("error").(string); oauth {
				got.OAuth = code
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || r.status != f.Status {
				t.Errorf("%d %s (-want +got):\n%s", r.status, r.text, diff)
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
