package emulator

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// bucket is one Cloud Storage bucket.
type bucket struct {
	name    string
	project *project
	policy  *allowPolicy // its etag is the metageneration's: see bucketEtag
	objects map[string]*object
	uploads map[string]*upload // by upload id

	created, updated time.Time
	metageneration   uint64 // moves with every change, of the policy too

	location     string // upper case
	storageClass string
	labels       map[string]string
	versioning   *versioningDoc

	requesterPays bool
	softDelete    *softDeleteDoc

	uniform          bool // access by policies alone, no ACLs
	uniformSince     time.Time
	publicPrevention string // enforced or inherited
}

// Scopes of Cloud Storage, each beside cloud-platform
// (https://docs.cloud.google.com/storage/docs/authentication#oauth-scopes).
const (
	scopesFull  = scopePrefix + "devstorage.full_control"
	scopesWrite = scopesFull + " " + scopePrefix + "devstorage.read_write"
	scopesRead  = scopesWrite + " " + scopePrefix + "devstorage.read_only " + scopePrefix + "cloud-platform.read-only"
)

// storageRoutes are the JSON API and the two XML paths by which Google's libraries
// read an object (https://docs.cloud.google.com/storage/docs/json_api/v1).
//
// not modelled: ACLs, notifications, HMAC keys, retention, encryption keys,
// noncurrent versions and soft-deleted objects.
func storageRoutes() []route {
	routes := slices.Concat(bucketRoutes(), bucketPolicyRoutes(), uploadRoutes(), objectChangeRoutes(), objectRoutes())
	for i := range routes {
		r := &routes[i]
		r.query += " userProject"
		if r.form == formGoogle {
			r.form = formStorage
		}
		r.auth = authOptional // a public object needs no token; deny answers for the others
		inner := r.handle
		r.handle = func(c *call) (any, error) {
			if err := c.checkStorageQuery(); err != nil {
				return nil, err
			}
			if err := c.checkUserProject(); err != nil {
				return nil, err
			}
			return inner(c)
		}
	}
	return routes
}

// checkStorageQuery refuses what would else be left out in silence. Clients send these
// parameters empty or false.
func (c *call) checkStorageQuery() error {
	for name := range strings.FieldsSeq("matchGlob filter predefinedAcl predefinedDefaultObjectAcl kmsKeyName restoreToken " +
		"overrideUnlockedRetention destinationKmsKeyName destinationPredefinedAcl dropContextGroups") {
		if c.query.Get(name) != "" {
			return notModelled("parameter %q", name)
		}
	}
	for _, name := range []string{"softDeleted", "enableObjectRetention"} {
		if c.flag(name) {
			return notModelled("parameter %q", name)
		}
	}
	return nil
}

func bucketRoutes() []route {
	const (
		all = "/storage/v1/b"
		one = "/storage/v1/b/{bucket}"
		id  = "storage.buckets."
		met = " ifMetagenerationMatch ifMetagenerationNotMatch"
	)
	return []route{
		{id: id + "insert", verb: http.MethodPost, path: all, query: "project projection enableObjectRetention predefinedAcl predefinedDefaultObjectAcl",
			scopes: scopesWrite, permission: id + "create", handle: (*call).insertBucket},
		{id: id + "list", verb: http.MethodGet, path: all, query: "project projection prefix maxResults pageToken softDeleted returnPartialSuccess",
			scopes: scopesRead, permission: id + "list", handle: (*call).listBuckets},
		{id: id + "get", verb: http.MethodGet, path: one, query: "projection generation softDeleted" + met,
			scopes: scopesRead, permission: id + "get", handle: (*call).getBucket},
		{id: id + "patch", verb: http.MethodPatch, path: one, query: "projection predefinedAcl predefinedDefaultObjectAcl" + met,
			scopes: scopesFull, permission: id + "update", handle: (*call).patchBucket},
		{id: id + "delete", verb: http.MethodDelete, path: one, query: strings.TrimSpace(met),
			scopes: scopesWrite, permission: id + "delete", handle: (*call).deleteBucket},
		{id: id + "getStorageLayout", verb: http.MethodGet, path: one + "/storageLayout", query: "prefix",
			scopes: scopesRead, permission: "storage.objects.list", handle: (*call).storageLayout},
		{id: "storage.managedFolders.list", verb: http.MethodGet, path: one + "/managedFolders", query: "prefix pageSize pageToken",
			scopes: scopesRead, permission: "storage.managedFolders.list", handle: (*call).listManagedFolders},
	}
}

