package emulator

import (
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"time"
)

// restore makes an empty server what a state file says. Nothing of it answers a
// request before all of it fits.
func (s *Server) restore(doc *Saved) error {
	if doc.Version != savedVersion {
		return fmt.Errorf("version %d: want %d", doc.Version, savedVersion)
	}
	if doc.Advanced != "" {
		ahead, err := time.ParseDuration(doc.Advanced)
		if err != nil || ahead < 0 {
			return fmt.Errorf("clockAdvanced %q: want a duration such as 90s", doc.Advanced)
		}
		s.clock.advance(ahead)
	}
	s.serial = doc.Serial
	for _, p := range doc.Projects {
		if err := s.restoreProject(p); err != nil {
			return fmt.Errorf("project %q: %w", p.ID, err)
		}
	}
	return nil
}

func (s *Server) restoreProject(doc SavedProject) error {
	if err := s.addProject(Project{ID: doc.ID, Number: doc.Number}); err != nil {
		return err
	}
	if doc.Number == "" {
		return errors.New("no number")
	}
	p := s.projects[len(s.projects)-1]
	p.created, p.deleted, p.billed, p.services = doc.Created, doc.Deleted, !doc.Unbilled, map[string]*service{}
	for _, name := range doc.Services {
		if titles[name] == "" {
			return fmt.Errorf("service %q: not one of this emulator's", name)
		}
		p.services[name] = &service{enabled: true, since: doc.Late[name]}
	}
	policy, err := doc.Policy.policy(s.knowsRole)
	if err != nil {
		return err
	}
	p.policy = policy
	return s.restoreContents(p, doc)
}

func (s *Server) restoreContents(p *project, doc SavedProject) error {
	for _, q := range doc.Pools {
		if err := s.restorePool(p, q); err != nil {
			return fmt.Errorf("pool %q: %w", q.ID, err)
		}
	}
	for _, d := range doc.Denies {
		if err := s.restoreDenyPolicy(p, d); err != nil {
			return fmt.Errorf("deny policy %q: %w", d.ID, err)
		}
	}
	for _, a := range doc.Accounts {
		if err := s.restoreAccount(p, a); err != nil {
			return fmt.Errorf("service account %q: %w", a.Email, err)
		}
	}
	for _, b := range doc.Buckets {
		if err := s.restoreBucket(p, b); err != nil {
			return fmt.Errorf("bucket %q: %w", b.Name, err)
		}
	}
	return nil
}

func (l SavedLife) lifecycle() lifecycle { return lifecycle{l.Created, l.Visible, l.Deleted} }

var errTwice = errors.New("named twice")

func (s *Server) restorePool(p *project, doc SavedPool) error {
	made := &pool{
		lifecycle: doc.lifecycle(), project: p, id: doc.ID, providers: map[string]*provider{},
		poolFields: poolFields{doc.DisplayName, doc.Description, doc.Disabled, doc.Mode},
	}
	if _, taken := p.pools[doc.ID]; taken {
		return errTwice
	}
	if err := errors.Join(checkPoolID("id", doc.ID), made.check()); err != nil {
		return err
	}
	policy, err := doc.Policy.policy(s.knowsRole)
	if err != nil {
		return err
	}
	made.policy = policy
	for _, q := range doc.Providers {
		if err := made.restoreProvider(q); err != nil {
			return fmt.Errorf("provider %q: %w", q.ID, err)
		}
	}
	p.pools[doc.ID] = made
	return nil
}

func (p *pool) restoreProvider(doc SavedProvider) error {
	made := &provider{
		lifecycle: doc.lifecycle(), pool: p, id: doc.ID, withPool: doc.WithPool, oldJWKS: doc.OldJWKS, jwksSince: doc.JWKSSince,
		providerFields: providerFields{
			DisplayName: doc.DisplayName, Description: doc.Description, Disabled: doc.Disabled,
			AttributeMapping: doc.Mapping, AttributeCondition: doc.Condition,
			OIDC: &oidcFields{doc.Issuer, doc.Audiences, doc.JWKS, doc.Discovery},
		},
	}
	if _, taken := p.providers[doc.ID]; taken {
		return errTwice
	}
	if err := errors.Join(checkPoolID("id", doc.ID), made.check()); err != nil {
		return err
	}
	p.providers[doc.ID] = made
	return nil
}

func (s *Server) restoreAccount(p *project, doc SavedAccount) error {
	made := &serviceAccount{
		lifecycle: doc.lifecycle(), project: p, email: doc.Email, uniqueID: doc.UniqueID,
		displayName: doc.DisplayName, description: doc.Description, disabled: doc.Disabled,
	}
	active := func(a *serviceAccount) bool { return a.email == made.email && !a.isDeleted() }
	if _, taken := s.accountByUniqueID(doc.UniqueID); taken || (active(made) && slices.ContainsFunc(s.accounts, active)) {
		return errTwice
	}
	if doc.Email == "" || doc.UniqueID == "" {
		return errors.New("want an email and a uniqueId")
	}
	policy, err := doc.Policy.policy(s.knowsRole)
	if err != nil {
		return err
	}
	made.policy = policy
	if err := made.restoreKeys(doc.Keys); err != nil {
		return err
	}
	s.accounts = append(s.accounts, made)
	return checkAccountTexts(doc.DisplayName, doc.Description)
}

func (a *serviceAccount) restoreKeys(docs []SavedKey) error {
	for _, k := range docs {
		if !keyIDForm.MatchString(k.ID) || slices.ContainsFunc(a.keys, func(other *accountKey) bool { return other.id == k.ID }) {
			return fmt.Errorf("key %q: want 40 hexadecimal digits, and no key twice", k.ID)
		}
		if block, rest := pem.Decode([]byte(k.Certificate)); block == nil || block.Type != "CERTIFICATE" || len(rest) > 0 {
			return fmt.Errorf("key %q: want one certificate in PEM form", k.ID)
		}
		a.keys = append(a.keys, &accountKey{k.ID, k.Created, k.Disabled, k.Certificate})
	}
	if len(a.keys) > maxAccountKeys {
		return fmt.Errorf("%d keys: want %d at most", len(a.keys), maxAccountKeys)
	}
	return nil
}
