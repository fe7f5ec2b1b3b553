package trust

import (
	"context"
	"crypto/md5" //nolint:gosec // what Cloud Storage names contents by; nothing is secret in it
	"encoding/base64"
	"strings"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// hello is what the object says. A teardown knows it again.
func (t *Trust) hello() string {
	return "Hello from gs://" + t.w.Bucket + ", made by wifctl setup --create-bucket.\n"
}

// helloFile is the object that setup writes.
func (t *Trust) helloFile() gcp.Object {
	sum := md5.Sum([]byte(t.hello())) //nolint:gosec // see above
	return gcp.Object{Name: helloObject, MD5: base64.StdEncoding.EncodeToString(sum[:]), Metadata: map[string]string{bucketLabel: bucketMaker}}
}

func (t *Trust) makeBucket(ctx context.Context, obs pipeline.Observation) (pipeline.Outcome, error) {
	done := pipeline.Updated
	if obs.Status == pipeline.Absent {
		err := t.google.CreateBucket(ctx, t.facts.project.ID, gcp.Bucket{
			Name: t.w.Bucket, Location: t.cfg.Location, Labels: map[string]string{bucketLabel: bucketMaker},
		})
		if out, err := t.bucketMade(ctx, err); err != nil || out == pipeline.Unchanged {
			return out, err
		}
		done = pipeline.Created
	}
	err := t.google.CreateObject(ctx, t.w.Bucket, t.helloFile(), t.hello())
	if gcp.ReasonOf(err) == gcp.ConditionNotMet { // an earlier try wrote it, or somebody else did
		err = nil
	}
	return t.changed(done, err)
}

// bucketMade tells a bucket that somebody made a moment earlier in our project, which is
// looked at again, from a name that is taken.
func (t *Trust) bucketMade(ctx context.Context, err error) (pipeline.Outcome, error) {
	switch gcp.ReasonOf(err) {
	case gcp.AlreadyExists:
		if b, found, _ := t.google.Bucket(ctx, t.w.Bucket); found && b.ProjectNumber == t.facts.project.Number {
			return pipeline.Unchanged, nil
		}
		return "", &pipeline.RemediedError{Err: err, Remedy: t.nameTaken()}
	case gcp.Invalid:
		return "", &pipeline.RemediedError{Err: err, Remedy: remedy("WIF506",
			"is "+or(t.cfg.Location, "US")+" one of the locations in https://docs.cloud.google.com/storage/docs/locations?")}
	case gcp.BillingRequired:
		return "", &pipeline.RemediedError{Err: err, Remedy: t.unbilled("WIF507")}
	}
	return t.changed(pipeline.Created, err)
}

// nameTaken is what to do about a name that another bucket has.
func (t *Trust) nameTaken() pipeline.Remedy {
	named, renamed := "--bucket "+t.w.Bucket, "--bucket "+t.projectName()+"-"+t.w.Bucket
	again := t.wifctl("setup", t.bucketFlags()...)
	return remedy("WIF505", "all buckets of all customers share one space of names, and this one is taken: choose another, such as one that begins with the project's id",
		strings.Replace(again, named, renamed, 1))
}

// bucketFlags are those of setup that make a bucket.
func (t *Trust) bucketFlags() []string {
	if t.cfg.Location == "" {
		return []string{"--create-bucket"}
	}
	return []string{"--create-bucket", "--location", t.cfg.Location}
}
