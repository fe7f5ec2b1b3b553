package emulator

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// bucketDoc is a bucket as JSON, with the fields kept here; those that only the
// server sets are taken and ignored
// (https://docs.cloud.google.com/storage/docs/json_api/v1/buckets#resource).
//
// not modelled: lifecycle rules, cors, logging, website, encryption, retention, ACLs,
// autoclass, hierarchical namespaces, IP filters.
type bucketDoc struct {
	Kind           string `json:"kind,omitempty"`
	ID             string `json:"id,omitempty"`
	SelfLink       string `json:"selfLink,omitempty"`
	Name           string `json:"name,omitempty"`
	ProjectNumber  string `json:"projectNumber,omitempty"`
	Generation     string `json:"generation,omitempty"`
	Metageneration string `json:"metageneration,omitempty"`
	Etag           string `json:"etag,omitempty"`
	TimeCreated    string `json:"timeCreated,omitempty"`
	Updated        string `json:"updated,omitempty"`

	Location     string          `json:"location,omitempty"`
	LocationType string          `json:"locationType,omitempty"`
	StorageClass string          `json:"storageClass,omitempty"`
	Labels       patchedMetadata `json:"labels,omitempty"`
	Access       *bucketAccess   `json:"iamConfiguration,omitempty"`
	Versioning   *versioningDoc  `json:"versioning,omitempty"`
	Billing      *billingDoc     `json:"billing,omitempty"`
	SoftDelete   *softDeleteDoc  `json:"softDeletePolicy,omitempty"`
	Lifecycle    *lifecycleDoc   `json:"lifecycle,omitempty"`
}

type bucketAccess struct {
	Uniform          *uniformAccess `json:"uniformBucketLevelAccess,omitempty"`
	PolicyOnly       *uniformAccess `json:"bucketPolicyOnly,omitempty"` // the older name
	PublicPrevention string         `json:"publicAccessPrevention,omitempty"`
}

type uniformAccess struct {
	Enabled    bool   `json:"enabled"`
	LockedTime string `json:"lockedTime,omitempty"`
}

type versioningDoc struct {
	Enabled bool `json:"enabled"`
}

type softDeleteDoc struct {
	Seconds       string `json:"retentionDurationSeconds,omitempty"`
	EffectiveTime string `json:"effectiveTime,omitempty"`
}

// lifecycleDoc is taken empty, as Go's library sends it with every new bucket.
type lifecycleDoc struct {
	Rule []map[string]any `json:"rule,omitempty"`
}

// uniformLock is how long uniform access can be switched off again.
const uniformLock = 90 * 24 * time.Hour

func (c *call) bucketDoc(b *bucket) bucketDoc {
	uniform := &uniformAccess{Enabled: b.uniform}
	if b.uniform {
		uniform.LockedTime = storageTime(b.uniformSince.Add(uniformLock))
	}
	doc := bucketDoc{
		Kind: "storage#bucket", ID: b.name, SelfLink: "https://www.googleapis.com/storage/v1/b/" + b.name, Name: b.name,
		ProjectNumber: b.project.number, Generation: strconv.FormatInt(b.created.UnixMicro(), 10),
		Metageneration: strconv.FormatUint(b.metageneration, 10), Etag: bucketEtag(b.metageneration),
		TimeCreated: storageTime(b.created), Updated: storageTime(b.updated),
		Location: b.location, LocationType: b.locationType(), StorageClass: b.storageClass,
		Access:     &bucketAccess{Uniform: uniform, PolicyOnly: uniform, PublicPrevention: b.publicPrevention},
		Versioning: b.versioning, SoftDelete: b.softDelete,
	}
	if b.requesterPays {
		doc.Billing = &billingDoc{true}
	}
	for key, value := range b.labels {
		if doc.Labels == nil {
			doc.Labels = patchedMetadata{}
		}
		doc.Labels[key] = &value
	}
	return doc
}

func (b *bucket) locationType() string {
	switch {
	case slices.Contains([]string{"US", "EU", "ASIA"}, b.location):
		return "multi-region"
	case strings.Contains(b.location, "-"):
		return "region"
	}
	return "dual-region"
}

// uniform is whether the bucket will have uniform access after the document.
func (d *bucketDoc) uniform(now bool) bool {
	switch {
	case d.Access == nil:
		return now
	case d.Access.Uniform != nil:
		return d.Access.Uniform.Enabled
	case d.Access.PolicyOnly != nil:
		return d.Access.PolicyOnly.Enabled
	}
	return now
}

func (d *bucketDoc) check() error {
	if d.Access != nil && !slices.Contains([]string{"", "inherited", "unspecified", "enforced"}, d.Access.PublicPrevention) {
		return storageInvalid("Invalid argument: publicAccessPrevention %q", d.Access.PublicPrevention)
	}
	if err := checkClass(d.StorageClass); err != nil {
		return err
	}
	if err := checkLocation(d.Location); err != nil {
		return err
	}
	if d.Lifecycle != nil && len(d.Lifecycle.Rule) > 0 {
		return notModelled("lifecycle rules of a bucket")
	}
	return nil
}

// checkClass refuses a storage class that there is not. Case does not matter.
func checkClass(class string) error {
	if class != "" && !containsWord("STANDARD NEARLINE COLDLINE ARCHIVE MULTI_REGIONAL REGIONAL", strings.ToUpper(class)) {
		return storageInvalid("Invalid argument: storageClass %q", class)
	}
	return nil
}

// apply takes over what a checked document says and leaves the rest.
func (b *bucket) apply(d bucketDoc, now time.Time) {
	if d.Location != "" {
		b.location = strings.ToUpper(d.Location)
	}
	if d.StorageClass != "" {
		b.storageClass = strings.ToUpper(d.StorageClass) // gcloud's help has it in small letters
	}
	if d.Versioning != nil {
		b.versioning = d.Versioning
	}
	if d.Billing != nil {
		b.requesterPays = d.Billing.RequesterPays
	}
	if d.SoftDelete != nil {
		b.softDelete = d.SoftDelete
	}
	if uniform := d.uniform(b.uniform); uniform && !b.uniform {
		b.makeUniform(now)
	} else if !uniform {
		b.uniform = false
	}
	if d.Access != nil && d.Access.PublicPrevention != "" {
		b.publicPrevention = d.Access.PublicPrevention
	}
	b.labels = d.Labels.applied(b.labels)
}
