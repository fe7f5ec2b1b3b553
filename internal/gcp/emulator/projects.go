package emulator

import "strings"

// projectRoutes are Resource Manager v1
// (docs.cloud.google.com/resource-manager/reference/rest/v1/projects).
//
// not modelled: v3, creating projects, folders, organisations.
func projectRoutes() []route {
	const (
		path = "/v1/projects/{project}"
		id   = "cloudresourcemanager.projects."
		may  = "resourcemanager.projects."
	)
	return []route{
		{id: id + "list", verb: "GET", path: "/v1/projects", query: "filter pageSize pageToken", permission: may + "get", handle: (*call).listProjects},
		{id: id + "get", verb: "GET", path: path, permission: may + "get", handle: (*call).getProject},
		{id: id + "delete", verb: "DELETE", path: path, permission: may + "delete", handle: (*call).deleteProject},
		{id: id + "undelete", verb: "POST", path: path + ":undelete", empty: true, permission: may + "undelete", handle: (*call).undeleteProject},
		{id: id + "getAncestry", verb: "POST", path: path + ":getAncestry", empty: true, reads: true, permission: may + "get", handle: (*call).getAncestry},
		{id: id + "getIamPolicy", verb: "POST", path: path + ":getIamPolicy", reads: true, permission: may + "getIamPolicy", handle: (*call).getProjectPolicy},
		{id: id + "setIamPolicy", verb: "POST", path: path + ":setIamPolicy", permission: may + "setIamPolicy", handle: (*call).setProjectPolicy},
		{id: id + "testIamPermissions", verb: "POST", path: path + ":testIamPermissions", reads: true, handle: (*call).testProjectPermissions},
	}
}

// openProject is the project of the path, or the one refusal for projects that
// do not exist and for those closed to the caller.
func (c *call) openProject() (*project, error) {
	p, ok := c.s.project(c.vars["project"])
	if !ok {
		return nil, callerLacksPermission()
	}
	if err := c.s.checkOn(p, c.route.service()); err != nil {
		return nil, err
	}
	if !c.s.allowed(c.caller, c.route.permission, p.policy) {
		return nil, callerLacksPermission()
	}
	return p, nil
}

// projectDoc is a project as JSON.
type projectDoc struct {
	Number  string `json:"projectNumber"`
	ID      string `json:"projectId"`
	State   string `json:"lifecycleState"`
	Name    string `json:"name"`
	Created string `json:"createTime"`
}

func (p *project) doc() projectDoc {
	return projectDoc{p.number, p.id, p.state(), p.id, timestamp(p.created)}
}

func (c *call) getProject() (any, error) {
	p, err := c.openProject()
	if err != nil {
		return nil, err
	}
	return p.doc(), nil
}

// getAncestry answers the project alone: there is nothing above it here.
func (c *call) getAncestry() (any, error) {
	p, err := c.openProject()
	if err != nil {
		return nil, err
	}
	type resourceID struct {
		ID   string `json:"id"`
		Type string `json:"type"`
	}
	type ancestor struct {
		ResourceID resourceID `json:"resourceId"`
	}
	return struct {
		Ancestor []ancestor `json:"ancestor"`
	}{[]ancestor{{resourceID{p.id, "project"}}}}, nil
}

// listProjects answers those that the caller may see.
func (c *call) listProjects() (any, error) {
	filter, err := parseProjectFilter(c.query.Get("filter"))
	if err != nil {
		return nil, err
	}
	var docs []projectDoc
	for _, p := range c.s.projects {
		if p.isPurged(c.now) {
			continue
		}
		if doc := p.doc(); filter.matches(doc) && c.s.allowed(c.caller, c.route.permission, p.policy) {
			docs = append(docs, doc)
		}
	}
	from, to, next, err := c.pageOf(len(docs), 500, 500)
	if err != nil {
		return nil, err
	}
	return struct {
		Projects []projectDoc `json:"projects,omitempty"`
		Next     string       `json:"nextPageToken,omitempty"`
	}{docs[from:to], next}, nil
}

func (c *call) getProjectPolicy() (any, error) {
	p, err := c.openProject()
	if err != nil {
		return nil, err
	}
	return c.readPolicy(p.policy)
}

func (c *call) setProjectPolicy() (any, error) {
	p, err := c.openProject()
	if err != nil {
		return nil, err
	}
	if p.isDeleted() {
		return nil, failedPrecondition("Precondition check failed.")
	}
	return c.writePolicy(p.policy, p.takes)
}

// takes is what a project's policy takes: not everybody as a member, and no new user
// as an owner, who has to be invited in the console
// (docs.cloud.google.com/resource-manager/reference/rest/v1/projects/setIamPolicy).
//
// not modelled: that the last owner of a project can't be removed.
func (p *project) takes(b bindingDoc) error {
	if err := predefinedRole(b.Role); err != nil {
		return err
	}
	owners := p.policy.roles()
	for _, m := range b.Members {
		if m == "allUsers" || m == "allAuthenticatedUsers" {
			return badMember("Request contains an invalid argument.")
		}
		if b.Role == "roles/owner" && strings.HasPrefix(m, "user:") && !owners[roleOf{b.Role, strings.ToLower(m)}] {
			return mustBeInvited(m)
		}
	}
	return nil
}

func mustBeInvited(member string) error {
	e := badMember("Request contains an invalid argument.")
	e.details = []any{struct {
		Type   string `json:"@type"`
		Reason string `json:"type"`
		Member string `json:"member"`
		Role   string `json:"role"`
	}{"type.googleapis.com/google.cloudresourcemanager.v1.ProjectIamPolicyError", "SOLO_MUST_INVITE_OWNERS", member, "roles/owner"}}
	return e
}

// testProjectPermissions needs no permission, but the project must exist.
func (c *call) testProjectPermissions() (any, error) {
	p, ok := c.s.project(c.vars["project"])
	if !ok {
		return nil, callerLacksPermission()
	}
	return c.testPermissions(p.policy)
}
