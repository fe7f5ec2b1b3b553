package emulator

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// object is the live generation of an object.
//
// not modelled: noncurrent generations, ACLs, retention, composition.
type object struct {
	name        string
	contentType string
	class       string // storage class; of the bucket, unless said otherwise
	data        []byte
	metadata    map[string]string
	headers     objectHeaders

	generation     uint64
	metageneration uint64
	created        time.Time
	updated        time.Time // its metadata
}

// objectHeaders are the fields of an object that become headers of its content.
type objectHeaders struct {
	CacheControl       string `json:"cacheControl,omitempty"`
	ContentDisposition string `json:"contentDisposition,omitempty"`
	ContentEncoding    string `json:"contentEncoding,omitempty"`
	ContentLanguage    string `json:"contentLanguage,omitempty"`
}

// put stores an object as a new generation, which is later than every one before.
func (b *bucket) put(o *object, now time.Time) {
	o.generation, o.metageneration, o.created, o.updated = uint64(now.UnixMicro()), 1, now, now
	if old, ok := b.objects[o.name]; ok {
		o.generation = max(o.generation, old.generation+1)
	}
	if o.contentType == "" {
		o.contentType = "application/octet-stream"
	}
	if o.class == "" {
		o.class = b.storageClass
	}
	b.objects[o.name] = o
}

// generationOf is what ifGenerationMatch is compared with: 0 for no object.
func (b *bucket) generationOf(name string) uint64 {
	if o, ok := b.objects[name]; ok {
		return o.generation
	}
	return 0
}

func (o *object) md5() string {
	sum := md5.Sum(o.data)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func (o *object) crc32c() string {
	sum := crc32.Checksum(o.data, crc32.MakeTable(crc32.Castagnoli))
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, sum))
}

// etag changes with every generation and metageneration; it is the protobuf that
// Cloud Storage sends, like a bucket's.
func (o *object) etag() string {
	b := binary.AppendUvarint([]byte{1 << 3}, o.generation)
	b = binary.AppendUvarint(append(b, 2<<3), o.metageneration)
	return base64.StdEncoding.EncodeToString(b)
}

// objectDoc is an object as JSON
// (https://docs.cloud.google.com/storage/docs/json_api/v1/objects#resource).
type objectDoc struct {
	Kind           string `json:"kind,omitempty"`
	ID             string `json:"id,omitempty"`
	SelfLink       string `json:"selfLink,omitempty"`
	MediaLink      string `json:"mediaLink,omitempty"`
	Name           string `json:"name,omitempty"`
	Bucket         string `json:"bucket,omitempty"`
	Generation     string `json:"generation,omitempty"`
	Metageneration string `json:"metageneration,omitempty"`
	ContentType    string `json:"contentType,omitempty"`
	StorageClass   string `json:"storageClass,omitempty"`
	Size           string `json:"size,omitempty"`
	MD5Hash        string `json:"md5Hash,omitempty"`
	CRC32C         string `json:"crc32c,omitempty"`
	Etag           string `json:"etag,omitempty"`
	TimeCreated    string `json:"timeCreated,omitempty"`
	Updated        string `json:"updated,omitempty"`

	Metadata map[string]string `json:"metadata,omitempty"`
	objectHeaders
}

// objectDoc describes an object; its media link leads back here.
func (c *call) objectDoc(b *bucket, o *object) objectDoc {
	generation := strconv.FormatUint(o.generation, 10)
	path := "/storage/v1/b/" + b.name + "/o/" + url.PathEscape(o.name)
	return objectDoc{
		Kind: "storage#object", ID: b.name + "/" + o.name + "/" + generation,
		SelfLink:  "https://www.googleapis.com" + path,
		MediaLink: c.base() + "/download" + path + "?generation=" + generation + "&alt=media",
		Name:      o.name, Bucket: b.name, Generation: generation, Metageneration: strconv.FormatUint(o.metageneration, 10),
		ContentType: o.contentType, StorageClass: o.class, Size: strconv.Itoa(len(o.data)),
		MD5Hash: o.md5(), CRC32C: o.crc32c(), Etag: o.etag(),
		TimeCreated: storageTime(o.created), Updated: storageTime(o.updated),
		Metadata: o.metadata, objectHeaders: o.headers,
	}
}

// base is the address the caller reached us by.
func (c *call) base() string {
	if c.r.TLS != nil {
		return "https://" + c.r.Host
	}
	return "http://" + c.r.Host
}

func objectRoutes() []route {
	const (
		objects = "/storage/v1/b/{bucket}/o"
		one     = objects + "/{object*}"
		id      = "storage.objects."
		match   = "generation ifGenerationMatch ifGenerationNotMatch ifMetagenerationMatch ifMetagenerationNotMatch"
		xml     = "/{bucket}/{object...}" // as Go's library reads, and signed links
	)
	return []route{
		{id: id + "list", verb: http.MethodGet, path: objects,
			query:  "prefix delimiter pageToken maxResults projection versions startOffset endOffset includeFoldersAsPrefixes includeTrailingDelimiter softDeleted matchGlob filter",
			scopes: scopesRead, permission: id + "list", handle: (*call).listObjects},
		{id: id + "get", verb: http.MethodGet, path: one, query: match + " projection softDeleted restoreToken",
			scopes: scopesRead, permission: id + "get", handle: (*call).getObject},
		{id: id + "get", verb: http.MethodGet, path: "/download" + one, query: match + " projection softDeleted restoreToken",
			scopes: scopesRead, permission: id + "get", handle: (*call).getObject},
		{id: id + "delete", verb: http.MethodDelete, path: one, query: match,
			scopes: scopesWrite, permission: id + "delete", handle: (*call).deleteObject},
		{id: id + "get", verb: http.MethodGet, path: xml, query: match, form: formXML,
			scopes: scopesRead, permission: id + "get", handle: (*call).readObject},
		{id: id + "get", verb: http.MethodHead, path: xml, query: match, form: formXML,
			scopes: scopesRead, permission: id + "get", handle: (*call).readObject},
	}
}
