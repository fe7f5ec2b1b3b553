package emulator

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// seed makes the projects, the operator and the buckets of the options, as far as
// the state file did not have them.
func (s *Server) seed() error {
	for _, role := range s.opts.OtherRoles {
		if !predefinedForm.MatchString(role) {
			return fmt.Errorf("other role %q: want roles/NAME", role)
		}
	}
	loaded := slices.Clone(s.projects)
	if len(s.opts.Projects) == 0 && len(loaded) == 0 {
		s.opts.Projects = []Project{{ID: "demo-project"}}
	}
	for _, p := range s.opts.Projects {
		if slices.ContainsFunc(loaded, p.isSame) {
			continue
		}
		if p.Number == "" {
			p.Number = s.freeNumber()
		}
		if err := s.addProject(p); err != nil {
			return err
		}
	}
	if err := s.addOperator(loaded); err != nil {
		return err
	}
	saved := maps.Clone(s.buckets)
	for _, name := range s.opts.Buckets {
		if saved[name] != nil {
			continue
		}
		if err := s.seedBucket(s.projects[0], name); err != nil {
			return fmt.Errorf("bucket %q: %w", name, err)
		}
	}
	return nil
}

// isSame reports whether the option is met by a project that is there.
func (p Project) isSame(have *project) bool {
	return p.ID == have.id && (p.Number == "" || p.Number == have.number)
}

// freeNumber is the first project number that is not taken.
func (s *Server) freeNumber() string {
	for n := 123456789012; ; n++ {
		if _, taken := s.project(fmt.Sprint(n)); !taken {
			return fmt.Sprint(n)
		}
	}
}

// projectID is the form of an id
// (docs.cloud.google.com/resource-manager/reference/rest/v1/projects#Project).
var projectID = regexp.MustCompile(`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`)

func (s *Server) addProject(p Project) error {
	if !projectID.MatchString(p.ID) || strings.Trim(p.Number, "0123456789") != "" {
		return fmt.Errorf("project %q with number %q: want an id of 6 to 30 lower-case letters, digits and dashes, and a number of digits", p.ID, p.Number)
	}
	for _, name := range []string{p.ID, p.Number} {
		if _, taken := s.project(name); taken {
			return fmt.Errorf("project %q: named twice", name)
		}
	}
	made := &project{id: p.ID, number: p.Number, billed: true, created: s.clock.Now(), policy: &allowPolicy{}, services: map[string]*service{}, pools: map[string]*pool{}}
	for _, name := range preEnabled {
		made.services[name] = &service{enabled: true}
	}
	s.projects = append(s.projects, made)
	return nil
}

// addOperator lets the operator in. On a project that was loaded, the policy is
// as it was saved, unless the options name roles.
func (s *Server) addOperator(loaded []*project) error {
	if s.opts.OperatorToken == "" {
		return nil
	}
	if s.opts.OperatorEmail == "" {
		s.opts.OperatorEmail = "operator@example.com"
	}
	roles, err := s.opts.operatorRoles()
	if err != nil {
		return err
	}
	member := "user:" + strings.ToLower(s.opts.OperatorEmail)
	for _, role := range roles {
		if !knownRole(role) {
			return fmt.Errorf("operator role %q: not one of this emulator's roles", role)
		}
		for _, p := range s.projects {
			asSaved := len(s.opts.OperatorRoles) == 0 && slices.Contains(loaded, p)
			if !asSaved && !p.policy.roles()[roleOf{role, member}] {
				p.policy.add(s, role, member)
			}
		}
	}
	s.tokens[s.opts.OperatorToken] = &token{caller: caller{
		kind: tokenOperator, member: member, principals: []string{member}, email: s.opts.OperatorEmail,
		permissions: shortPermissions(s.opts.OperatorPermissions),
	}}
	return nil
}

// operatorRoles are the roles that the operator is given.
func (o Options) operatorRoles() ([]string, error) {
	switch {
	case len(o.OperatorPermissions) == 0 && len(o.OperatorRoles) == 0:
		return []string{"roles/owner"}, nil
	case len(o.OperatorPermissions) > 0 && len(o.OperatorRoles) > 0:
		return nil, errors.New("operator: want roles or permissions, not both")
	}
	for _, p := range o.OperatorPermissions {
		if !knownPermission(p) {
			return nil, fmt.Errorf("operator permission %q: not one of this emulator's permissions", p)
		}
	}
	return o.OperatorRoles, nil
}
