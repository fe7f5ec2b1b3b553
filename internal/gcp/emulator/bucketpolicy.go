package emulator

import (
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func bucketPolicyRoutes() []route {
	const path, id = "/storage/v1/b/{bucket}/iam", "storage.buckets."
	return []route{
		{id: id + "getIamPolicy", verb: http.MethodGet, path: path, query: "optionsRequestedPolicyVersion",
			scopes: scopesFull, permission: id + "getIamPolicy", handle: (*call).getBucketPolicy},
		{id: id + "setIamPolicy", verb: http.MethodPut, path: path,
			scopes: scopesFull, permission: id + "setIamPolicy", handle: (*call).setBucketPolicy},
		{id: id + "testIamPermissions", verb: http.MethodGet, path: path + "/testPermissions", query: "permissions",
			scopes: scopesRead, handle: (*call).testBucketPermissions},
	}
}

// bucketPolicyDoc is a policy as Cloud Storage writes it. A set takes it bare.
type bucketPolicyDoc struct {
	Kind       string       `json:"kind"`
	ResourceID string       `json:"resourceId"`
	Version    int          `json:"version"`
	Etag       string       `json:"etag"`
	Bindings   []bindingDoc `json:"bindings,omitempty"`
}

// bucketEtag is the metageneration as field 1 of a protobuf message, in base64. So
// every change of the bucket makes a policy stale that was read before it.
func bucketEtag(metageneration uint64) string {
	const varintField1 = 1 << 3
	return base64.StdEncoding.EncodeToString(binary.AppendUvarint([]byte{varintField1}, metageneration))
}

func parseBucketEtag(etag string) (uint64, bool) {
	b, ok := decodeEtag(etag)
	if !ok || len(b) < 2 || b[0] != 1<<3 {
		return 0, false
	}
	n, size := binary.Uvarint(b[1:])
	return n, size == len(b)-1
}

func (s *Server) showBucketPolicy(b *bucket, version int) bucketPolicyDoc {
	doc := s.show(b.policy, version)
	return bucketPolicyDoc{
		Kind: "storage#policy", ResourceID: "projects/_/buckets/" + b.name,
		Version: doc.Version, Etag: bucketEtag(b.metageneration), Bindings: doc.Bindings,
	}
}

// getBucketPolicy reads a bucket's allow policy
// (https://docs.cloud.google.com/storage/docs/json_api/v1/buckets/getIamPolicy).
func (c *call) getBucketPolicy() (any, error) {
	b, err := c.openBucket()
	if err != nil {
		return nil, err
	}
	version := 1
	if v := c.query.Get("optionsRequestedPolicyVersion"); v != "" {
		if version, err = strconv.Atoi(v); err != nil || version < 1 || version > 3 {
			return nil, storageInvalid("Invalid argument: optionsRequestedPolicyVersion %q", v)
		}
	}
	return c.s.showBucketPolicy(b, version), nil
}

// setBucketPolicy replaces a bucket's allow policy with the body. A body without
// bindings removes every one, those of the bucket's owners too. If-Match is ignored.
//
// https://docs.cloud.google.com/storage/docs/json_api/v1/buckets/setIamPolicy
func (c *call) setBucketPolicy() (any, error) {
	b, err := c.openBucket()
	if err != nil {
		return nil, err
	}
	var in bucketPolicyDoc
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if err := b.checkEtag(in.Etag); err != nil {
		return nil, err
	}
	if err := c.s.checkPublic(b, in.Bindings); err != nil {
		return nil, err
	}
	w := policyWrite{s: c.s, old: b.policy, doc: policyDoc{Version: in.Version, Bindings: in.Bindings}, takes: bucketTakes}
	if err := w.store(); err != nil {
		return nil, err
	}
	b.changed(c.now)
	return c.s.showBucketPolicy(b, 3), nil
}

// checkEtag tells a stale etag from one that was never given out. None at all
// overwrites.
func (b *bucket) checkEtag(etag string) error {
	if etag == "" {
		return nil
	}
	if _, ok := decodeEtag(etag); !ok {
		return storageInvalid("Invalid value for ByteString: %s", etag)
	}
	read, ok := parseBucketEtag(etag)
	switch {
	case !ok || read > b.metageneration:
		return storageInvalid("Invalid etag - must use etag from GetPolicy response.")
	case read < b.metageneration:
		return conditionNotMet()
	}
	return nil
}

// checkPublic holds a policy to how the bucket is set up. Both refusals are 412s
// that reading again does not help.
func (s *Server) checkPublic(b *bucket, bindings []bindingDoc) error {
	for _, g := range bindings {
		if g.Condition != nil && !b.uniform {
			return newError(http.StatusPreconditionFailed, "To set IAM conditions in this bucket, enable uniform bucket-level access. "+
				"This ensures that all object access is controlled uniformly at the bucket-level without individual, object-level permissions. "+
				"Learn more at https://cloud.google.com/storage/docs/uniform-bucket-level-access")
		}
		public := slices.Contains(g.Members, "allUsers") || slices.Contains(g.Members, "allAuthenticatedUsers")
		if public && s.preventsPublic(b) {
			return newError(http.StatusPreconditionFailed, "The member bindings allUsers and allAuthenticatedUsers are not allowed since public access prevention is enforced.")
		}
	}
	return nil
}

var (
	roleForm   = regexp.MustCompile(`^(roles|organizations/[^/]+/roles|projects/[^/]+/roles)/[^/]+$`)
	customRole = regexp.MustCompile(`^(organizations|projects)/`)
)

// bucketTakes is what a bucket takes: predefined roles of Cloud Storage, and custom
// roles, which grant nothing here.
func bucketTakes(b bindingDoc) error {
	role := b.Role
	switch {
	case !roleForm.MatchString(role):
		return storageInvalid(`The role name must be in the form "roles/{role}", "organizations/{organization_id}/roles/{role}", or "projects/{project_id}/roles/{role}".`)
	case customRole.MatchString(role):
		return nil
	case !strings.HasPrefix(role, "roles/storage."):
		return storageInvalid("Role %s is not supported for this resource.", role)
	}
	return nil
}

const maxTestedPermissions = 84

// testBucketPermissions answers which permissions the caller has on the bucket
// (https://docs.cloud.google.com/storage/docs/json_api/v1/buckets/testIamPermissions).
func (c *call) testBucketPermissions() (any, error) {
	b, err := c.openBucket()
	if err != nil {
		return nil, err
	}
	asked := c.query["permissions"]
	if err := checkTested(asked); err != nil {
		return nil, err
	}
	held := slices.DeleteFunc(slices.Clone(asked), func(p string) bool { return !c.mayStorage(p, b) })
	return struct {
		Kind        string   `json:"kind"`
		Permissions []string `json:"permissions,omitempty"`
	}{"storage#testIamPermissionsResponse", held}, nil
}

func checkTested(permissions []string) error {
	if len(permissions) == 0 {
		e := storageInvalid("Required parameter: permissions")
		e.reason, e.locationType, e.location = "required", "parameter", "permissions"
		return e
	}
	if len(permissions) > maxTestedPermissions {
		return storageInvalid("Invalid argument.")
	}
	seen := map[string]bool{}
	for _, p := range permissions {
		switch {
		case seen[p]:
			return storageInvalid("Duplicate permissions must not be specified.")
		case p == "storage.buckets.list" || p == "storage.buckets.create":
			return storageInvalid("Invalid argument.")
		case !strings.HasPrefix(p, "storage.") || !knownPermission(p):
			return storageInvalid("%s is not a valid Google Cloud Storage permission.", p)
		}
		seen[p] = true
	}
	return nil
}
