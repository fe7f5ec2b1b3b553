package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// emulation is wifctl emulator while it runs.
type emulation struct {
	t    *testing.T
	env  map[string]string // what it printed
	talk lockedBuffer      // standard error
	stop func() int        // ends it by a signal's way and gives the exit status
}

// emulate runs the command and returns when it has printed its exports.
func emulate(t *testing.T, args ...string) *emulation {
	t.Helper()
	out, printed := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	e := &emulation{t: t, env: map[string]string{}}
	status := make(chan int, 1)
	go func() {
		s := streams{in: strings.NewReader(""), out: printed, err: &e.talk, env: func(string) string { return "" }}
		status <- run(ctx, append([]string{"emulator"}, args...), s)
		_ = printed.Close()
	}()
	e.stop = sync.OnceValue(func() int { cancel(); return <-status })
	t.Cleanup(func() { e.stop() })
	const last = "CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS"
	for lines := bufio.NewScanner(out); e.env[last] == "" && lines.Scan(); {
		key, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		if !ok {
			t.Fatalf("not an export: %q", lines.Text())
		}
		e.env[key] = value
	}
	if e.env[last] == "" {
		t.Fatalf("it ended early:\n%s", e.talk.String())
	}
	return e
}

// ask sends "VERB /path body" with the token that was printed.
func (e *emulation) ask(request string) (status int, text string) {
	e.t.Helper()
	return e.askAs(e.env["CLOUDSDK_AUTH_ACCESS_TOKEN"], request)
}

func (e *emulation) askAs(token, request string) (status int, text string) {
	e.t.Helper()
	verb, rest, _ := strings.Cut(request, " ")
	path, body, _ := strings.Cut(rest, " ")
	req, err := http.NewRequestWithContext(e.t.Context(), verb, e.env["WIFCTL_GCP_ENDPOINT"]+path, strings.NewReader(body))
	if err != nil {
		e.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if strings.HasPrefix(body, "grant_type=") {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		e.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// must sends requests that have to be answered 200.
func (e *emulation) must(requests ...string) {
	e.t.Helper()
	for _, r := range requests {
		if status, text := e.ask(r); status != http.StatusOK {
			e.t.Fatalf("%s: %d %s", r, status, text)
		}
	}
}

// lockedBuffer is written by a server while a test reads it.
type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

const (
	enableAll   = `POST /v1/projects/demo-project/services:batchEnable {"serviceIds":["iam.googleapis.com","sts.googleapis.com"]}`
	makeAccount = `POST /v1/projects/demo-project/serviceAccounts {"accountId":"gcs-reader"}`
	getProject  = "GET /v1/projects/demo-project"
)

func TestEmulatorIsStoppedInGoodOrder(t *testing.T) {
	e := emulate(t)
	e.must(getProject)
	if got := e.env["CLOUDSDK_CORE_PROJECT"]; got != "demo-project" {
		t.Errorf("the project is %q, want demo-project", got)
	}
	if _, err := os.Stat(e.env["WIFCTL_ACCESS_TOKEN_FILE"]); err != nil {
		t.Error(err)
	}
	if status := e.stop(); status != exitOK {
		t.Errorf("exit status %d, want 0:\n%s", status, e.talk.String())
	}
	if _, err := os.Stat(e.env["CLOUDSDK_CONFIG"]); !os.IsNotExist(err) {
		t.Errorf("the folder with the token is left: %v", err)
	}
}

func TestEmulatorLogs(t *testing.T) {
	tests := []struct{ name, log, want string }{
		{"the method of every request", "requests", "200 cloudresourcemanager.projects.get\n405 GET /v1/nowhere\n"},
		{"with principal and query when all is asked for", "all",
			"200 cloudresourcemanager.projects.get user:operator@example.com GET /v1/projects/demo-project?alt=json&key=REDACTED\n405 - - GET /v1/nowhere\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := emulate(t, "--log", tt.log)
			e.must(getProject + "?alt=json&key=secret")
			if status, text := e.askAs("", "GET /v1/nowhere"); status != http.StatusMethodNotAllowed {
				t.Errorf("got %d: %s", status, text)
			}
			e.stop()
			if diff := cmp.Diff(tt.want, e.talk.String()); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEmulatorFaultsMeetWhomTheyName(t *testing.T) {
	e := emulate(t, "--fault", "cloudresourcemanager.projects.get:after=1,times=2,status=503,reason=backendError")
	var got []int
	for range 4 {
		status, _ := e.ask(getProject)
		got = append(got, status)
	}
	if diff := cmp.Diff([]int{200, 503, 503, 200}, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
}

func TestEmulatorLagIsSeenAndGoesByItsClock(t *testing.T) {
	for _, tt := range []struct {
		lag   string
		early int
		late  string
	}{{"none", http.StatusOK, "0s"}, {"typical", http.StatusForbidden, "30s"}, {"typical/5", http.StatusForbidden, "6s"}} {
		t.Run(tt.lag, func(t *testing.T) {
			e := emulate(t, "--lag", tt.lag)
			e.must(enableAll)
			if status, text := e.ask("GET /v1/projects/demo-project/serviceAccounts"); status != tt.early {
				t.Errorf("just after the API was enabled: got %d, want %d: %s", status, tt.early, text)
			}
			e.must("POST /_emulator/clock?advance="+tt.late, "GET /v1/projects/demo-project/serviceAccounts")
		})
	}
}

func TestEmulatorLatencyIsAddedToEveryAnswer(t *testing.T) {
	const latency = 30 * time.Millisecond
	e := emulate(t, "--latency", latency.String())
	for _, request := range []string{getProject, "GET /v1/nowhere"} {
		begun := time.Now()
		e.ask(request)
		if took := time.Since(begun); took < latency {
			t.Errorf("%s took %s, want at least %s", request, took, latency)
		}
	}
}

func TestEmulatorFlagsThatCannotBeMeant(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	if err := os.WriteFile(file, []byte(`{"version":1,"projects":[],"extra":true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, wrong string
		args        []string
	}{
		{"a lag without a name", "--lag", []string{"--lag", "heavy"}},
		{"a lag longer than it is", "--lag", []string{"--lag", "typical/0"}},
		{"a lag divided by nothing", "--lag", []string{"--lag", "typical/"}},
		{"no lag, divided", "--lag", []string{"--lag", "none/2"}},
		{"an answer before its question", "--latency", []string{"--latency", "-1s"}},
		{"a log without a name", "--log", []string{"--log", "everything"}},
		{"a fault that says nothing", "--fault", []string{"--fault", "storage.*:times=2"}},
		{"a fault of no method", "the nearest is sts.token", []string{"--fault", "sts.tokens:status=503"}},
		{"an address that can't be listened on", "--listen", []string{"--listen", "203.0.113.1:0"}},
		{"a state file that does not fit", `Unknown name "extra"`, []string{"--state", file}},
		{"a state file in no folder", "--state", []string{"--state", filepath.Join(file, "state.json")}},
		{"an issuer's authority that is none", "--issuer-ca", []string{"--issuer-ca", file}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, talk strings.Builder
			s := streams{in: strings.NewReader(""), out: &out, err: &talk, env: func(string) string { return "" }}
			status := run(t.Context(), append([]string{"emulator"}, tt.args...), s)
			got := fmt.Sprintf("status %d, %d bytes on stdout", status, out.Len())
			if got != "status 2, 0 bytes on stdout" || !strings.Contains(talk.String(), tt.wrong) {
				t.Errorf("got %s, %q; want status 2, nothing on stdout, and %q", got, talk.String(), tt.wrong)
			}
		})
	}
}
