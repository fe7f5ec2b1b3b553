package emulator

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const servicesPath = "/v1/projects/acme-prod/services"

func TestServiceUsageRefusals(t *testing.T) {
	ids := `"` + strings.TrimSuffix(strings.Repeat(`sts.googleapis.com","`, 21), `,"`)
	walk(t, Options{}, []step{
		{"11 21 services are too many", nil, "POST " + servicesPath + `:batchEnable {"serviceIds":[` + ids + `]}`, 400, "The number of services to enable must be between 1 and 20, got 21."},
		{"11 none are too few", nil, "POST " + servicesPath + `:batchEnable {}`, 400, "The number of services to enable must be between 1 and 20, got 0."},
		{"11 an unknown service fails the batch", nil, "POST " + servicesPath + `:batchEnable {"serviceIds":["logging.googleapis.com","no.googleapis.com"]}`, 403, "Not found or permission denied for service(s): no.googleapis.com."},
		{"11 an unknown project", nil, "GET /v1/projects/acme-test/services", 403, "The caller does not have permission"},
		{"11 an unknown filter", nil, "GET " + servicesPath + "?filter=name:x", 400, `Invalid filter: "name:x"...`},
		{"11 the name of an operation that was not needed can't be polled", nil, "GET /v1/operations/noop.DONE_OPERATION", 404, "Operation operations/noop.DONE_OPERATION not found."},
		{"11 names of a batch are full", nil, "GET " + servicesPath + ":batchGet?names=sts.googleapis.com", 400, "Invalid service name: sts.googleapis.com."},
		{"11 a page has 200 at most", nil, "GET " + servicesPath + "?pageSize=201", 400, "The page size cannot exceed 200, got 201."},
		{"11 only what is enabled can be disabled", nil, "POST " + servicesPath + "/logging.googleapis.com:disable {}", 400, "The service logging.googleapis.com is not enabled for project number 100200300400."},
		{"11 a service may be disabled again", nil, "POST " + servicesPath + "/sts.googleapis.com:disable {}", 200, ""},
	})
}

func TestEnablingAnAPI(t *testing.T) {
	c := start(t, Options{Lag: LagTypical})
	state := func() any { return c.send(t, "GET "+servicesPath+"/iam.googleapis.com").at("state") }
	if got := state(); got != "DISABLED" {
		t.Errorf("11 a new project has it %v", got)
	}
	begun := c.send(t, "POST "+servicesPath+`:batchEnable {"serviceIds":["iam.googleapis.com"]}`)
	name, _ := begun.at("name").(string)
	if !strings.HasPrefix(name, "operations/acat.p2-100200300400-") || begun.at("done") != nil {
		t.Fatalf("11 it takes a while: %s", begun.text)
	}
	var last reply
	for range c.lag.polls + 1 {
		last = c.do(t, "GET /v1/"+name, "")
	}
	services, _ := last.at("response.services").([]any)
	if last.at("done") != true || len(services) != 1 || state() != "ENABLED" {
		t.Errorf("11 and then it is done: %s", last.text)
	}
	if r := c.send(t, createPool); !strings.Contains(r.text, "SERVICE_DISABLED") {
		t.Errorf("11 calls are refused for a moment longer: %s", r.text)
	}
	c.Advance(c.lag.enable)
	c.must(t, createPool)

	again := c.send(t, "POST "+servicesPath+"/iam.googleapis.com:enable {}")
	if again.at("name") != "operations/noop.DONE_OPERATION" || again.at("done") != true {
		t.Errorf("11 enabling twice is done at once: %s", again.text)
	}
}

func TestACallToADisabledAPI(t *testing.T) {
	c := start(t, Options{})
	const page = "https://console.developers.google.com/apis/api/iam.googleapis.com/overview?project=100200300400"
	want := map[string]any{
		"code": 403.0, "status": "PERMISSION_DENIED",
		"message": "Identity and Access Management (IAM) API has not been used in project 100200300400 before or it is disabled. Enable it by visiting " + page + " then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.",
		"details": []any{
			map[string]any{"@type": "type.googleapis.com/google.rpc.Help", "links": []any{map[string]any{"description": "Google developers console API activation", "url": page}}},
			map[string]any{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED", "domain": "googleapis.com", "metadata": map[string]any{
				"activationUrl": page, "consumer": "projects/100200300400", "containerInfo": "100200300400",
				"service": "iam.googleapis.com", "serviceTitle": "Identity and Access Management (IAM) API",
			}},
		},
	}
	r := c.send(t, createPool)
	if diff := cmp.Diff(any(want), r.at("error")); diff != "" || r.status != http.StatusForbidden {
		t.Errorf("6 got %d (-want +got):\n%s", r.status, diff)
	}
}

func TestListsOfServices(t *testing.T) {
	c := start(t, Options{})
	enabled := c.send(t, "GET "+servicesPath+"?filter=state:ENABLED&pageSize=200")
	if diff := cmp.Diff(preEnabled, names(t, enabled, "services", "name")); diff != "" {
		t.Errorf("11 (-want +got):\n%s", diff)
	}
	batch := c.send(t, "GET "+servicesPath+":batchGet?names=projects/acme-prod/services/sts.googleapis.com&names=projects/100200300400/services/storage.googleapis.com")
	want := []any{
		map[string]any{"name": "projects/100200300400/services/sts.googleapis.com", "state": "DISABLED", "config": map[string]any{"name": "sts.googleapis.com", "title": "Security Token Service API"}},
		map[string]any{"name": "projects/100200300400/services/storage.googleapis.com", "parent": "projects/100200300400", "state": "ENABLED", "config": map[string]any{"name": "storage.googleapis.com", "title": "Cloud Storage API"}},
	}
	if diff := cmp.Diff(any(want), batch.at("services")); diff != "" {
		t.Errorf("11 parent is there when enabled (-want +got):\n%s", diff)
	}
}

func TestProject(t *testing.T) {
	c := start(t, Options{})
	for _, name := range []string{"acme-prod", "100200300400"} {
		r := c.send(t, "GET /v1/projects/"+name)
		if r.at("projectNumber") != "100200300400" || r.at("projectId") != "acme-prod" || r.at("lifecycleState") != "ACTIVE" {
			t.Errorf("7.1 %s: %s", name, r.text)
		}
	}
	if r := c.send(t, "GET /v1/projects/acme-test"); r.status != http.StatusForbidden || r.at("error.message") != "The caller does not have permission" {
		t.Errorf("7.1 an unknown project is a 403: %d %s", r.status, r.text)
	}
}
