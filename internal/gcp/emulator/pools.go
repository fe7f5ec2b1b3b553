package emulator

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

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

// createPool answers 409 for an id that exists, and in the same words for one
// that is deleted and not yet purged.
func (c *call) createPool() (any, error) {
	p, err := c.projectFor(c.location())
	if err != nil {
		return nil, err
	}
	var doc poolDoc
	if err := c.decode(&doc); err != nil {
		return nil, err
	}
	id := c.query.Get("workloadIdentityPoolId")
	if err := checkPoolID("workload_identity_pool_id", id); err != nil {
		return nil, err
	}
	if err := doc.check(); err != nil {
		return nil, err
	}
	if _, taken := p.pool(id, c.now); taken {
		return nil, newError(http.StatusConflict, "Requested entity already exists")
	}
	made := &pool{
		lifecycle:  lifecycle{created: c.now, visible: c.now.Add(c.s.lag.newPool)},
		poolFields: doc.poolFields, project: p, id: id, policy: &allowPolicy{}, providers: map[string]*provider{},
	}
	p.pools[id] = made
	return c.s.startOperation(made.name(), &made.lifecycle), nil
}

// getPool shows deleted pools too, until they are purged.
func (c *call) getPool() (any, error) {
	p, err := c.pool()
	if err != nil {
		return nil, err
	}
	return p.doc(), nil
}

func (c *call) listPools() (any, error) {
	p, err := c.projectFor(c.location())
	if err != nil {
		return nil, err
	}
	docs := []poolDoc{}
	for _, id := range slices.Sorted(maps.Keys(p.pools)) {
		q := p.pools[id]
		if !c.now.Before(q.visible) && !q.isPurged(c.now) && (!q.isDeleted() || c.flag("showDeleted")) {
			docs = append(docs, q.doc())
		}
	}
	from, to, next, err := c.pageOf(len(docs), 50, 1000)
	if err != nil {
		return nil, err
	}
	return struct {
		Pools []poolDoc `json:"workloadIdentityPools,omitempty"`
		Next  string    `json:"nextPageToken,omitempty"`
	}{docs[from:to], next}, nil
}

// patchPool changes what the mask names; whatever else the body holds is
// ignored, as gcloud sends disabled with every patch.
func (c *call) patchPool() (any, error) {
	p, err := c.activePool()
	if err != nil {
		return nil, err
	}
	var doc poolDoc
	if err := c.decode(&doc); err != nil {
		return nil, err
	}
	mask, err := c.updateMask()
	if err != nil {
		return nil, err
	}
	changed := p.poolFields
	for _, path := range mask {
		if err := changed.set(path, doc.poolFields); err != nil {
			return nil, err
		}
	}
	if err := changed.check(); err != nil {
		return nil, err
	}
	p.poolFields = changed
	return c.s.startOperation(p.name(), nil), nil
}

func (f *poolFields) set(path string, from poolFields) error {
	switch path {
	case "displayName":
		f.DisplayName = from.DisplayName
	case "description":
		f.Description = from.Description
	case "disabled":
		f.Disabled = from.Disabled
	case "mode":
		return invalidArgument("The field 'mode' is immutable.")
	default:
		return badMask(path)
	}
	return nil
}

// deletePool deletes the pool's providers with it.
func (c *call) deletePool() (any, error) {
	p, err := c.activePool()
	if err != nil {
		return nil, err
	}
	p.deleted = c.now
	for _, q := range p.providers {
		if !q.isDeleted() {
			q.deleted, q.withPool = c.now, true
		}
	}
	return c.s.startOperation(p.name(), nil), nil
}

// undeletePool restores the providers that were deleted with the pool. One
// deleted before it stays deleted.
func (c *call) undeletePool() (any, error) {
	p, err := c.pool()
	if err != nil {
		return nil, err
	}
	if !p.isDeleted() {
		return nil, failedPrecondition("Workload identity pool %s is not deleted.", p.name())
	}
	p.deleted = time.Time{}
	for _, q := range p.providers {
		if q.withPool {
			q.deleted, q.withPool = time.Time{}, false
		}
	}
	return c.s.startOperation(p.name(), nil), nil
}