var (
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*[a-z0-9]$`)
	likeGoogle = regexp.MustCompile(`^goog|g[o0][o0]g[l1]e`)
)

// checkBucketName holds a name to its form: 3 to 63 characters, with dots 222, and 63
// between them (https://docs.cloud.google.com/storage/docs/buckets#naming).
//
// not modelled: that a name with dots must be a domain of the caller's.
func checkBucketName(name string) error {
	fine := bucketName.MatchString(name) && len(name) >= 3 && len(name) <= 222 && !likeGoogle.MatchString(name) && net.ParseIP(name) == nil
	for part := range strings.SplitSeq(name, ".") {
		fine = fine && part != "" && len(part) <= 63
	}
	if !fine {
		return storageInvalid("Invalid bucket name: '%s'", name)
	}
	return nil
}

// newBucket makes a bucket with the bindings every new one has
// (https://docs.cloud.google.com/storage/docs/access-control/iam#defaultobj).
func (s *Server) newBucket(p *project, name string, uniform bool) *bucket {
	now := s.clock.Now()
	b := &bucket{
		name: name, project: p, policy: &allowPolicy{}, objects: map[string]*object{}, uploads: map[string]*upload{},
		created: now, updated: now, metageneration: 1, location: "US", storageClass: "STANDARD", publicPrevention: "inherited",
	}
	owners, viewers := []string{"projectEditor:" + p.id, "projectOwner:" + p.id}, "projectViewer:"+p.id
	b.policy.add(s, "roles/storage.legacyBucketOwner", owners...)
	b.policy.add(s, "roles/storage.legacyBucketReader", viewers)
	if uniform {
		b.makeUniform(now)
		b.policy.add(s, "roles/storage.legacyObjectOwner", owners...)
		b.policy.add(s, "roles/storage.legacyObjectReader", viewers)
	}
	s.buckets[name] = b
	return b
}

// makeUniform ends access by ACLs. It can be taken back for 90 days.
func (b *bucket) makeUniform(now time.Time) {
	b.uniform, b.uniformSince = true, now
}

// changed moves the metageneration, and with it the policy's etag.
func (b *bucket) changed(now time.Time) {
	b.metageneration++
	b.updated = now
}

// seedBucket makes a bucket the server starts with, holding hello.txt.
func (s *Server) seedBucket(p *project, name string) error {
	if err := checkBucketName(name); err != nil {
		return err
	}
	if _, taken := s.buckets[name]; taken {
		return fmt.Errorf("named twice")
	}
	b := s.newBucket(p, name, true)
	b.put(&object{name: "hello.txt", contentType: "text/plain", data: []byte("Hello from " + name + "\n")}, s.clock.Now())
	return nil
}

// bucketState is one bucket in a State.
type bucketState struct {
	Name           string   `json:"name"`
	Project        string   `json:"projectId"`
	Metageneration uint64   `json:"metageneration"`
	Uniform        bool     `json:"uniformBucketLevelAccess"`
	Policy         any      `json:"policy"`
	Objects        []string `json:"objects,omitempty"`
}

// bucketStates are the buckets in a State, by name.
func (s *Server) bucketStates() []any {
	var states []any
	for _, name := range slices.Sorted(maps.Keys(s.buckets)) {
		b := s.buckets[name]
		states = append(states, bucketState{
			Name: name, Project: b.project.id, Metageneration: b.metageneration, Uniform: b.uniform,
			Policy: s.showBucketPolicy(b, 3), Objects: slices.Sorted(maps.Keys(b.objects)),
		})
	}
	return states
}
