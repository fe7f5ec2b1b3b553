package gcp

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
)

// Policy is who may do what with a resource
// (https://docs.cloud.google.com/iam/docs/allow-policies). Fields that are not
// here, audit settings among them, are kept when a policy is edited.
type Policy struct {
	Version  int
	Etag     string
	Bindings []Binding

	document json.RawMessage // as it was read
}

// Binding grants a role to members, always or under a condition.
type Binding struct {
	Role      string     `json:"role"`
	Members   []string   `json:"members"`
	Condition *Condition `json:"condition,omitempty"`
}

// Condition limits a binding to requests for which a CEL expression is true.
type Condition struct {
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Expression  string `json:"expression"`
}

// Has reports whether a member is granted a role without a condition. Members are
// compared exactly: case counts in those of a pool.
func (p Policy) Has(role, member string) bool {
	return slices.ContainsFunc(p.Bindings, func(b Binding) bool {
		return b.always(role) && slices.Contains(b.Members, member)
	})
}

// Members are those who are granted a role without a condition, sorted.
func (p Policy) Members(role string) []string {
	var out []string
	for _, b := range p.Bindings {
		if b.always(role) {
			out = append(out, b.Members...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// DeletedTwins are the members that stand for deleted accounts of the same name
// as member, "deleted:serviceAccount:EMAIL?uid=…", sorted. They look alike and
// grant a new account nothing.
func (p Policy) DeletedTwins(member string) []string {
	var out []string
	for _, b := range p.Bindings {
		for _, m := range b.Members {
			twin, _, _ := strings.Cut(m, "?uid=")
			if strings.EqualFold(twin, "deleted:"+member) {
				out = append(out, m)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Policy reads a policy. Conditional bindings are seen with their conditions.
func (c *Client) Policy(ctx context.Context, target PolicyTarget) (Policy, error) {
	r := target.reading(c.at)
	document, err := c.send(ctx, r)
	if err != nil {
		return Policy{}, err
	}
	p, err := decodePolicy(document)
	if err != nil {
		return Policy{}, r.fail(err)
	}
	return p, nil
}

// AddMember is an edit that grants a role to a member, without a condition.
func AddMember(role, member string) func(*Policy) bool {
	return func(p *Policy) bool {
		if p.Has(role, member) {
			return false
		}
		for i, b := range p.Bindings {
			if b.always(role) {
				p.Bindings[i].Members = append(slices.Clone(b.Members), member)
				return true
			}
		}
		p.Bindings = append(p.Bindings, Binding{Role: role, Members: []string{member}})
		return true
	}
}

// RemoveMember is an edit that takes back what [AddMember] grants. A grant under
// a condition stays: it isn't ours.
func RemoveMember(role, member string) func(*Policy) bool {
	return func(p *Policy) bool {
		if !p.Has(role, member) {
			return false
		}
		var left []Binding
		for _, b := range p.Bindings {
			if b.always(role) && slices.Contains(b.Members, member) {
				b.Members = slices.DeleteFunc(slices.Clone(b.Members), func(m string) bool { return m == member })
				if len(b.Members) == 0 {
					continue
				}
			}
			left = append(left, b)
		}
		p.Bindings = left
		return true
	}
}

func (b Binding) always(role string) bool { return b.Role == role && b.Condition == nil }
