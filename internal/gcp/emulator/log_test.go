package emulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestRequestsAreRemembered(t *testing.T) {
	var logged []Request
	c := startEnabled(t, Options{Log: func(r Request) { logged = append(logged, r) }})
	c.ResetRequests()
	logged = nil
	c.Inject(Fault{Match: "iam.projects.serviceAccounts.get", Status: 503})
	c.send(t, createReader)
	c.send(t, "GET "+readerPath+"?access_token=secret&alt=json")
	c.send(t, "POST "+readerPath+":getIamPolicy")
	c.send(t, "GET /v1/nothing")

	const operator = "user:operator@example.com"
	want := []Request{
		{Method: "iam.projects.serviceAccounts.create", Verb: "POST", Path: accountsPath, Status: 200, Principal: operator, Write: true},
		{Method: "iam.projects.serviceAccounts.get", Verb: "GET", Path: readerPath, Status: 503, Query: url.Values{"access_token": {"REDACTED"}, "alt": {"json"}}, Fault: "iam.projects.serviceAccounts.get:status=503"},
		{Method: "iam.projects.serviceAccounts.getIamPolicy", Verb: "POST", Path: readerPath + ":getIamPolicy", Status: 200, Principal: operator},
		{Verb: "GET", Path: "/v1/nothing", Status: 405},
	}
	ignore := cmp.Options{cmpopts.IgnoreFields(Request{}, "Time"), cmpopts.EquateEmpty()}
	if diff := cmp.Diff(want, c.Requests(), ignore); diff != "" {
		t.Errorf("Requests (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, logged, ignore); diff != "" {
		t.Errorf("Log (-want +got):\n%s", diff)
	}
}

func TestNothingSecretIsShown(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, createPool, createReader)
	text := c.tokenOf("user:ann@acme.example")
	c.as(t, text, "GET "+readerPath, "")
	for _, path := range []string{"requests", "state"} {
		r := c.as(t, "", "GET /_emulator/"+path, "")
		if r.status != http.StatusOK || !strings.Contains(r.text, "acme-prod") {
			t.Errorf("%s: %d %s", path, r.status, r.text)
		}
		for _, secret := range []string{operatorToken, text, "ya29."} {
			if strings.Contains(r.text, secret) {
				t.Errorf("%s shows a token", path)
			}
		}
	}
}

func TestControl(t *testing.T) {
	c := start(t, Options{})
	before := c.clock.Now()
	tests := []struct {
		name, request, body string
		status              int
	}{
		{"the clock can be advanced", "POST /_emulator/clock?advance=90s", "", 200},
		{"not backwards", "POST /_emulator/clock?advance=-1s", "", 400},
		{"not by words", "POST /_emulator/clock?advance=soon", "", 400},
		{"not to a time", "POST /_emulator/clock?to=noon", "", 400},
		{"not without saying how", "POST /_emulator/clock", "", 400},
		{"the clock can be skewed, either way", "POST /_emulator/clock?skew=-45s", "", 200},
		{"and advanced at once", "POST /_emulator/clock?skew=45s&advance=1s", "", 200},
		{"both or neither", "POST /_emulator/clock?advance=1h&skew=soon", "", 400},
		{"faults come one a line", "POST /_emulator/faults", "sts.token:status=503\n\n*:reset,after=99\n", 200},
		{"all or none", "POST /_emulator/faults", "*:status=503\n*:never\n", 400},
		{"faults can be cleared", "DELETE /_emulator/faults", "", 200},
		{"requests can be forgotten", "DELETE /_emulator/requests", "", 200},
		{"nothing else is there", "GET /_emulator/tokens", "", 405},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if r := c.as(t, "", tt.request, tt.body); r.status != tt.status {
				t.Errorf("got %d, want %d: %s", r.status, tt.status, r.text)
			}
		})
	}
	if moved := c.clock.Now().Sub(before); moved < 90*time.Second || moved > 120*time.Second {
		t.Errorf("the clock moved by %s, want 90s", moved)
	}
	if len(c.faults.faults) != 0 || len(c.Requests()) != 0 {
		t.Errorf("left: %d faults, %d requests", len(c.faults.faults), len(c.Requests()))
	}
}

func TestStateIsWhatIsLeft(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, createPool, createProvider, createReader, "DELETE "+readerPath)
	st := c.State()
	b, err := json.Marshal(st)
	if err != nil {
		t.Fatal(err)
	}
	if len(st.Pools) != 1 || len(st.Providers) != 1 || len(st.ServiceAccounts) != 1 || !st.ServiceAccounts[0].Deleted {
		t.Errorf("got %s", b)
	}
}
