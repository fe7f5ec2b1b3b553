package emulator

// poolFields are what a client may set on a workload identity pool
// (docs.cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools).
type poolFields struct {
	DisplayName string `json:"displayName,omitempty"`
	Description string `json:"description,omitempty"`
	Disabled    bool   `json:"disabled,omitempty"`
	Mode        string `json:"mode,omitempty"`
}

// poolDoc is a pool as JSON. Fields with their default value are left out.
type poolDoc struct {
	Name string `json:"name,omitempty"`
	poolFields
	State      string `json:"state,omitempty"`
	ExpireTime string `json:"expireTime,omitempty"`
}

type pool struct {
	lifecycle
	poolFields
	project   *project
	id        string
	policy    *allowPolicy
	providers map[string]*provider // by id, the soft-deleted ones too
}

// name is the full name, always with the project number.
func (p *pool) name() string {
	return "projects/" + p.project.number + "/locations/global/workloadIdentityPools/" + p.id
}

func (p *pool) doc() poolDoc {
	return poolDoc{Name: p.name(), poolFields: p.poolFields, State: p.state(), ExpireTime: p.expireTime()}
}

func poolRoutes() []route { return nil }
