package emulator

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/gcp/emulator/issuertest"
)

// reopened is the world on a new server, loaded from what the old one saved.
func (w *world) reopened(file string) *world {
	w.t.Helper()
	w.opts.StateFile = file
	if err := w.Save(); err != nil {
		w.t.Fatal(err)
	}
	again := *w
	again.cloud = start(w.t, Options{StateFile: file, Projects: []Project{{ID: "acme-prod"}}, Clock: stillClock{}, IssuerClient: w.issuer.Client()})
	return &again
}

// lived is a world in which every kind of thing a state file holds has happened.
func lived(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.must(t,
		"PATCH "+poolPath+`?updateMask=displayName,description {"displayName":"a & b","description":"<ours>"}`,
		"PATCH "+providerPathOf("cks-one")+`?updateMask=oidc.jwksJson {"oidc":{"jwksJson":`+strconv.Quote(issuertest.JWKS(t, "rsa-1"))+`}}`,
		w.provider("cks-two", "https://two.example", "c-2"), "DELETE "+providersPath+"/cks-two",
		"POST "+poolsPath+"?workloadIdentityPoolId=old-pool {}",
		strings.Replace(w.provider("cks-old", "https://old.example", "c-3"), "/k8s-pool/", "/old-pool/", 1), "DELETE "+poolsPath+"/old-pool",
		"POST "+accountsPath+` {"accountId":"asleep"}`, "POST "+accountsPath+"/asleep@acme-prod.iam.gserviceaccount.com:disable {}",
		"POST "+readerPath+"/keys {}", "POST "+readerPath+"/keys {}",
		"POST "+accountsPath+` {"accountId":"former","serviceAccount":{"displayName":"once"}}`,
	)
	w.bind(workload+"c-1/foo/bar", "serviceAccount:former@acme-prod.iam.gserviceaccount.com")
	w.must(t, "DELETE "+accountsPath+"/former@acme-prod.iam.gserviceaccount.com",
		`POST /v1/projects/acme-prod:setIamPolicy {"policy":{"version":3,"bindings":[`+
			`{"role":"roles/owner","members":["user:operator@example.com"]},`+
			`{"role":"roles/viewer","members":["user:ann@acme.example"],"condition":{"expression":"1 < 2 && true","title":"t"}}],`+
			`"auditConfigs":[{"service":"sts.googleapis.com","auditLogConfigs":[{"logType":"DATA_READ","exemptedMembers":["user:ann@acme.example"]}]}]},`+
			`"updateMask":"bindings,auditConfigs"}`,
		`POST /storage/v1/b/acme-data/o/hello.txt/rewriteTo/b/acme-data/o/cold {"storageClass":"COLDLINE"}`,
		`PATCH /storage/v1/b/acme-data {"labels":{"team":"a"},"versioning":{"enabled":true},"softDeletePolicy":{"retentionDurationSeconds":"604800"}}`,
		`POST /storage/v1/b?project=acme-prod {"name":"acme-acls","location":"europe-west4"}`,
	)
	if r := w.do(t, "POST /upload/storage/v1/b/acme-data/o?uploadType=media&name=a%2Fb", "\x00binary\xff"); r.status != http.StatusOK {
		t.Fatal(r.text)
	}
	return w
}

func providerPathOf(id string) string { return providersPath + "/" + id }

func TestAStateThatIsSavedAndLoadedIsSavedTheSame(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	w := lived(t)
	again := w.reopened(file)
	first := readFile(t, file)
	again.opts.StateFile = file
	if err := again.Save(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, readFile(t, file)); diff != "" {
		t.Errorf("the file (-first +second):\n%s", diff)
	}
	const state = "GET /_emulator/state"
	if diff := cmp.Diff(w.do(t, state, "").text, again.do(t, state, "").text); diff != "" {
		t.Errorf("the state (-saved +loaded):\n%s", diff)
	}
	for _, secret := range []string{"ya29.", operatorToken} {
		if strings.Contains(first, secret) {
			t.Errorf("the file holds a token:\n%s", first)
		}
	}
}

