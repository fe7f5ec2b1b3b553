package discoverytest

import (
	"slices"
	"testing"
)

// excused has for each gap, in their order, what it is there for.
var excused = []conversation{
	{name: "gcloud asks about a token", request: "POST /v1/introspect token=t", answer: `{"active":true}`},
	{name: "gcloud exchanges a token", request: "POST /v1/token grant_type=g&requested_token_type=t&subject_token=s&subject_token_type=t", kind: "application/x-www-form-urlencoded", answer: `{"access_token":"t"}`},
	{name: "the Go library has no delegates", request: "POST /v1/projects/-/serviceAccounts/a:generateAccessToken" + ` {"scope":["s"],"delegates":null}`, answer: "{}"},
	{name: "a project that pays", request: "GET /storage/v1/b/acme-data/managedFolders?userProject=acme", answer: "{}"},
	{name: "the rest of an upload", request: "PUT /upload" + objects + "?uploadType=resumable&name=a&upload_id=1 hello", answer: `{"name":"a"}`},
	{name: "labels are taken away", request: "PATCH /storage/v1/b/acme-data" + ` {"labels":null}`, answer: "{}"},
	{name: "an upload that goes on", request: "PUT /upload" + objects + "?uploadType=resumable&name=a&upload_id=1 hello", header: "X-Http-Status-Code-Override: 308"},
	{name: "a download of nothing", request: "GET " + objects + "/a?alt=media", status: 404, header: "Content-Type: text/html; charset=UTF-8", answer: "No such object: acme-data/a"},
	{name: "gcloud lists what is deleted", request: "GET " + pools + "?showDeleted=True", answer: "{}"},
}

// TestEveryGapIsNeeded lets the list of gaps grow no older than what it excuses: without a
// gap its conversation is reported, and with all of them it is not. A document that has
// learned what it lacked makes its gap fail here.
func TestEveryGapIsNeeded(t *testing.T) {
	d := Load(t)
	if len(excused) != len(gaps()) {
		t.Fatalf("%d gaps, and %d conversations that need one", len(gaps()), len(excused))
	}
	for i, c := range excused {
		t.Run(c.name, func(t *testing.T) {
			if g := gaps()[i]; g.why == "" {
				t.Error("the gap has no reason")
			}
			with, without := NewRecorder(d), NewRecorder(d)
			without.gaps = slices.Delete(gaps(), i, i+1)
			with.always, without.always = nil, nil // the answers are cut short
			c.have(t, with)
			c.have(t, without)
			if found := with.Violations(); len(found) > 0 {
				t.Errorf("reported %q", found)
			}
			if found := without.Violations(); len(found) == 0 {
				t.Errorf("not needed: %s", gaps()[i].why)
			}
		})
	}
}
