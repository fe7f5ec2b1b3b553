package emulator

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

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
