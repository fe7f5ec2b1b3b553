package emulator

import (
	"net/http"
	"strings"
)

func uploadRoutes() []route {
	const (
		path  = "/upload/storage/v1/b/{bucket}/o"
		query = "name contentEncoding projection predefinedAcl kmsKeyName ifGenerationMatch ifGenerationNotMatch ifMetagenerationMatch ifMetagenerationNotMatch upload_id"
	)
	insert := func(verb, path string, handle func(*call) (any, error)) route {
		return route{id: "storage.objects.insert", verb: verb, path: path, query: query, scopes: scopesWrite,
			permission: "storage.objects.create", handle: handle}
	}
	return []route{
		insert(http.MethodPost, path, (*call).insertObject),
		insert(http.MethodPut, path, (*call).continueUpload),
		// The resumablePath of the discovery document, which gcloud uses.
		insert(http.MethodPost, "/resumable"+path, (*call).insertObject),
		insert(http.MethodPut, "/resumable"+path, (*call).continueUpload),
	}
}

// insertObject stores an object in one of three ways
// (https://docs.cloud.google.com/storage/docs/uploads-downloads).
func (c *call) insertObject() (any, error) {
	b, err := c.openBucket()
	if err != nil {
		return nil, err
	}
	switch kind := c.query.Get("uploadType"); kind {
	case "media":
		doc := objectDoc{ContentType: c.r.Header.Get("Content-Type")}
		return c.store(b, doc, c.body)
	case "multipart":
		doc, data, err := c.multipart()
		if err != nil {
			return nil, err
		}
		return c.store(b, doc, data)
	case "resumable":
		if c.query.Get("upload_id") != "" {
			return c.continueUpload()
		}
		return c.beginUpload(b)
	default:
		return nil, storageInvalid("Invalid upload type: %q", kind)
	}
}

// store makes the object of a finished upload, if it is what its sender says it is.
func (c *call) store(b *bucket, doc objectDoc, data []byte) (any, error) {
	if err := c.checkStore(b, &doc); err != nil {
		return nil, err
	}
	o := &object{name: doc.Name, contentType: doc.ContentType, class: strings.ToUpper(doc.StorageClass), data: data, metadata: doc.Metadata, headers: doc.objectHeaders}
	if (doc.MD5Hash != "" && doc.MD5Hash != o.md5()) || (doc.CRC32C != "" && doc.CRC32C != o.crc32c()) {
		return nil, storageInvalid("Provided hash doesn't match the one calculated from the uploaded content.")
	}
	b.put(o, c.now)
	return c.objectDoc(b, o), nil
}

// checkStore checks name, conditions and, for an object that is there already, the
// permission to replace it.
func (c *call) checkStore(b *bucket, doc *objectDoc) error {
	if name := c.query.Get("name"); name != "" {
		doc.Name = name
	}
	if doc.Name == "" {
		e := storageInvalid("Required")
		e.reason = "required"
		return e
	}
	if err := checkObjectName(doc.Name); err != nil {
		return err
	}
	if err := checkClass(doc.StorageClass); err != nil {
		return err
	}
	if doc.Bucket != "" && doc.Bucket != b.name {
		return storageInvalid("The bucket in the body, %s, is not the bucket in the path.", doc.Bucket)
	}
	if err := c.checkMatch("Generation", b.generationOf(doc.Name)); err != nil {
		return err
	}
	old, exists := b.objects[doc.Name]
	if !exists {
		return nil
	}
	const replace = "storage.objects.delete"
	if !c.mayStorage(replace, b) {
		return c.deny(replace)
	}
	return c.checkMatch("Metageneration", old.metageneration)
}

// checkObjectName follows https://docs.cloud.google.com/storage/docs/objects#naming.
func checkObjectName(name string) error {
	bad := name == "." || name == ".." || len(name) > 1024
	for _, r := range name {
		bad = bad || r == '\r' || r == '\n' || r == '\uFFFD'
	}
	if bad {
		return storageInvalid("Invalid object name: %q", name)
	}
	return nil
}

// objectMetadata reads the JSON that goes before or with the content.
func (c *call) objectMetadata(text []byte) (objectDoc, error) {
	inner := *c
	inner.body = text
	var doc objectDoc
	if err := inner.decode(&doc); err != nil {
		return objectDoc{}, err
	}
	return doc, nil
}
