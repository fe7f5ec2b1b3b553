package gcp

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// DenyPolicy is a deny policy of a project. It counts before any allow policy does
// (https://docs.cloud.google.com/iam/docs/deny-overview).
type DenyPolicy struct {
	ID    string
	rules []denyRule
	whole json.RawMessage // as Google sent it
}

type denyRule struct {
	Principals           []string `json:"deniedPrincipals"`
	Permissions          []string `json:"deniedPermissions"`
	ExceptionPrincipals  []string `json:"exceptionPrincipals"`
	ExceptionPermissions []string `json:"exceptionPermissions"`

	Condition json.RawMessage `json:"denialCondition"`
}

// Use is what somebody was refused.
type Use struct {
	Permissions []string                    // any of them, as allow policies spell them
	Principals  []string                    // all that the somebody goes by, as deny policies spell it
	Perhaps     func(principal string) bool // whether it may go by another one, too, such as a group
}

// Denial is whether a deny policy is behind a refusal.
type Denial int

// The denials.
const (
	NotDenied Denial = iota
	PerhapsDenied
	SurelyDenied
)

// DenyPolicies reads the deny policies of a project, which takes iam.denypolicies.list and
// iam.denypolicies.get: a list has no rules
// (https://docs.cloud.google.com/iam/docs/reference/rest/v2/policies/listPolicies).
func (c *Client) DenyPolicies(ctx context.Context, project string) ([]DenyPolicy, error) {
	parent := c.at.iam + "v2/policies/" + url.PathEscape("cloudresourcemanager.googleapis.com/projects/"+project) + "/denypolicies"
	var all []DenyPolicy
	for token := ""; ; {
		names, next, err := c.denyPolicyNames(ctx, project, parent, token)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			d, err := c.denyPolicy(ctx, parent, lastPart(name))
			if err != nil {
				return nil, err
			}
			all = append(all, d)
		}
		if token = next; token == "" {
			return all, nil
		}
	}
}

// denyPolicyNames are those of one page.
func (c *Client) denyPolicyNames(ctx context.Context, project, parent, token string) (names []string, next string, err error) {
	list := rawRequest{
		request: request{op: "list deny policies of project", resource: project, permission: "iam.denypolicies.list"},
		verb:    http.MethodGet, url: parent,
	}
	if token != "" {
		list.url += "?pageToken=" + url.QueryEscape(token)
	}
	answer, err := c.send(ctx, list)
	if err != nil {
		return nil, "", err
	}
	var page struct {
		Policies []struct {
			Name string `json:"name"`
		} `json:"policies"`
		Next string `json:"nextPageToken"`
	}
	if err := json.Unmarshal(answer, &page); err != nil {
		return nil, "", list.fail(err)
	}
	for _, p := range page.Policies {
		names = append(names, p.Name)
	}
	return names, page.Next, nil
}

func (c *Client) denyPolicy(ctx context.Context, parent, id string) (DenyPolicy, error) {
	get := rawRequest{
		request: request{op: "get deny policy", resource: id, permission: "iam.denypolicies.get"},
		verb:    http.MethodGet, url: parent + "/" + url.PathEscape(id),
	}
	answer, err := c.send(ctx, get)
	if err != nil {
		return DenyPolicy{}, err
	}
	var doc struct {
		Rules []struct {
			Deny denyRule `json:"denyRule"`
		} `json:"rules"`
	}
	if err := json.Unmarshal(answer, &doc); err != nil {
		return DenyPolicy{}, get.fail(err)
	}
	d := DenyPolicy{ID: id, whole: answer}
	for _, r := range doc.Rules {
		d.rules = append(d.rules, r.Deny)
	}
	return d, nil
}

// Denies tells whether the policy takes what was refused. What is under a condition on tags, or
// hangs on whether somebody is in a group, is not sure.
func (d DenyPolicy) Denies(use Use) Denial {
	worst := NotDenied
	for _, r := range d.rules {
		worst = max(worst, r.denies(use))
	}
	return worst
}

func (r denyRule) denies(use Use) Denial {
	taken := slices.ContainsFunc(use.Permissions, func(p string) bool {
		return inDenyList(r.Permissions, p) && !inDenyList(r.ExceptionPermissions, p)
	})
	from, except := use.among(r.Principals), use.among(r.ExceptionPrincipals)
	switch {
	case !taken || from == NotDenied || except == SurelyDenied:
		return NotDenied
	case from == PerhapsDenied || except == PerhapsDenied || r.Condition != nil:
		return PerhapsDenied
	}
	return SurelyDenied
}

// among tells whether a list of principals names the somebody.
func (u Use) among(list []string) Denial {
	switch {
	case slices.ContainsFunc(u.Principals, func(p string) bool { return slices.Contains(list, p) }):
		return SurelyDenied
	case u.Perhaps != nil && slices.ContainsFunc(list, u.Perhaps):
		return PerhapsDenied
	}
	return NotDenied
}

// inDenyList reports whether a permission is in a list of a deny policy, or in a group of it,
// such as storage.googleapis.com/objects.*
// (https://docs.cloud.google.com/iam/docs/deny-permissions-support).
func inDenyList(list []string, permission string) bool {
	service, rest, _ := strings.Cut(permission, ".")
	resource, _, _ := strings.Cut(rest, ".")
	service += ".googleapis.com/"
	for _, p := range []string{service + rest, service + resource + ".*", service + "*.*"} {
		if slices.Contains(list, p) {
			return true
		}
	}
	return false
}

// Excepting is the policy to write in place of this one, in which every rule that is sure
// to deny the use excepts somebody: JSON on one line, with the etag, and without what Google sets itself.
func (d DenyPolicy) Excepting(use Use, somebody string) (string, error) {
	var doc map[string]any
	decoder := json.NewDecoder(bytes.NewReader(d.whole))
	decoder.UseNumber()
	if err := decoder.Decode(&doc); err != nil {
		return "", err
	}
	for _, set := range []string{"name", "uid", "kind", "createTime", "updateTime", "deleteTime"} {
		delete(doc, set)
	}
	rules, _ := doc["rules"].([]any)
	for i, r := range d.rules {
		rule, _ := rules[i].(map[string]any)
		deny, _ := rule["denyRule"].(map[string]any)
		if deny != nil && r.denies(use) == SurelyDenied {
			deny["exceptionPrincipals"] = append(slices.Clone(r.ExceptionPrincipals), somebody)
		}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(doc)
	return strings.TrimSpace(text.String()), err
}