func TestTheTrustWorksAfterLoading(t *testing.T) {
	w := lived(t)
	want := outcome{At: "storage", Status: http.StatusOK, Text: "Hello from acme-data\n"}
	if diff := cmp.Diff(want, w.walkIn()); diff != "" {
		t.Fatalf("before (-want +got):\n%s", diff)
	}
	federated, _ := w.exchange(nil).at("access_token").(string)
	again := w.reopened(filepath.Join(t.TempDir(), "state.json"))
	if r := again.impersonate(federated, `{"scope":["`+cloudPlatform+`"]}`); r.status != http.StatusUnauthorized {
		t.Errorf("a token from before: got %d %s, want 401", r.status, r.text)
	}
	if diff := cmp.Diff(want, again.walkIn()); diff != "" {
		t.Errorf("with new tokens (-want +got):\n%s", diff)
	}
	again.claims["sub"] = "system:serviceaccount:evil:bar"
	again.claims["kubernetes.io"] = map[string]any{"namespace": "evil", "serviceaccount": map[string]any{"name": "bar"}}
	if got := again.walkIn(); got.At != "sts" || got.Code != "unauthorized_client" {
		t.Errorf("another namespace: got %+v, want unauthorized_client from sts", got)
	}
}

func TestNoNumberComesTwiceAfterLoading(t *testing.T) {
	w := lived(t)
	again := w.reopened(filepath.Join(t.TempDir(), "state.json"))
	old := again.do(t, "GET "+readerPath, "").at("uniqueId")
	oldPolicy := again.do(t, "POST "+readerPath+":getIamPolicy", "").at("etag")
	again.must(t, "DELETE "+readerPath, createReader)
	if made := again.do(t, "GET "+readerPath, "").at("uniqueId"); made == nil || made == old {
		t.Errorf("the account made again has the unique id %v, before %v", made, old)
	}
	again.bind(workload + "c-1/foo/bar")
	if etag := again.do(t, "POST "+readerPath+":getIamPolicy", "").at("etag"); etag == nil || etag == oldPolicy {
		t.Errorf("the policy of the new account has the etag %v, the old one had %v", etag, oldPolicy)
	}
}

func TestWhatIsUnderWayArrivesAfterLoading(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	open := func() *cloud {
		return start(t, Options{StateFile: file, Lag: LagTypical, Clock: stillClock{}})
	}
	c := open()
	c.must(t, `POST /v1/projects/acme-prod/services:batchEnable {"serviceIds":["iam.googleapis.com"]}`)
	c.Advance(time.Minute)
	c.must(t, createPool, createReader)
	c.Advance(10 * time.Second)
	c.must(t, setAccount+policyBody(t, "roles/iam.serviceAccountAdmin", "user:ann@acme.example"))
	ann := "user:ann@acme.example"
	for _, wait := range []struct {
		more   time.Duration
		status int
	}{{0, 403}, {69 * time.Second, 403}, {time.Second, 200}} {
		c.Advance(wait.more)
		if err := c.Save(); err != nil {
			t.Fatal(err)
		}
		c = open()
		if r := c.as(t, c.tokenOf(ann), "GET "+readerPath, ""); r.status != wait.status {
			t.Errorf("after %s more: got %d, want %d: %s", wait.more, r.status, wait.status, r.text)
		}
	}
}

func TestStateFilesThatAreRefused(t *testing.T) {
	w := lived(t)
	w.reopened(filepath.Join(t.TempDir(), "state.json"))
	good := readFile(t, w.opts.StateFile)
	edit := func(old, replacement string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %q in %s", old, good)
		}
		return strings.Replace(good, old, replacement, 1)
	}
	tests := []struct{ name, text, wrong string }{
		{"a file of another version", edit(`"version": 1`, `"version": 2`), "version 2: this emulator reads and writes version 1"},
		{"a file without a version", `{"projects":[]}`, "version 0"},
		{"an empty file", "", "unexpected end of JSON input"},
		{"half a file", good[:len(good)/2], "unexpected end of JSON input"},
		{"two documents", good + good, "after top-level value"},
		{"a field that is not known", edit(`"displayName": "a & b"`, `"displayname": "a & b"`), `Unknown name "displayname" at 'projects[0].pools[0]'`},
		{"a time that is none", edit(`"created": "2026`, `"created": "now`), "parsing time"},
		{"a role that is not known", edit(`"roles/iam.workloadIdentityUser"`, `"roles/iam.boss"`), `service account "gcs-reader@acme-prod.iam.gserviceaccount.com": policy: role "roles/iam.boss"`},
		{"an etag from elsewhere", edit(`"etag": "BwY`, `"etag": "AAY`), "etag"},
		{"an API that is not known", edit(`"sts.googleapis.com"`, `"boss.googleapis.com"`), `project "acme-prod": service "boss.googleapis.com"`},
		{"a pool with a bad id", edit(`"id": "k8s-pool"`, `"id": "K8s"`), `project "acme-prod": pool "K8s"`},
		{"a condition that is not CEL", edit(`"attributeCondition": "`, `"attributeCondition": "(`), `pool "k8s-pool": provider "cks-one"`},
		{"one project twice", edit(`"projectId": "other-proj"`, `"projectId": "acme-prod"`), "named twice"},
		{"one provider twice", edit(`"id": "cks-two"`, `"id": "cks-one"`), `provider "cks-one": named twice`},
		{"one bucket twice", edit(`"name": "acme-acls"`, `"name": "acme-data"`), `bucket "acme-data": named twice`},
		{"a key that is cut short", edit(`"certificate": "-----BEGIN`, `"certificate": "-----`), "want one certificate in PEM form"},
		{"a key with a bad id", edit(`"keys": [
            {
              "id": "`, `"keys": [
            {
              "id": "x`), "want 40 hexadecimal digits"},
		{"a clock turned back", edit(`"serial"`, `"clockAdvanced": "-1s", "serial"`), "want a duration"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "state.json")
			if err := os.WriteFile(file, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := New(Options{StateFile: file})
			var wrong *FileError
			if !errors.As(err, &wrong) || wrong.Path != file || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("got %v, want a FileError that names the file, with %q", err, tt.wrong)
			}
			if readFile(t, file) != tt.text {
				t.Error("the file is another one now")
			}
		})
	}
}

