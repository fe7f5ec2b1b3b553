package emulator

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// Who reads a bucket whose requesters pay must say whose project pays; who could pay for the
// bucket's own project need not.
func TestRequesterPays(t *testing.T) {
	const wanted = "Bucket is a requester pays bucket but no user project provided."
	w := newWorld(t)
	w.must(t, `PATCH /storage/v1/b/acme-data {"billing":{"requesterPays":true}}`)
	w = w.reopened(filepath.Join(t.TempDir(), "state"))
	if r := w.send(t, "GET /storage/v1/b/acme-data"); r.status != 200 || !strings.Contains(r.text, `"requesterPays": true`) {
		t.Errorf("the owner: %d %s", r.status, r.text)
	}
	if got, want := w.walkIn(), (outcome{At: "storage", Status: 400, Text: wanted}); got != want {
		t.Errorf("the pod: %+v", got)
	}
	token, _ := w.exchange(nil).at("access_token").(string)
	gsa, _ := w.impersonate(token, fmt.Sprintf(`{"scope":[%q]}`, w.scope)).at("accessToken").(string)
	billed := func() reply { return w.as(t, gsa, "GET /storage/v1/b/acme-data/o?userProject=acme-prod", "") }
	if r := billed(); r.status != 403 || !strings.Contains(r.text, "serviceusage.services.use") {
		t.Errorf("a project that is not the pod's to bill: %d %s", r.status, r.text)
	}
	w.must(t, `POST /v1/projects/acme-prod:setIamPolicy {"policy":{"bindings":[{"role":"roles/owner","members":["user:operator@example.com"]},`+
		`{"role":"roles/serviceusage.serviceUsageConsumer","members":["serviceAccount:`+readerEmail+`"]}]}}`)
	if r := billed(); r.status != 200 {
		t.Errorf("a project that it may bill: %d %s", r.status, r.text)
	}
	w.must(t, `PATCH /storage/v1/b/acme-data {"billing":{"requesterPays":false}}`)
	if got := w.walkIn(); got.Status != 200 {
		t.Errorf("the owner pays again: %+v", got)
	}
}
