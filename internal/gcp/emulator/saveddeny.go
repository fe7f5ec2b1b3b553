package emulator

import "time"

// SavedDenyPolicy is a deny policy of a project.
type SavedDenyPolicy struct {
	ID          string            `json:"id"`
	UID         string            `json:"uid"`
	Etag        string            `json:"etag"`
	Created     time.Time         `json:"created"`
	Updated     time.Time         `json:"updated"`
	Title       string            `json:"displayName,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Rules       []SavedDenyRule   `json:"rules"`
}

// SavedDenyRule is one rule of it.
type SavedDenyRule struct {
	Description          string   `json:"description,omitempty"`
	Principals           []string `json:"deniedPrincipals"`
	Permissions          []string `json:"deniedPermissions"`
	ExceptionPrincipals  []string `json:"exceptionPrincipals,omitempty"`
	ExceptionPermissions []string `json:"exceptionPermissions,omitempty"`
}

func (d *denyPolicy) saved() SavedDenyPolicy {
	doc := SavedDenyPolicy{ID: d.id, UID: d.uid, Etag: encodeEtag(d.revision), Created: d.created, Updated: d.updated, Title: d.title, Annotations: d.annotations}
	for _, r := range d.rules {
		doc.Rules = append(doc.Rules, SavedDenyRule{r.Description, r.Deny.Principals, r.Deny.Permissions, r.Deny.ExceptionPrincipals, r.Deny.ExceptionPermissions})
	}
	return doc
}

// restoreDenyPolicy takes one in that requests could have made. Pools come before, for
// the rules may name them.
func (s *Server) restoreDenyPolicy(p *project, doc SavedDenyPolicy) error {
	made := &denyPolicy{id: doc.ID, uid: doc.UID, created: doc.Created, updated: doc.Updated, title: doc.Title, annotations: doc.Annotations}
	if !denyPolicyID.MatchString(doc.ID) {
		return invalidArgument("Invalid policy ID: %q", doc.ID)
	}
	for _, other := range p.policy.denies {
		if other.id == doc.ID {
			return errTwice
		}
	}
	var err error
	if made.revision, err = revisionOf(doc.Etag); err != nil {
		return err
	}
	for _, r := range doc.Rules {
		made.rules = append(made.rules, denyPolicyRule{r.Description, &denyRule{
			Principals: r.Principals, Permissions: r.Permissions, ExceptionPrincipals: r.ExceptionPrincipals, ExceptionPermissions: r.ExceptionPermissions,
		}})
	}
	if err := s.checkDenyRules(made.rules); err != nil {
		return err
	}
	p.policy.denies = append(p.policy.denies, made)
	return nil
}
