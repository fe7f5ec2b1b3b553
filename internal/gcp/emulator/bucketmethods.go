package emulator

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// insertBucket creates a bucket
// (https://docs.cloud.google.com/storage/docs/json_api/v1/buckets/insert).
func (c *call) insertBucket() (any, error) {
	p, err := c.storageProject()
	if err != nil {
		return nil, err
	}
	if err := c.checkServed(p); err != nil {
		return nil, err
	}
	var in bucketDoc
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if err := checkBucketName(in.Name); err != nil {
		return nil, err
	}
	if have, taken := c.s.buckets[in.Name]; taken {
		if c.mayStorage("storage.buckets.get", have) && have.project == p {
			return nil, storageConflict("Your previous request to create the named bucket succeeded and you already own it.")
		}
		return nil, storageConflict("The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.")
	}
	if err := c.s.checkBucketPolicies(in.uniform(false)); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	b := c.s.newBucket(p, in.Name, in.uniform(false))
	b.apply(in, c.now)
	return c.bucketDoc(b), nil
}

// storageProject is the project of the query, if the caller may do there what the
// route does.
func (c *call) storageProject() (*project, error) {
	name := c.query.Get("project")
	if name == "" {
		e := newError(http.StatusBadRequest, "Required parameter: project")
		e.reason, e.locationType, e.location = "required", "parameter", "project"
		return nil, e
	}
	p, ok := c.s.project(name)
	if !ok || !c.s.allowed(c.caller, c.route.permission, p.policy) {
		return nil, c.deny(c.route.permission)
	}
	return p, c.s.checkEnabled(p, "storage.googleapis.com")
}

// checkBucketPolicies applies the organisation policy on uniform access, which is
// looked at when a bucket is made or changed.
func (s *Server) checkBucketPolicies(uniform bool) error {
	const constraint = "constraints/storage.uniformBucketLevelAccess"
	if _, inForce := s.opts.OrgPolicies[constraint]; inForce && !uniform {
		return newError(http.StatusPreconditionFailed, "Request violates constraint '%s'", constraint)
	}
	return nil
}

func (c *call) listBuckets() (any, error) {
	p, err := c.storageProject()
	if err != nil {
		return nil, err
	}
	var found []bucketDoc
	for _, name := range slices.Sorted(maps.Keys(c.s.buckets)) {
		b := c.s.buckets[name]
		if b.project == p && strings.HasPrefix(name, c.query.Get("prefix")) && name > pageStart(c.query.Get("pageToken")) {
			found = append(found, c.bucketDoc(b))
		}
	}
	size, err := c.maxResults()
	if err != nil {
		return nil, err
	}
	answer := struct {
		Kind  string      `json:"kind"`
		Items []bucketDoc `json:"items,omitempty"`
		Next  string      `json:"nextPageToken,omitempty"`
	}{Kind: "storage#buckets", Items: found}
	if len(found) > size {
		answer.Items, answer.Next = found[:size], pageToken(found[size-1].Name)
	}
	return answer, nil
}

// getBucket reads a bucket's metadata
// (https://docs.cloud.google.com/storage/docs/json_api/v1/buckets/get).
func (c *call) getBucket() (any, error) {
	b, err := c.openBucket()
	if err != nil {
		return nil, err
	}
	if err := c.checkMatch("Metageneration", b.metageneration); err != nil {
		return nil, err
	}
	return c.bucketDoc(b), nil
}

// patchBucket changes what the body names
// (https://docs.cloud.google.com/storage/docs/json_api/v1/buckets/patch).
func (c *call) patchBucket() (any, error) {
	b, err := c.openBucket()
	if err != nil {
		return nil, err
	}
	if err := c.checkMatch("Metageneration", b.metageneration); err != nil {
		return nil, err
	}
	var in bucketDoc
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.Location != "" && !strings.EqualFold(in.Location, b.location) {
		return nil, storageInvalid("The location of a bucket cannot be changed.")
	}
	if err := c.s.checkBucketPolicies(in.uniform(b.uniform)); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	b.apply(in, c.now)
	b.changed(c.now)
	return c.bucketDoc(b), nil
}

// deleteBucket deletes an empty bucket, at once.
//
// not modelled: the soft delete of buckets.
func (c *call) deleteBucket() (any, error) {
	b, err := c.openBucket()
	if err != nil {
		return nil, err
	}
	if err := c.checkMatch("Metageneration", b.metageneration); err != nil {
		return nil, err
	}
	if len(b.objects) > 0 {
		return nil, storageConflict("The bucket you tried to delete is not empty.")
	}
	delete(c.s.buckets, b.name)
	return newAnswer(http.StatusNoContent, "", nil), nil
}

// storageLayout says that a bucket has no hierarchical namespace; gcloud asks before
// it deletes recursively.
func (c *call) storageLayout() (any, error) {
	b, err := c.openBucket()
	if err != nil {
		return nil, err
	}
	return struct {
		Kind         string `json:"kind"`
		Bucket       string `json:"bucket"`
		Location     string `json:"location"`
		LocationType string `json:"locationType"`
	}{"storage#storageLayout", b.name, b.location, b.locationType()}, nil
}

// listManagedFolders lists none. A 404 here would stop gcloud's rm -r half way.
//
// not modelled: managed folders.
func (c *call) listManagedFolders() (any, error) {
	if _, err := c.openBucket(); err != nil {
		return nil, err
	}
	return struct {
		Kind string `json:"kind"`
	}{"storage#managedFolders"}, nil
}
