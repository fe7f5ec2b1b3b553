package emulator

import (
	"path/filepath"
	"strings"
	"testing"
)

const (
	projectPath   = "/v1/projects/acme-prod"
	deleteIt      = "DELETE " + projectPath
	undeleteIt    = "POST " + projectPath + ":undelete {}"
	itIsDeleted   = "Project #100200300400 has been deleted."
	notInThatLife = "Precondition check failed."
)

func TestADeletedProjectAnswersNoMore(t *testing.T) {
	gone := func(name, request string, given ...string) step {
		return step{name: name, given: append(given, deleteIt), request: request, status: 403, message: itIsDeleted}
	}
	walk(t, Options{}, []step{
		gone("its pools", "GET "+poolsPath),
		gone("a pool", "GET "+poolPath, createPool),
		gone("a new pool", createPool),
		gone("its service accounts", "GET "+accountsPath),
		gone("a service account", "GET "+readerPath, createReader),
		gone("a service account that is not there", "GET "+readerPath),
		gone("a token of it", "POST /v1/projects/-/serviceAccounts/"+readerEmail+`:generateAccessToken {"scope":["`+cloudPlatform+`"]}`, createReader),
		gone("its services", "GET "+projectPath+"/services"),
		gone("a service to enable", "POST "+projectPath+"/services/sts.googleapis.com:enable {}"),
		gone("a bucket", "GET "+madePath, makeFine),
		gone("a new bucket", makeFine),
		{name: "the project itself", given: []string{deleteIt}, request: "GET " + projectPath, status: 200},
		{name: "its policy", given: []string{deleteIt}, request: "POST " + projectPath + ":getIamPolicy {}", status: 200},
		{name: "another policy", given: []string{deleteIt}, request: "POST " + projectPath + `:setIamPolicy {"policy":{}}`, status: 400, message: notInThatLife},
		{name: "deleted twice", given: []string{deleteIt}, request: deleteIt, status: 400, message: notInThatLife},
		{name: "undeleted for nothing", request: undeleteIt, status: 400, message: notInThatLife},
		{name: "and back", given: []string{createPool, deleteIt, undeleteIt}, request: "GET " + poolPath, status: 200},
		{name: "a project that is not there", request: "DELETE /v1/projects/nobody", status: 403, message: "The caller does not have permission"},
	})
}

func TestTheLifeOfAProject(t *testing.T) {
	w := newWorld(t)
	w.must(t, deleteIt)
	for _, request := range []string{"GET " + projectPath, "GET /v1/projects"} {
		if r := w.send(t, request); !strings.Contains(r.text, `"lifecycleState": "DELETE_REQUESTED"`) {
			t.Errorf("%s: %s", request, r.text)
		}
	}
	again := w.reopened(filepath.Join(t.TempDir(), "state"))
	if r := again.send(t, "GET "+poolsPath); r.status != 403 || !strings.Contains(r.text, itIsDeleted) {
		t.Errorf("a state that was kept: %d %s", r.status, r.text)
	}
	w.must(t, undeleteIt, "GET "+poolsPath, deleteIt)
	w.Advance(softDelete)
	if r := w.send(t, undeleteIt); r.status != 403 || !strings.Contains(r.text, "The caller does not have permission") {
		t.Errorf("after 30 days: %d %s", r.status, r.text)
	}
	if r := w.send(t, "GET /v1/projects"); strings.Contains(r.text, "acme-prod") {
		t.Errorf("after 30 days: %s", r.text)
	}
	viewer := start(t, Options{OperatorRoles: []string{"roles/viewer"}})
	if r := viewer.send(t, deleteIt); r.status != 403 {
		t.Errorf("a viewer deletes: %d", r.status)
	}
}
