package gcp

import (
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

const (
	enable = "serviceusage.services.batchEnable"
	getUse = "serviceusage.operations.get"
)

func TestServicesAreEnabled(t *testing.T) {
	began := answerTo{method: enable, body: `{"name":"operations/acat.p2-1-x"}`}
	done := answerTo{method: getUse, body: `{"name":"operations/acat.p2-1-x","done":true}`}
	for _, tc := range []struct {
		name    string
		answers []answerTo
		want    Reason
	}{
		{"an operation is waited for", []answerTo{began, {method: getUse, body: `{"name":"operations/acat.p2-1-x"}`}, done}, Unknown},
		{"the operation that does nothing can't be asked for", []answerTo{{method: enable, body: `{"name":"operations/noop.DONE_OPERATION"}`}}, Unknown},
		{"another activation is waited out", []answerTo{
			{method: enable, status: 400, body: refusal(400, "FAILED_PRECONDITION", "Another activation or deactivation is in progress for this project.")}, began, done}, Unknown},
		{"missing billing ends it", []answerTo{began, {method: getUse, body: `{"name":"x","done":true,"error":{"code":9,"message":"Billing account for project '1' is not found."}}`}}, BillingRequired},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, s, _ := follow(t, tc.answers...)
				err := c.EnableServices(t.Context(), "1", []string{"sts.googleapis.com"})
				if ReasonOf(err) != tc.want || (err == nil) != (tc.want == Unknown) {
					t.Errorf("got %v, want reason %q", err, tc.want)
				}
				if got := s.seen[0].Header.Get(quotaHeader); got != "" {
					t.Errorf("the request that enables APIs names quota project %s", got)
				}
				sameJSON(t, `{"serviceIds":["sts.googleapis.com"]}`, s.bodies[0])
			})
		})
	}
}

func TestMoreServicesThanOneRequestTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		noop := answerTo{method: enable, body: `{"name":"operations/noop.DONE_OPERATION","done":true}`}
		c, _, _ := follow(t, noop, noop)
		if err := c.EnableServices(t.Context(), "1", make([]string, maxEnabled+1)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestServicesAreLookedUpOnEveryPage(t *testing.T) {
	const method = "serviceusage.services.list"
	c, s, _ := follow(t,
		answerTo{method: method, body: `{"nextPageToken":"2","services":[
			{"name":"projects/1/services/other.googleapis.com","state":"ENABLED"},
			{"name":"projects/1/services/iam.googleapis.com","state":"DISABLED"}]}`},
		answerTo{method: method, body: `{"services":[{"name":"projects/1/services/sts.googleapis.com","parent":"projects/1","state":"ENABLED"}]}`})
	got, err := c.Services(t.Context(), "acme-prod", []string{"sts.googleapis.com", "iam.googleapis.com", "left-out.googleapis.com"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"sts.googleapis.com": true, "iam.googleapis.com": false, "left-out.googleapis.com": false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if q := s.seen[1].URL.Query(); q.Get("filter") != "state:ENABLED" || q.Get("pageToken") != "2" {
		t.Errorf("second request asked %v", q)
	}
}
