package trust

import (
	"context"
	"strings"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// What setup makes says so: a bucket by its label, an object by its metadata. Keys and
// values of labels are lower-case letters, digits, hyphens and underscores
// (https://docs.cloud.google.com/storage/docs/tags-and-labels#bucket-labels).
const (
	bucketLabel = "managed-by"
	bucketMaker = "wifctl"
	helloObject = "hello.txt"
)

// exampleLocation stands in commands for somebody who named none.
const exampleLocation = "US-CENTRAL1"

// makesBucket are the flags by which setup makes the bucket.
var makesBucket = []string{"--create-bucket", "--location", exampleLocation}

func (t *Trust) gcsBucket() pipeline.Step {
	if t.w.Bucket == "" {
		return t.bucketUnnamed()
	}
	return pipeline.Step{
		Check: pipeline.Check{
			ID: GCSBucket, Claims: t.claims(GCSBucket),
			Claim:  "bucket " + t.w.Bucket + " exists",
			Thing:  t.bucketThing(),
			Facts:  []pipeline.ID{GCPProject},
			Needs:  []pipeline.ID{GCPAPIs},
			Within: apiEnabled, Observe: t.lookAtBucket,
		},
		Apply:  t.makeBucket,
		Keep:   t.keepBucket,
		Remove: t.removeBucket,
	}
}

// bucketUnnamed is the step of a preflight that was not told which bucket.
func (t *Trust) bucketUnnamed() pipeline.Step {
	return pipeline.Step{Check: pipeline.Check{
		ID: GCSBucket, Claims: t.claims(GCSBucket), Claim: "bucket (which?) exists",
		Observe: func(context.Context) (pipeline.Observation, error) {
			return pipeline.Observation{Remedy: remedy("WIF501", "name one that there is, or a new one together with --create-bucket; these are the project's",
				gcloud(append([]string{"storage", "buckets", "list", "--format=value(name)"}, t.inProject()...)...))}, errNoBucket
		},
	}}
}

// inProject is gcloud's flag for a project, where one is named.
func (t *Trust) inProject() []string {
	if t.cfg.Project == "" {
		return nil
	}
	return []string{"--project=" + t.cfg.Project}
}

// bucketThing is what setup makes only if it is told to.
func (t *Trust) bucketThing() string {
	if t.purpose == ToTearDown || t.cfg.CreateBucket {
		return "bucket " + t.w.Bucket
	}
	return ""
}

// ownerUnseen is why a bucket stays that we can't tell whose it is.
const ownerUnseen = "you may not look whose it is (storage.buckets.get)"

// lookAtBucket asks whether there is a bucket of that name. To know more of it takes a
// permission that not everybody has who may work with it, and is asked for only where a
// bucket is made or taken back.
func (t *Trust) lookAtBucket(ctx context.Context) (pipeline.Observation, error) {
	held, err := t.google.BucketPermissions(ctx, t.w.Bucket, t.policyPermissions())
	t.facts.bucketAbsent, t.facts.bucketMissing = gcp.ReasonOf(err) == gcp.NotFound, held.Missing
	switch {
	case t.facts.bucketAbsent:
		return t.noBucket(), nil
	case err != nil:
		return t.googleLook(err)
	case t.purpose == ToSetUp && t.w.Grant != GrantProject && len(held.Missing) > 0:
		return t.mayGrant() // told even where the grant itself can't be looked at
	case t.purpose == ToVerify, t.purpose == ToSetUp && !t.cfg.CreateBucket:
		return pipeline.Observation{Status: pipeline.Met}, nil
	}
	b, found, err := t.google.Bucket(ctx, t.w.Bucket)
	if gcp.ReasonOf(err) == gcp.PermissionDenied {
		// Not theirs, for all we know: keepBucket says why it stays.
		return pipeline.Observation{Status: pipeline.Met, Owner: pipeline.Ours, Detail: ownerUnseen}, nil
	}
	if err != nil || !found {
		return t.googleLook(err)
	}
	return t.judgeBucket(ctx, b)
}

// policyPermissions are what the grant takes on the bucket. Asking for them tells, too,
// whether there is one.
func (t *Trust) policyPermissions() []string {
	if t.purpose == ToVerify {
		return []string{"storage.buckets.getIamPolicy"}
	}
	return []string{"storage.buckets.getIamPolicy", "storage.buckets.setIamPolicy"}
}

// noBucket is what a name comes to that nothing has.
func (t *Trust) noBucket() pipeline.Observation {
	detail := "bucket " + t.w.Bucket + " does not exist"
	switch {
	case t.purpose == ToTearDown:
		return pipeline.Observation{Status: pipeline.Absent, Learned: true, Detail: detail}
	case t.purpose == ToSetUp && t.cfg.CreateBucket:
		return pipeline.Observation{Status: pipeline.Absent, Learned: true, Diffs: t.bucketDiffs()}
	}
	return blocked(detail, remedy("WIF501", "is the name right? If it is, setup makes the bucket if it is told to. Without wifctl: "+
		gcloud("storage", "buckets", "create", "gs://"+t.w.Bucket, "--project="+t.projectName(), "--location="+exampleLocation,
			"--uniform-bucket-level-access", "--public-access-prevention"),
		t.wifctl("setup", makesBucket...)))
}

// bucketDiffs are what a new bucket will be.
func (t *Trust) bucketDiffs() []pipeline.Diff {
	return []pipeline.Diff{
		{Path: "iamConfiguration.publicAccessPrevention", Want: "enforced"},
		{Path: "iamConfiguration.uniformBucketLevelAccess.enabled", Want: "true"},
		{Path: "labels." + bucketLabel, Want: bucketMaker},
		{Path: "location", Want: or(t.cfg.Location, "US")},
		{Path: "objects/" + helloObject, Want: strings.TrimSpace(t.hello())},
	}
}

// judgeBucket sees whose a bucket is, and whether making it came to its end: a run may have
// been stopped before it wrote the object. One that somebody made, or has put something
// into, is left as it is.
func (t *Trust) judgeBucket(ctx context.Context, b gcp.Bucket) (pipeline.Observation, error) {
	obs := pipeline.Observation{Status: pipeline.Met, Owner: pipeline.Theirs}
	if b.Labels[bucketLabel] == bucketMaker && b.ProjectNumber == t.facts.project.Number {
		obs.Owner = pipeline.Ours
	}
	if t.purpose == ToTearDown {
		return obs, nil
	}
	if t.cfg.Location != "" && !strings.EqualFold(t.cfg.Location, b.Location) {
		obs = blocked("bucket "+t.w.Bucket+" exists, in "+b.Location, remedy("WIF506", "a bucket's location can't be changed: leave --location out to use it where it is, or name another bucket",
			t.wifctl("setup", "--create-bucket")))
		obs.Learned = true
		return obs, nil
	}
	if obs.Owner == pipeline.Theirs {
		return obs, nil
	}
	objects, err := t.google.Objects(ctx, t.w.Bucket)
	if err != nil {
		return t.googleLook(err)
	}
	if len(objects) == 0 {
		obs.Status, obs.Detail = pipeline.Drifted, "it is empty"
		obs.Diffs = []pipeline.Diff{{Path: "objects/" + helloObject, Want: strings.TrimSpace(t.hello())}}
	}
	obs.Learned = true
	return obs, nil
}
