package gcp

import (
	"context"
	"strings"

	"google.golang.org/api/googleapi"
	storage "google.golang.org/api/storage/v1"
)

// CreateBucket makes a bucket in a project: with access by policy alone, closed to the
// public, and with the labels and the location that b has. AlreadyExists: somebody has a
// bucket of that name, perhaps we ourselves.
//
// https://docs.cloud.google.com/storage/docs/json_api/v1/buckets/insert
func (c *Client) CreateBucket(ctx context.Context, project string, b Bucket) error {
	r := request{op: "create bucket", resource: b.Name, permission: "storage.buckets.create"}
	_, err := c.buckets.Buckets.Insert(project, &storage.Bucket{
		Name: b.Name, Location: b.Location, Labels: b.Labels,
		IamConfiguration: &storage.BucketIamConfiguration{
			UniformBucketLevelAccess: &storage.BucketIamConfigurationUniformBucketLevelAccess{Enabled: true},
			PublicAccessPrevention:   "enforced",
		},
	}).Projection("noAcl").Context(ctx).Do()
	return r.fail(err)
}

// DeleteBucket deletes a bucket that holds no object, which Google sees to.
func (c *Client) DeleteBucket(ctx context.Context, name string) error {
	r := request{op: "delete bucket", resource: name, permission: "storage.buckets.delete"}
	return r.fail(c.buckets.Buckets.Delete(name).Context(ctx).Do())
}

// Object is one generation of an object, without its content.
type Object struct {
	Name       string
	Generation int64 // changes whenever the object is written
	MD5        string
	Metadata   map[string]string // what whoever wrote it says of it
}

// Objects are the first few objects of a bucket, noncurrent generations among them.
func (c *Client) Objects(ctx context.Context, bucket string) ([]Object, error) {
	r := request{op: "list objects of bucket", resource: bucket, permission: "storage.objects.list"}
	list, err := c.buckets.Objects.List(bucket).Versions(true).Projection("noAcl").MaxResults(maxListed).Context(ctx).Do()
	if err != nil {
		return nil, r.fail(err)
	}
	objects := make([]Object, len(list.Items))
	for i, o := range list.Items {
		objects[i] = Object{Name: o.Name, Generation: o.Generation, MD5: o.Md5Hash, Metadata: o.Metadata}
	}
	return objects, nil
}

// CreateObject writes a small text, unless there is an object of that name:
// ConditionNotMet.
func (c *Client) CreateObject(ctx context.Context, bucket string, o Object, text string) error {
	r := request{op: "create object", resource: bucket + "/" + o.Name, permission: "storage.objects.create"}
	_, err := c.buckets.Objects.Insert(bucket, &storage.Object{Name: o.Name, ContentType: "text/plain; charset=utf-8", Metadata: o.Metadata, Md5Hash: o.MD5}).
		Media(strings.NewReader(text), googleapi.ChunkSize(0)).IfGenerationMatch(0).Context(ctx).Do()
	return r.fail(err)
}

// DeleteObject deletes exactly the generation that o is.
func (c *Client) DeleteObject(ctx context.Context, bucket string, o Object) error {
	r := request{op: "delete object", resource: bucket + "/" + o.Name, permission: "storage.objects.delete"}
	return r.fail(c.buckets.Objects.Delete(bucket, o.Name).IfGenerationMatch(o.Generation).Context(ctx).Do())
}
