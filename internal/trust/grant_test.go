package trust

import (
	"testing"

	"github.com/wifctl/wifctl/internal/gcp"
)

// What a policy has that comes close to the grant is told.
func TestWhatComesCloseToTheGrant(t *testing.T) {
	const us, namesake = "serviceAccount:gcs-reader@my-project-123.iam.gserviceaccount.com", "serviceAccount:gcs-reader@my-project-124.iam.gserviceaccount.com"
	only := &gcp.Condition{Expression: "request.time < timestamp('2026-01-01T00:00:00Z')"}
	for name, c := range map[string]struct {
		has  gcp.Binding
		want string
	}{
		"another's grant": {gcp.Binding{Role: DefaultRole, Members: []string{"serviceAccount:etl@my-project-123.iam.gserviceaccount.com"}}, ""},
		"a namesake": {
			gcp.Binding{Role: DefaultRole, Members: []string{namesake}},
			"nearest in the policy: serviceAccount:gcs-reader@my-project-12[4].iam.gserviceaccount.com, wanted serviceAccount:gcs-reader@my-project-12[3].iam.gserviceaccount.com",
		},
		"another role":             {gcp.Binding{Role: "roles/storage.objectCreator", Members: []string{us}}, "it is given another role, roles/storage.objectCreator, which does not do"},
		"another role, at times":   {gcp.Binding{Role: "roles/storage.objectCreator", Members: []string{us}, Condition: only}, ""},
		"the role, at times":       {gcp.Binding{Role: DefaultRole, Members: []string{us}, Condition: only}, "it is there under a condition only: " + only.Expression},
		"a namesake, at times":     {gcp.Binding{Role: DefaultRole, Members: []string{namesake}, Condition: only}, ""},
		"a namesake's other roles": {gcp.Binding{Role: "roles/storage.objectCreator", Members: []string{namesake}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tr := podTrust()
			if got := tr.nearGrant(gcp.Policy{Bindings: []gcp.Binding{c.has}}, tr.grant()); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}
