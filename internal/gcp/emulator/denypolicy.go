package emulator

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// denyPolicy is one deny policy of a project.
type denyPolicy struct {
	id, uid          string
	revision         uint64
	created, updated time.Time
	title            string
	annotations      map[string]string
	rules            []denyPolicyRule
}

// denyPolicyDoc is a policy of IAM v2 as JSON
// (docs.cloud.google.com/iam/docs/reference/rest/v2/policies).
type denyPolicyDoc struct {
	Name        string            `json:"name,omitempty"`
	UID         string            `json:"uid,omitempty"`
	Kind        string            `json:"kind,omitempty"`
	Title       string            `json:"displayName,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Etag        string            `json:"etag,omitempty"`
	Created     string            `json:"createTime,omitempty"`
	Updated     string            `json:"updateTime,omitempty"`
	Deleted     string            `json:"deleteTime,omitempty"`
	Rules       []denyPolicyRule  `json:"rules,omitempty"`
}

type denyPolicyRule struct {
	Description string    `json:"description,omitempty"`
	Deny        *denyRule `json:"denyRule,omitempty"`
}

type denyRule struct {
	Principals           []string   `json:"deniedPrincipals,omitempty"`
	Permissions          []string   `json:"deniedPermissions,omitempty"`
	ExceptionPrincipals  []string   `json:"exceptionPrincipals,omitempty"`
	ExceptionPermissions []string   `json:"exceptionPermissions,omitempty"`
	Condition            *condition `json:"denialCondition,omitempty"`
}

// denyRoutes are the deny policies of IAM v2
// (docs.cloud.google.com/iam/docs/reference/rest/v2/policies).
//
// not modelled: principal access boundary policies, and deny policies of folders and organisations.
func denyRoutes() []route {
	const (
		all = "/v2/policies/{point}/denypolicies"
		one = all + "/{policy}"
		id  = "iam.policies."
		may = "iam.denypolicies."
	)
	return []route{
		{id: id + "listPolicies", verb: http.MethodGet, path: all, query: "pageSize pageToken", permission: may + "list", handle: (*call).listDenyPolicies},
		{id: id + "createPolicy", verb: http.MethodPost, path: all, query: "policyId", permission: may + "create", handle: (*call).createDenyPolicy},
		{id: id + "get", verb: http.MethodGet, path: one, permission: may + "get", handle: (*call).getDenyPolicy},
		{id: id + "update", verb: http.MethodPut, path: one, permission: may + "update", handle: (*call).updateDenyPolicy},
		{id: id + "delete", verb: http.MethodDelete, path: one, query: "etag", permission: may + "delete", handle: (*call).deleteDenyPolicy},
		{id: id + "operations.get", verb: http.MethodGet, path: one + "/operations/{operation}", permission: may + "get", handle: (*call).getDenyOperation},
	}
}

// attachedTo is what the attachment point of a project begins with, in a path with %2F for /.
const attachedTo = "cloudresourcemanager.googleapis.com/projects/"

// denyProject is the project that the policies of the path are attached to. gcloud escapes
// it twice, and works. The refusal was reported (github.com/GoogleCloudPlatform/nodejs-docs-samples/issues/3144).
func (c *call) denyProject() (*project, error) {
	point, err := url.PathUnescape(c.vars["point"])
	if err != nil {
		return nil, invalidArgument("Invalid attachment point: %s", c.vars["point"])
	}
	name, ok := strings.CutPrefix(point, attachedTo)
	if !ok && regexp.MustCompile(`^cloudresourcemanager\.googleapis\.com/(folders|organizations)/[0-9]+$`).MatchString(point) {
		return nil, notModelled("attachment point %q", point)
	}
	if !ok || strings.Contains(name, "/") {
		return nil, invalidArgument("Invalid attachment point: %s", point)
	}
	p, ok := c.s.project(name)
	if !ok {
		return nil, denyRefused(c.route.permission, point)
	}
	if err := c.s.checkEnabled(p, c.route.service()); err != nil {
		return nil, err
	}
	if !c.s.allowed(c.caller, c.route.permission, p.policy) {
		return nil, denyRefused(c.route.permission, point)
	}
	return p, nil
}

func denyRefused(permission, point string) error {
	long := strings.Replace(permission, "iam.", "iam.googleapis.com/", 1)
	e := newError(http.StatusForbidden, "Permission %s denied on resource %s", long, point)
	e.details = []any{newErrorInfo("IAM_PERMISSION_DENIED", "iam.googleapis.com", map[string]string{"permission": long, "resource": point})}
	return e
}

// denyPolicy is the policy of the path.
func (c *call) denyPolicy() (*project, *denyPolicy, error) {
	p, err := c.denyProject()
	if err != nil {
		return nil, nil, err
	}
	for _, d := range p.policy.denies {
		if d.id == c.vars["policy"] {
			return p, d, nil
		}
	}
	return nil, nil, notFound("Requested entity was not found.")
}

// name of the policy, with the project's number whatever was asked.
func (d *denyPolicy) name(p *project) string {
	return "policies/" + strings.ReplaceAll(attachedTo, "/", "%2F") + p.number + "/denypolicies/" + d.id
}

// doc is the policy as get answers it; a list leaves the rules out.
func (d *denyPolicy) doc(p *project) denyPolicyDoc {
	return denyPolicyDoc{
		Name: d.name(p), UID: d.uid, Kind: "DenyPolicy", Title: d.title, Annotations: d.annotations, Etag: encodeEtag(d.revision),
		Created: timestamp(d.created), Updated: timestamp(d.updated), Rules: d.rules,
	}
}

func (c *call) listDenyPolicies() (any, error) {
	p, err := c.denyProject()
	if err != nil {
		return nil, err
	}
	var docs []denyPolicyDoc
	for _, d := range p.policy.denies {
		doc := d.doc(p)
		doc.Rules = nil
		docs = append(docs, doc)
	}
	c.query.Del("pageSize") // Google ignores it
	from, to, next, err := c.pageOf(len(docs), 1000, 1000)
	if err != nil {
		return nil, err
	}
	return struct {
		Policies []denyPolicyDoc `json:"policies,omitempty"`
		Next     string          `json:"nextPageToken,omitempty"`
	}{docs[from:to], next}, nil
}

func (c *call) getDenyPolicy() (any, error) {
	p, d, err := c.denyPolicy()
	if err != nil {
		return nil, err
	}
	return d.doc(p), nil
}

var denyPolicyID = regexp.MustCompile(`^[a-z][a-z0-9.-]{2,62}$`)

func (c *call) createDenyPolicy() (any, error) {
	p, err := c.denyProject()
	if err != nil {
		return nil, err
	}
	id := c.query.Get("policyId")
	if !denyPolicyID.MatchString(id) {
		return nil, invalidArgument("Invalid policy ID: %q", id)
	}
	if slices.ContainsFunc(p.policy.denies, func(d *denyPolicy) bool { return d.id == id }) {
		return nil, newError(http.StatusConflict, "Requested entity already exists")
	}
	made := &denyPolicy{id: id, created: c.now}
	if err := c.write(made); err != nil {
		return nil, err
	}
	made.uid = fmt.Sprintf("%08x-0000-4000-8000-%012x", c.s.nextSerial(), c.s.nextSerial())
	p.policy.denies = append(p.policy.denies, made)
	slices.SortFunc(p.policy.denies, func(a, b *denyPolicy) int { return strings.Compare(a.id, b.id) })
	return c.denyOperation(p, made), nil
}

// updateDenyPolicy replaces all of a policy. One that was read before has an etag.
func (c *call) updateDenyPolicy() (any, error) {
	p, d, err := c.denyPolicy()
	if err != nil {
		return nil, err
	}
	if err := c.write(d); err != nil {
		return nil, err
	}
	return c.denyOperation(p, d), nil
}

func (c *call) deleteDenyPolicy() (any, error) {
	p, d, err := c.denyPolicy()
	if err != nil {
		return nil, err
	}
	if etag := c.query.Get("etag"); etag != "" && !sameEtag(etag, encodeEtag(d.revision)) {
		return nil, concurrentChange()
	}
	p.policy.denies = slices.DeleteFunc(p.policy.denies, func(other *denyPolicy) bool { return other == d })
	return c.denyOperation(p, d), nil
}

// write takes what the body says into a policy, if all of it is right.
func (c *call) write(d *denyPolicy) error {
	var in denyPolicyDoc
	if err := c.decode(&in); err != nil {
		return err
	}
	if d.revision != 0 && in.Etag != "" && !sameEtag(in.Etag, encodeEtag(d.revision)) {
		return concurrentChange()
	}
	if utf8.RuneCountInString(in.Title) > 63 {
		return invalidArgument("The display name must be at most 63 characters.")
	}
	if err := c.s.checkDenyRules(in.Rules); err != nil {
		return err
	}
	d.title, d.annotations, d.rules, d.updated, d.revision = in.Title, in.Annotations, in.Rules, c.now, c.s.nextRevision()
	return nil
}

// denyOperation answers a change of a policy.
func (c *call) denyOperation(p *project, d *denyPolicy) operationDoc {
	return c.s.startOperation(d.name(p), nil)
}

// getDenyOperation finds an operation by the project's number.
func (c *call) getDenyOperation() (any, error) {
	p, err := c.denyProject()
	if err != nil {
		return nil, err
	}
	name := (&denyPolicy{id: c.vars["policy"]}).name(p) + "/operations/" + c.vars["operation"]
	o, ok := c.s.operations.byName[name]
	if !ok {
		return nil, notFound("Requested entity was not found.")
	}
	return o.poll(name, c.now), nil
}
