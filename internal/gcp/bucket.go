package gcp

import (
	"context"
	"strconv"
)

// Bucket is a bucket of Cloud Storage.
type Bucket struct {
	Name                   string
	Location               string // "EUROPE-WEST4"
	ProjectNumber          string
	UniformAccess          bool   // access is by policy alone, not by object
	PublicAccessPrevention string // "enforced", "inherited"
	Labels                 map[string]string
}

// Bucket looks up a bucket. That needs storage.buckets.get, which neither readers
// of objects nor those who may edit its policy always have; to know that there is
// one, [Client.BucketPermissions] does.
func (c *Client) Bucket(ctx context.Context, name string) (Bucket, bool, error) {
	r := request{op: "get bucket", resource: name, permission: "storage.buckets.get"}
	b, err := c.buckets.Buckets.Get(name).Projection("noAcl").Context(ctx).Do()
	if err != nil {
		err = r.fail(err)
		if is(err, NotFound) {
			return Bucket{}, false, nil
		}
		return Bucket{}, false, err
	}
	out := Bucket{Name: b.Name, Location: b.Location, ProjectNumber: strconv.FormatUint(b.ProjectNumber, 10), Labels: b.Labels}
	if i := b.IamConfiguration; i != nil {
		out.UniformAccess = i.UniformBucketLevelAccess != nil && i.UniformBucketLevelAccess.Enabled
		out.PublicAccessPrevention = i.PublicAccessPrevention
	}
	return out, true, nil
}
