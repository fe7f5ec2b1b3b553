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
}

// DenyPolicies reads the deny policies of a project, which takes iam.denypolicies.list and
// iam.denypolicies.get: a list has no rules
// (https://docs.cloud.google.com/iam/docs/reference/rest/v2/policies/listPolicies).
func (c *Client) DenyPolicies(ctx context.Context, project string) ([]DenyPolicy, error) {
	list := rawRequest{
		request: request{op: "list deny policies of project", resource: project, permission: "iam.denypolicies.list"},
		verb:    http.MethodGet,
		url:     c.at.iam + "v2/policies/" + url.PathEscape("cloudresourcemanager.googleapis.com/projects/"+project) + "/denypolicies",
	}
	answer, err := c.send(ctx, list)
	if err != nil {
		return nil, err
	}
	var page struct {
		Policies []struct {
			Name string `json:"name"`
		} `json:"policies"`
	}
	if err := json.Unmarshal(answer, &page); err != nil {
		return nil, list.fail(err)
	}
	var all []DenyPolicy
	for _, p := range page.Policies {
		d, err := c.denyPolicy(ctx, list.url, lastPart(p.Name))
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
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

// Denies reports whether the policy takes one of the permissions from somebody who goes by
// all of these principals. A rule with a condition on tags is taken to apply.
func (d DenyPolicy) Denies(permissions, principals []string) bool {
	return slices.ContainsFunc(d.rules, func(r denyRule) bool { return r.denies(permissions, principals) })
}

func (r denyRule) denies(permissions, principals []string) bool {
	among := func(list []string) bool {
		return slices.ContainsFunc(principals, func(p string) bool { return slices.Contains(list, p) })
	}
	taken := slices.ContainsFunc(permissions, func(p string) bool {
		return inDenyList(r.Permissions, p) && !inDenyList(r.ExceptionPermissions, p)
	})
	return taken && among(r.Principals) && !among(r.ExceptionPrincipals)
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

// Excepting is the policy to write in place of this one, in which every rule that Denies
// them excepts somebody: JSON on one line, with the etag, and without what Google sets itself.
func (d DenyPolicy) Excepting(permissions, principals []string, somebody string) (string, error) {
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
		if deny != nil && r.denies(permissions, principals) {
			deny["exceptionPrincipals"] = append(slices.Clone(r.ExceptionPrincipals), somebody)
		}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(doc)
	return strings.TrimSpace(text.String()), err
}
