package emulator

import "time"

// SavedPool is a workload identity pool with its providers, by id.
type SavedPool struct {
	ID string `json:"id"`
	SavedLife
	DisplayName string          `json:"displayName,omitempty"`
	Description string          `json:"description,omitempty"`
	Disabled    bool            `json:"disabled,omitempty"`
	Mode        string          `json:"mode,omitempty"`
	Policy      SavedPolicy     `json:"policy"`
	Providers   []SavedProvider `json:"providers,omitempty"`
}

// SavedProvider is an OIDC provider.
type SavedProvider struct {
	ID string `json:"id"`
	SavedLife
	WithPool    bool              `json:"deletedWithPool,omitempty"`
	DisplayName string            `json:"displayName,omitempty"`
	Description string            `json:"description,omitempty"`
	Disabled    bool              `json:"disabled,omitempty"`
	Mapping     map[string]string `json:"attributeMapping,omitempty"`
	Condition   string            `json:"attributeCondition,omitempty"`
	Issuer      string            `json:"issuerUri"`
	Audiences   []string          `json:"allowedAudiences,omitempty"`
	JWKS        string            `json:"jwksJson,omitempty"`
	Discovery   string            `json:"discoveryUri,omitempty"`
	// The key set uploaded before, while it is still the one in use.
	OldJWKS   string    `json:"jwksJsonBefore,omitempty"`
	JWKSSince time.Time `json:"jwksJsonFrom,omitzero"`
}

// SavedAccount is a service account, a deleted one too.
type SavedAccount struct {
	Email    string `json:"email"`
	UniqueID string `json:"uniqueId"`
	SavedLife
	DisplayName string      `json:"displayName,omitempty"`
	Description string      `json:"description,omitempty"`
	Disabled    bool        `json:"disabled,omitempty"`
	Policy      SavedPolicy `json:"policy"`
	Keys        []SavedKey  `json:"keys,omitempty"` // in the order they were made
}

// SavedKey is the public half of a key that was made for a service account.
type SavedKey struct {
	ID          string    `json:"id"`
	Created     time.Time `json:"created"`
	Disabled    bool      `json:"disabled,omitempty"`
	Certificate string    `json:"certificate"` // PEM
}

// SavedBucket is a bucket with its objects, by name.
type SavedBucket struct {
	Name             string            `json:"name"`
	Created          time.Time         `json:"created"`
	Updated          time.Time         `json:"updated"`
	Metageneration   uint64            `json:"metageneration"`
	Location         string            `json:"location"`
	StorageClass     string            `json:"storageClass"`
	Labels           map[string]string `json:"labels,omitempty"`
	Versioning       *bool             `json:"versioning,omitempty"`
	RequesterPays    bool              `json:"requesterPays,omitempty"`
	SoftDelete       *SavedSoftDelete  `json:"softDeletePolicy,omitempty"`
	UniformSince     time.Time         `json:"uniformSince,omitzero"` // absent: access by ACLs
	PublicPrevention string            `json:"publicAccessPrevention,omitempty"`
	Policy           SavedPolicy       `json:"policy"`
	Objects          []SavedObject     `json:"objects,omitempty"`
}

// SavedSoftDelete is how long a bucket says it keeps deleted objects.
type SavedSoftDelete struct {
	Seconds   string `json:"retentionDurationSeconds,omitempty"`
	Effective string `json:"effectiveTime,omitempty"`
}

// SavedObject is an object with its content, which JSON shows in base64.
type SavedObject struct {
	Name           string            `json:"name"`
	ContentType    string            `json:"contentType"`
	StorageClass   string            `json:"storageClass,omitempty"` // absent: the bucket's
	Generation     uint64            `json:"generation"`
	Metageneration uint64            `json:"metageneration"`
	Created        time.Time         `json:"created"`
	Updated        time.Time         `json:"updated,omitzero"` // absent: as created
	Metadata       map[string]string `json:"metadata,omitempty"`

	CacheControl       string `json:"cacheControl,omitempty"`
	ContentDisposition string `json:"contentDisposition,omitempty"`
	ContentEncoding    string `json:"contentEncoding,omitempty"`
	ContentLanguage    string `json:"contentLanguage,omitempty"`

	Content []byte `json:"content"`
}
