package trust

import (
	"context"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// readers are the predefined roles that may list and read objects as DefaultRole does, and
// more.
//
// https://docs.cloud.google.com/storage/docs/access-control/iam-roles
var readers = []string{"roles/storage.objectUser", "roles/storage.objectAdmin", "roles/storage.admin"}

// readsAnyway tells a verify of a grant that is wider than the one looked for, and does:
// the same role on the whole project, as tutorials have it, or a greater one on the bucket.
func (t *Trust) readsAnyway(ctx context.Context, bucket gcp.Policy) (pipeline.Finding, bool) {
	m := t.grant()
	if t.purpose != ToVerify || t.w.Grant == GrantProject {
		return pipeline.Finding{}, false
	}
	narrower := []string{t.wifctl("setup")}
	for _, role := range readers {
		if wide := m; m.role == DefaultRole && bucket.Has(role, m.member) {
			wide.role = role
			return warn("WIF502", t.w.GSA+" reads it by "+role+", which is wider than "+m.role,
				remedy("WIF502", "setup grants the narrower role; then the wider one can go", append(narrower, wide.command("remove"))...)), true
		}
	}
	project, err := t.google.Policy(ctx, gcp.ProjectPolicy(t.facts.project.ID))
	if err != nil || !project.Has(m.role, m.member) {
		return pipeline.Finding{}, false
	}
	return warn("WIF502", t.w.GSA+" reads it because it may read every bucket of project "+t.facts.project.ID,
		remedy("WIF502", "setup grants it on the bucket alone; then the project's grant can go",
			append(narrower, t.grantOn(GrantProject).command("remove"))...)), true
}
