package emulator

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
)

func objectChangeRoutes() []route {
	const (
		one    = "/storage/v1/b/{bucket}/o/{object*}"
		id     = "storage.objects."
		match  = "ifGenerationMatch ifGenerationNotMatch ifMetagenerationMatch ifMetagenerationNotMatch"
		source = " sourceGeneration ifSourceGenerationMatch ifSourceGenerationNotMatch ifSourceMetagenerationMatch ifSourceMetagenerationNotMatch"
	)
	return []route{
		{id: id + "patch", verb: http.MethodPatch, path: one, query: match + " generation projection predefinedAcl overrideUnlockedRetention",
			scopes: scopesFull, permission: id + "update", handle: (*call).patchObject},
		{id: id + "rewrite", verb: http.MethodPost, path: "/storage/v1/b/{sourceBucket}/o/{source*}/rewriteTo/b/{bucket}/o/{object*}",
			query:  match + source + " projection maxBytesRewrittenPerCall rewriteToken destinationKmsKeyName destinationPredefinedAcl dropContextGroups",
			scopes: scopesWrite, permission: id + "create", handle: (*call).rewriteObject},
	}
}

// repeatedObject is what gcloud sends back of what it read. Of another object it is
// refused; the rest nobody can set, and it is ignored.
type repeatedObject struct {
	Bucket         string `json:"bucket"`
	Name           string `json:"name"`
	Kind           any    `json:"kind"`
	ID             any    `json:"id"`
	SelfLink       any    `json:"selfLink"`
	MediaLink      any    `json:"mediaLink"`
	Generation     any    `json:"generation"`
	Metageneration any    `json:"metageneration"`
	StorageClass   any    `json:"storageClass"`
	Size           any    `json:"size"`
	MD5Hash        any    `json:"md5Hash"`
	CRC32C         any    `json:"crc32c"`
	Etag           any    `json:"etag"`
	TimeCreated    any    `json:"timeCreated"`
	Updated        any    `json:"updated"`
}

// patchedText is a text of a patch: absent, null to clear it, or a new one.
type patchedText struct {
	given bool
	text  string
}

func (p *patchedText) UnmarshalJSON(b []byte) error {
	p.given, p.text = true, ""
	return json.Unmarshal(b, &p.text) // null leaves it empty
}

func (p patchedText) apply(to *string) {
	if p.given {
		*to = p.text
	}
}

// patchedMetadata is what a patch says of an object's own entries, or of a bucket's
// labels, null taking one away. It is nil if the patch says nothing, and empty if it is null itself: all go.
type patchedMetadata map[string]*string

func (p *patchedMetadata) UnmarshalJSON(b []byte) error {
	var entries map[string]*string
	if err := json.Unmarshal(b, &entries); err != nil {
		return err
	}
	switch {
	case entries == nil:
		*p = patchedMetadata{}
	case len(entries) > 0:
		*p = entries
	}
	return nil
}

func (p patchedMetadata) applied(old map[string]string) map[string]string {
	if p == nil {
		return old
	}
	if len(p) == 0 {
		return nil
	}
	changed := maps.Clone(old)
	if changed == nil {
		changed = map[string]string{}
	}
	for key, value := range p {
		if value == nil {
			delete(changed, key)
			continue
		}
		changed[key] = *value
	}
	return changed
}

// objectPatch is what a patch of an object may hold.
type objectPatch struct {
	repeatedObject
	ContentType        patchedText     `json:"contentType"`
	CacheControl       patchedText     `json:"cacheControl"`
	ContentDisposition patchedText     `json:"contentDisposition"`
	ContentEncoding    patchedText     `json:"contentEncoding"`
	ContentLanguage    patchedText     `json:"contentLanguage"`
	Metadata           patchedMetadata `json:"metadata"`
}

// patchObject changes an object's metadata: null clears one entry, or all
// (https://docs.cloud.google.com/storage/docs/json_api/v1/objects/patch).
func (c *call) patchObject() (any, error) {
	b, o, err := c.openObject()
	if err != nil {
		return nil, err
	}
	var in objectPatch
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if (in.Bucket != "" && in.Bucket != b.name) || (in.Name != "" && in.Name != o.name) {
		return nil, storageInvalid("The object in the body is not the object in the path.")
	}
	changed := *o // readers of the old one may still be writing it out
	in.ContentType.apply(&changed.contentType)
	in.CacheControl.apply(&changed.headers.CacheControl)
	in.ContentDisposition.apply(&changed.headers.ContentDisposition)
	in.ContentEncoding.apply(&changed.headers.ContentEncoding)
	in.ContentLanguage.apply(&changed.headers.ContentLanguage)
	changed.metadata = in.Metadata.applied(o.metadata)
	changed.metageneration++
	changed.updated = c.now
	b.objects[o.name] = &changed
	return c.objectDoc(b, &changed), nil
}

// rewriteObject copies an object, all of it at once. What the body says of the copy
// replaces what the source says of itself
// (https://docs.cloud.google.com/storage/docs/json_api/v1/objects/rewrite).
func (c *call) rewriteObject() (any, error) {
	to, err := c.openBucket()
	if err != nil {
		return nil, err
	}
	o, err := c.rewriteSource()
	if err != nil {
		return nil, err
	}
	doc, err := c.objectMetadata(c.body)
	if err != nil {
		return nil, err
	}
	if doc.ContentType == "" && doc.Metadata == nil && doc.objectHeaders == (objectHeaders{}) {
		doc.ContentType, doc.Metadata, doc.objectHeaders = o.contentType, o.metadata, o.headers
	}
	doc.Name, doc.MD5Hash, doc.CRC32C = c.vars["object"], "", ""
	made, err := c.store(to, doc, o.data)
	if err != nil {
		return nil, err
	}
	size := strconv.Itoa(len(o.data))
	return struct {
		Kind      string `json:"kind"`
		Rewritten string `json:"totalBytesRewritten"`
		Size      string `json:"objectSize"`
		Done      bool   `json:"done"`
		Resource  any    `json:"resource"`
	}{"storage#rewriteResponse", size, size, true, made}, nil
}

// rewriteSource is the object to copy, if the caller may read it.
func (c *call) rewriteSource() (*object, error) {
	b, ok := c.s.buckets[c.vars["sourceBucket"]]
	if !ok {
		return nil, c.noBucket()
	}
	if err := c.checkPaid(b); err != nil {
		return nil, err
	}
	const read = "storage.objects.get"
	if !c.mayStorage(read, b) {
		return nil, c.deny(read)
	}
	o, err := c.objectIn(b, c.vars["source"], "sourceGeneration")
	if err != nil {
		return nil, err
	}
	if err := c.checkMatch("SourceGeneration", o.generation); err != nil {
		return nil, err
	}
	return o, c.checkMatch("SourceMetageneration", o.metageneration)
}
