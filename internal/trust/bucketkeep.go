package trust

import (
	"context"
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/wif"
)

// keepBucket leaves a bucket with anything in it that setup did not put there, or with
// anybody else in its policy: a delete would be of their data, or of their way to it.
func (t *Trust) keepBucket(ctx context.Context, obs pipeline.Observation) (string, error) {
	if obs.Detail == ownerUnseen {
		return ownerUnseen, nil
	}
	objects, err := t.google.Objects(ctx, t.w.Bucket)
	if gcp.ReasonOf(err) == gcp.PermissionDenied {
		return "you may not look what is in it (storage.objects.list)", nil
	}
	if err != nil {
		return "", t.googleFailed(err)
	}
	for _, o := range objects {
		switch {
		case o.Name != helloObject:
			return "it holds " + o.Name, nil
		case o.MD5 != t.helloFile().MD5 || o.Metadata[bucketLabel] != bucketMaker:
			return "its " + helloObject + " is not the one that setup wrote", nil
		}
	}
	return t.bucketUsers(ctx)
}

// bucketUsers says who else was given access to the bucket; empty: nobody. Our own grant
// goes first, unless it stays for others.
func (t *Trust) bucketUsers(ctx context.Context) (string, error) {
	policy, err := t.google.Policy(ctx, gcp.BucketPolicy(t.w.Bucket))
	if gcp.ReasonOf(err) == gcp.PermissionDenied {
		return "you may not look who uses it (storage.buckets.getIamPolicy)", nil
	}
	if err != nil {
		return "", t.googleFailed(err)
	}
	own := t.grant()
	if why, err := t.keepGrant(ctx, pipeline.Observation{}); err != nil || why != "" || t.memberOwner(own, t.gsaIsOurs()) != pipeline.Ours {
		own = member{}
		if err != nil {
			return "", err
		}
	}
	for _, b := range policy.Bindings {
		for _, m := range b.Members {
			if !everyBucketHas(m) && (b.Role != own.role || m != own.member) {
				return wif.ShortMember(m) + " is given " + b.Role + " on it", nil
			}
		}
	}
	return "", nil
}

// everyBucketHas reports whether a member stands in the policy of every new bucket, or for
// nobody any more.
//
// https://docs.cloud.google.com/storage/docs/access-control/iam#convenience-values
func everyBucketHas(member string) bool {
	kind, _, _ := strings.Cut(member, ":")
	return slices.Contains([]string{"projectOwner", "projectEditor", "projectViewer", "deleted"}, kind)
}

// removeBucket deletes the object, in the generation that was looked at, and the bucket,
// which Google does only if nothing is in it.
func (t *Trust) removeBucket(ctx context.Context, _ pipeline.Observation) error {
	objects, err := t.google.Objects(ctx, t.w.Bucket)
	if err != nil {
		return t.googleFailed(err)
	}
	for _, o := range objects {
		if o.Name != helloObject || o.MD5 != t.helloFile().MD5 {
			continue // somebody's, in the meantime: then the bucket is not empty, and stays
		}
		if err := t.google.DeleteObject(ctx, t.w.Bucket, o); err != nil && gcp.ReasonOf(err) != gcp.NotFound {
			return t.googleFailed(err)
		}
	}
	err = t.google.DeleteBucket(ctx, t.w.Bucket)
	if gcp.ReasonOf(err) == gcp.NotFound {
		return nil
	}
	return t.googleFailed(err)
}
