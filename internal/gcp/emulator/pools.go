package emulator

// poolFields are what a client may set on a workload identity pool
// (docs.cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools).
//
// not modelled: managed identities: namespaces, inline certificates and trust.
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

func poolRoutes() []route {
	const (
		pools = "/v1/projects/{project}/locations/global/workloadIdentityPools"
		pool  = pools + "/{pool}"
		id    = "iam.projects.locations.workloadIdentityPools."
		may   = "iam.workloadIdentityPools."
	)
	return append(providerRoutes(), []route{
		{id: id + "create", verb: "POST", path: pools, query: "workloadIdentityPoolId", permission: may + "create", handle: (*call).createPool},
		{id: id + "list", verb: "GET", path: pools, query: "pageSize pageToken showDeleted", permission: may + "list", handle: (*call).listPools},
		{id: id + "get", verb: "GET", path: pool, permission: may + "get", handle: (*call).getPool},
		{id: id + "patch", verb: "PATCH", path: pool, query: "updateMask", permission: may + "update", handle: (*call).patchPool},
		{id: id + "delete", verb: "DELETE", path: pool, permission: may + "delete", handle: (*call).deletePool},
		{id: id + "undelete", verb: "POST", path: pool + ":undelete", empty: true, permission: may + "undelete", handle: (*call).undeletePool},
		{id: id + "getIamPolicy", verb: "POST", path: pool + ":getIamPolicy", reads: true, permission: may + "getIamPolicy", handle: (*call).getPoolPolicy},
		{id: id + "setIamPolicy", verb: "POST", path: pool + ":setIamPolicy", permission: may + "setIamPolicy", handle: (*call).setPoolPolicy},
		{id: id + "testIamPermissions", verb: "POST", path: pool + ":testIamPermissions", reads: true, handle: (*call).testPoolPermissions},
		{id: id + "operations.get", verb: "GET", path: pool + "/operations/{operation}", permission: may + "get", handle: (*call).getOperation},
	}...)
}

// projectFor is the project of the path, for a caller who has the method's
// permission there or by one of the other policies. A project that does not
// exist answers as one that is closed to the caller.
func (c *call) projectFor(resource string, others ...*allowPolicy) (*project, error) {
	p, ok := c.s.project(c.vars["project"])
	if !ok {
		return nil, permissionDenied(c.route.permission, resource)
	}
	if err := c.s.checkEnabled(p, c.route.service()); err != nil {
		return nil, err
	}
	return p, c.need(resource, append(others, p.policy)...)
}

// need refuses a caller without the method's permission.
func (c *call) need(resource string, chain ...*allowPolicy) error {
	if c.s.allowed(c.caller, c.route.permission, chain...) {
		return nil
	}
	return permissionDenied(c.route.permission, resource)
}

// location is the parent of pools as the caller named it.
func (c *call) location() string {
	return "//iam.googleapis.com/projects/" + c.vars["project"] + "/locations/global"
}

func (c *call) poolResource() string {
	return c.location() + "/workloadIdentityPools/" + c.vars["pool"]
}

// pool is the pool of the path, active or deleted.
func (c *call) pool() (*pool, error) {
	var own []*allowPolicy
	found, ok := c.findPool()
	if ok {
		own = append(own, found.policy)
	}
	if _, err := c.projectFor(c.poolResource(), own...); err != nil {
		return nil, err
	}
	if !ok {
		return nil, notFound("Requested entity was not found.")
	}
	return found, nil
}

// findPool looks the pool of the path up, for nobody in particular.
func (c *call) findPool() (*pool, bool) {
	p, ok := c.s.project(c.vars["project"])
	if !ok {
		return nil, false
	}
	found, ok := p.pool(c.vars["pool"], c.now)
	return found, ok && !c.now.Before(found.visible)
}

// activePool is the pool of the path if it can be changed. What Google says of
// a deleted one is not documented; this answer is assumed.
func (c *call) activePool() (*pool, error) {
	p, err := c.pool()
	if err != nil {
		return nil, err
	}
	if p.isDeleted() {
		return nil, failedPrecondition("Workload identity pool %s is deleted. Undelete it first.", p.name())
	}
	return p, nil
}
