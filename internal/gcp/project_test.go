package gcp

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProjectsAreLookedUp(t *testing.T) {
	const (
		get   = "cloudresourcemanager.projects.get"
		usage = "serviceusage.services.get"
	)
	disabled := answerTo{method: get, status: 403, body: `{"error":{"code":403,"message":"off","status":"PERMISSION_DENIED","details":[
		{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"SERVICE_DISABLED","domain":"googleapis.com","metadata":{"service":"cloudresourcemanager.googleapis.com","consumer":"projects/123"}}]}}`}
	for _, tc := range []struct {
		name, asked string
		answers     []answerTo
		want        Project
		reason      Reason
	}{
		{"by Resource Manager", "acme-prod", []answerTo{{method: get, body: `{"projectNumber":"123","projectId":"acme-prod","lifecycleState":"ACTIVE"}`}}, Project{"acme-prod", "123", "ACTIVE"}, Unknown},
		{"by Service Usage where that is off", "acme-prod", []answerTo{disabled, {method: usage, body: `{"name":"projects/123/services/iam.googleapis.com","state":"DISABLED"}`}}, Project{"acme-prod", "123", ""}, Unknown},
		{"by number, the id staying unknown", "123", []answerTo{disabled, {method: usage, body: `{"name":"projects/123/services/iam.googleapis.com"}`}}, Project{"", "123", ""}, Unknown},
		{"a number that is none is not taken for one", "acme-prod", []answerTo{disabled, {method: usage, body: `{"name":"projects/acme-prod/services/iam.googleapis.com"}`}}, Project{}, APIDisabled},
		{"when both refuse, the first refusal is told", "acme-prod", []answerTo{disabled, {method: usage, status: 403, body: refusal(403, "PERMISSION_DENIED", "no")}}, Project{}, APIDisabled},
		{"one that does not exist is not told from one that is hidden", "acme-prod", []answerTo{{method: get, status: 403, body: refusal(403, "PERMISSION_DENIED", "The caller does not have permission")}}, Project{}, PermissionDenied},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, _, _ := follow(t, tc.answers...)
			got, err := c.Project(t.Context(), tc.asked)
			if ReasonOf(err) != tc.reason {
				t.Errorf("got %v, want reason %q", err, tc.reason)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