func TestSavingReplacesTheFileAsAWhole(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "state.json")
	if err := os.WriteFile(file, []byte(`{"version":1,"serial":0,"projects":[]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	c := start(t, Options{StateFile: file})
	if r := c.as(t, "", "POST /_emulator/save", ""); r.status != http.StatusOK {
		t.Fatalf("got %d: %s", r.status, r.text)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("mode %v, want 0600: the file may hold what is in buckets", mode)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("left beside it: %v", entries)
	}
	if !strings.Contains(readFile(t, file), `"projectId": "acme-prod"`) {
		t.Errorf("the file: %s", readFile(t, file))
	}
}

func TestSavingWithoutAFile(t *testing.T) {
	c := start(t, Options{})
	if r := c.as(t, "", "POST /_emulator/save", ""); r.status != http.StatusBadRequest || !strings.Contains(r.text, "without a state file") {
		t.Errorf("got %d: %s", r.status, r.text)
	}
}

func TestSavingOnADiskThatFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	c := start(t, Options{StateFile: filepath.Join(dir, "state.json")})
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if r := c.as(t, "", "POST /_emulator/save", ""); r.status != http.StatusInternalServerError || !strings.Contains(r.text, "state.json") {
		t.Errorf("got %d: %s; want 500 and the file's name", r.status, r.text)
	}
}

func TestAPlaceThatCannotBeWrittenIsRefusedAtTheStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "missing", "state.json")
	var wrong *FileError
	if _, err := New(Options{StateFile: file}); !errors.As(err, &wrong) || wrong.Path != file {
		t.Errorf("got %v, want a FileError", err)
	}
}

func TestOptionsAddToWhatWasLoaded(t *testing.T) {
	w := lived(t)
	w.reopened(filepath.Join(t.TempDir(), "state.json"))
	c := start(t, Options{
		StateFile: w.opts.StateFile, Projects: []Project{{"other-proj", "500600700800"}, {ID: "third-proj"}},
		Buckets: []string{"acme-data", "acme-more"}, OperatorRoles: []string{"roles/browser"},
	})
	st := c.State()
	var projects []string
	for _, p := range st.Projects {
		projects = append(projects, p.ID)
	}
	if diff := cmp.Diff([]string{"acme-prod", "other-proj", "third-proj"}, projects); diff != "" {
		t.Errorf("projects (-want +got):\n%s", diff)
	}
	if len(st.Buckets) != 3 {
		t.Errorf("buckets: %v", st.Buckets)
	}
	owner := c.do(t, "GET /storage/v1/b/acme-data/o", "")
	if owner.status != http.StatusOK || len(owner.at("items").([]any)) != 3 {
		t.Errorf("the bucket that was there: %d %s", owner.status, owner.text)
	}
	if _, err := New(Options{StateFile: w.opts.StateFile, Projects: []Project{{"acme-prod", "1"}}}); err == nil {
		t.Error("a project with another number than the file's is taken")
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
