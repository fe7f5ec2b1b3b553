package emulator

import (
	"maps"
	"slices"
	"time"
)

// Saved returns what a state file holds of the server as it is now.
func (s *Server) Saved() Saved {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	doc := Saved{Version: savedVersion, Serial: s.serial, Projects: []SavedProject{}}
	if ahead := s.clock.ahead(); ahead > 0 {
		doc.Advanced = ahead.String()
	}
	for _, p := range s.projects {
		doc.Projects = append(doc.Projects, s.savedProject(p, now))
	}
	return doc
}

func (s *Server) savedProject(p *project, now time.Time) SavedProject {
	doc := SavedProject{ID: p.id, Number: p.number, Created: p.created, Deleted: p.deleted, Unbilled: !p.billed, Services: p.enabledServices(), Policy: p.policy.saved(now)}
	for _, name := range doc.Services {
		if since := p.services[name].since; since.After(now) {
			if doc.Late == nil {
				doc.Late = map[string]time.Time{}
			}
			doc.Late[name] = since
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.pools)) {
		if q := p.pools[id]; !q.isPurged(now) {
			doc.Pools = append(doc.Pools, q.saved(now))
		}
	}
	for _, d := range p.policy.denies {
		doc.Denies = append(doc.Denies, d.saved())
	}
	for _, a := range s.accounts {
		if a.project == p {
			doc.Accounts = append(doc.Accounts, a.saved(now))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.buckets)) {
		if b := s.buckets[name]; b.project == p {
			doc.Buckets = append(doc.Buckets, b.saved(now))
		}
	}
	return doc
}

func (l *lifecycle) saved(now time.Time) SavedLife {
	return SavedLife{l.created, onlyLater(l.visible, now), l.deleted}
}

// onlyLater drops a time that has passed and means nothing any more.
func onlyLater(t, now time.Time) time.Time {
	if t.After(now) {
		return t
	}
	return time.Time{}
}

func (p *pool) saved(now time.Time) SavedPool {
	doc := SavedPool{
		ID: p.id, SavedLife: p.lifecycle.saved(now), DisplayName: p.DisplayName, Description: p.Description,
		Disabled: p.Disabled, Mode: p.Mode, Policy: p.policy.saved(now),
	}
	for _, id := range slices.Sorted(maps.Keys(p.providers)) {
		if q := p.providers[id]; !q.isPurged(now) {
			doc.Providers = append(doc.Providers, q.saved(now))
		}
	}
	return doc
}

func (q *provider) saved(now time.Time) SavedProvider {
	doc := SavedProvider{
		ID: q.id, SavedLife: q.lifecycle.saved(now), WithPool: q.withPool,
		DisplayName: q.DisplayName, Description: q.Description, Disabled: q.Disabled,
		Mapping: q.AttributeMapping, Condition: q.AttributeCondition,
		Issuer: q.OIDC.IssuerURI, Audiences: q.OIDC.AllowedAudiences, JWKS: q.OIDC.JWKSJSON, Discovery: q.OIDC.DiscoveryURI,
	}
	if q.jwksSince.After(now) {
		doc.OldJWKS, doc.JWKSSince = q.oldJWKS, q.jwksSince
	}
	return doc
}

func (a *serviceAccount) saved(now time.Time) SavedAccount {
	doc := SavedAccount{
		Email: a.email, UniqueID: a.uniqueID, SavedLife: a.lifecycle.saved(now),
		DisplayName: a.displayName, Description: a.description, Disabled: a.disabled, Policy: a.policy.saved(now),
	}
	for _, k := range a.keys {
		doc.Keys = append(doc.Keys, SavedKey{k.id, k.created, k.disabled, k.certificate})
	}
	return doc
}

func (b *bucket) saved(now time.Time) SavedBucket {
	doc := SavedBucket{
		Name: b.name, Created: b.created, Updated: b.updated, Metageneration: b.metageneration,
		Location: b.location, StorageClass: b.storageClass, Labels: b.labels,
		PublicPrevention: b.publicPrevention, RequesterPays: b.requesterPays, Policy: b.policy.saved(now),
	}
	doc.Policy.Etag = ""
	if b.uniform {
		doc.UniformSince = b.uniformSince
	}
	if b.versioning != nil {
		doc.Versioning = &b.versioning.Enabled
	}
	if b.softDelete != nil {
		doc.SoftDelete = &SavedSoftDelete{b.softDelete.Seconds, b.softDelete.EffectiveTime}
	}
	for _, name := range slices.Sorted(maps.Keys(b.objects)) {
		doc.Objects = append(doc.Objects, b.savedObject(b.objects[name]))
	}
	return doc
}

func (b *bucket) savedObject(o *object) SavedObject {
	doc := SavedObject{
		Name: o.name, ContentType: o.contentType, Generation: o.generation, Metageneration: o.metageneration,
		Created: o.created, Metadata: o.metadata,
		CacheControl: o.headers.CacheControl, ContentDisposition: o.headers.ContentDisposition,
		ContentEncoding: o.headers.ContentEncoding, ContentLanguage: o.headers.ContentLanguage, Content: o.data,
	}
	if !o.updated.Equal(o.created) {
		doc.Updated = o.updated
	}
	if o.class != b.storageClass {
		doc.StorageClass = o.class
	}
	return doc
}
