package gcp

import (
	"context"
	"slices"
	"strings"
	"time"

	iam "google.golang.org/api/iam/v1"
)

// State is the life of a pool or provider. Deleted ones are kept for about 30
// days: they can be looked at and restored, not changed, and their id is taken.
type State string

// The states of a pool or provider.
const (
	Active  State = "ACTIVE"
	Deleted State = "DELETED"
)

// Pool is a workload identity pool.
type Pool struct {
	Name        string // "projects/123456789012/locations/global/workloadIdentityPools/k8s-pool"
	DisplayName string // at most 32 characters
	Description string // at most 256 characters
	State       State
	Disabled    bool
	Expires     time.Time // when a deleted pool is gone for good; else zero
	Mode        string    // "" or "FEDERATION_ONLY" for a pool that has providers
}

// Fields of a [Pool] and a [Provider] that a patch may name.
const (
	FieldDisplayName = "displayName"
	FieldDescription = "description"
	FieldDisabled    = "disabled"
)

// Pool looks up a pool by its full name, with the project's number. A deleted
// pool is found, too: look at its State.
//
// https://docs.cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools
func (c *Client) Pool(ctx context.Context, name string) (Pool, bool, error) {
	p, err := c.pools().Get(name).Context(ctx).Do()
	if err != nil {
		err = poolRequest("get", name).fail(err)
		if is(err, NotFound) {
			return Pool{}, false, nil
		}
		return Pool{}, false, err
	}
	return newPool(p), true, nil
}

// CreatePool creates the pool that p names. AlreadyExists may also mean that a
// deleted one holds the id; only looking tells.
func (c *Client) CreatePool(ctx context.Context, p Pool) error {
	r := poolRequest("create", p.Name)
	parent, id := cutName(p.Name, "/workloadIdentityPools/")
	o, err := c.pools().Create(parent, p.body()).WorkloadIdentityPoolId(id).Context(ctx).Do()
	return c.poolDone(ctx, r, o, err)
}

// UndeletePool restores a deleted pool, and with it the providers that were
// deleted along with it.
func (c *Client) UndeletePool(ctx context.Context, name string) error {
	r := poolRequest("undelete", name)
	o, err := c.pools().Undelete(name, &iam.UndeleteWorkloadIdentityPoolRequest{}).Context(ctx).Do()
	return c.poolDone(ctx, r, o, err)
}

// PatchPool sets the fields of the mask to their values in p, empty ones too.
func (c *Client) PatchPool(ctx context.Context, p Pool, mask ...string) error {
	r := poolRequest("update", p.Name)
	body := p.body()
	body.ForceSendFields = forced(mask)
	o, err := c.pools().Patch(p.Name, body).UpdateMask(strings.Join(mask, ",")).Context(ctx).Do()
	return c.poolDone(ctx, r, o, err)
}

// DeletePool deletes a pool and its providers. Tokens that were issued through it
// stop working.
func (c *Client) DeletePool(ctx context.Context, name string) error {
	r := poolRequest("delete", name)
	o, err := c.pools().Delete(name).Context(ctx).Do()
	return c.poolDone(ctx, r, o, err)
}

func (c *Client) pools() *iam.ProjectsLocationsWorkloadIdentityPoolsService {
	return c.iam.Projects.Locations.WorkloadIdentityPools
}

func (c *Client) poolDone(ctx context.Context, r request, o *iam.Operation, err error) error {
	if err != nil {
		return r.fail(err)
	}
	return r.await(ctx, iamOperation(o), func(name string) (operation, error) {
		o, err := c.pools().Operations.Get(name).Context(ctx).Do()
		return iamOperation(o), err
	})
}

func poolRequest(verb, name string) request {
	_, id := cutName(name, "/workloadIdentityPools/")
	return request{op: verb + " pool", resource: id, permission: longPrefix + "s." + verb}
}

func newPool(p *iam.WorkloadIdentityPool) Pool {
	return Pool{
		Name: p.Name, DisplayName: p.DisplayName, Description: p.Description, Mode: p.Mode,
		State: State(p.State), Disabled: p.Disabled, Expires: parseTime(p.ExpireTime),
	}
}

func (p Pool) body() *iam.WorkloadIdentityPool {
	return &iam.WorkloadIdentityPool{DisplayName: p.DisplayName, Description: p.Description, Disabled: p.Disabled}
}

// forced turns a mask into the fields that the library must send even when they
// are empty: it leaves those out, and Google would read that as no value at all.
// The library's own names are the same with a capital.
func forced(mask []string) []string {
	return slices.DeleteFunc(each(mask, func(field string) string {
		if field == "" || strings.Contains(field, ".") {
			return ""
		}
		return strings.ToUpper(field[:1]) + field[1:]
	}), func(s string) bool { return s == "" })
}

// cutName splits a full name at a collection: what it is in, and its id there.
func cutName(name, collection string) (parent, id string) {
	parent, id, _ = strings.Cut(name, collection)
	return parent, id
}

// parseTime reads a time of the API; one that it can't read is none.
func parseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
