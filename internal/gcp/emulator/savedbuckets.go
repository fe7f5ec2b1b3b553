package emulator

import (
	"cmp"
	"errors"
	"fmt"
)

func (s *Server) restoreBucket(p *project, doc SavedBucket) error {
	if _, taken := s.buckets[doc.Name]; taken {
		return errTwice
	}
	if err := checkBucketName(doc.Name); err != nil {
		return err
	}
	if doc.Metageneration == 0 {
		return errors.New("metageneration: want a number from 1")
	}
	policy, err := doc.Policy.policy(s.knowsRole)
	if err != nil {
		return err
	}
	made := &bucket{
		name: doc.Name, project: p, policy: policy, objects: map[string]*object{}, uploads: map[string]*upload{},
		created: doc.Created, updated: doc.Updated, metageneration: doc.Metageneration,
		location: doc.Location, storageClass: doc.StorageClass, labels: doc.Labels,
		uniform: !doc.UniformSince.IsZero(), uniformSince: doc.UniformSince, publicPrevention: doc.PublicPrevention, requesterPays: doc.RequesterPays,
	}
	if doc.Versioning != nil {
		made.versioning = &versioningDoc{*doc.Versioning}
	}
	if doc.SoftDelete != nil {
		made.softDelete = &softDeleteDoc{doc.SoftDelete.Seconds, doc.SoftDelete.Effective}
	}
	for _, o := range doc.Objects {
		if err := made.restoreObject(o); err != nil {
			return fmt.Errorf("object %q: %w", o.Name, err)
		}
	}
	s.buckets[doc.Name] = made
	return nil
}

func (b *bucket) restoreObject(doc SavedObject) error {
	if _, taken := b.objects[doc.Name]; taken {
		return errTwice
	}
	if err := checkObjectName(doc.Name); err != nil {
		return err
	}
	if doc.Generation == 0 || doc.Metageneration == 0 {
		return errors.New("generation and metageneration: want numbers from 1")
	}
	if doc.Updated.IsZero() {
		doc.Updated = doc.Created
	}
	if err := checkClass(doc.StorageClass); err != nil {
		return err
	}
	b.objects[doc.Name] = &object{
		name: doc.Name, contentType: doc.ContentType, class: cmp.Or(doc.StorageClass, b.storageClass), data: doc.Content, metadata: doc.Metadata,
		generation: doc.Generation, metageneration: doc.Metageneration, created: doc.Created, updated: doc.Updated,
		headers: objectHeaders{doc.CacheControl, doc.ContentDisposition, doc.ContentEncoding, doc.ContentLanguage},
	}
	return nil
}
