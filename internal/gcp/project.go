package gcp

import (
	"context"
	"strconv"
	"strings"

	cloudresourcemanager "google.golang.org/api/cloudresourcemanager/v1"
)

// Project is a project of Google Cloud.
type Project struct {
	ID     string // "acme-prod"; "" if only the number is known
	Number string // "123456789012"
	State  string // "ACTIVE", "DELETE_REQUESTED", …; "" if Resource Manager could not be asked
}

// Project looks up a project by its id or number. One that does not exist is
// PermissionDenied: Google does not tell strangers which projects there are
// (https://docs.cloud.google.com/resource-manager/reference/rest/v1/projects/get).
//
// Where Resource Manager is not enabled yet, Service Usage still gives the
// number away.
func (c *Client) Project(ctx context.Context, idOrNumber string) (Project, error) {
	r := request{op: "get project", resource: idOrNumber, permission: "resourcemanager.projects.get"}
	p, err := c.resources.Projects.Get(idOrNumber).Context(ctx).Do()
	if err == nil {
		return newProject(p), nil
	}
	err = r.fail(err)
	if !is(err, APIDisabled) {
		return Project{}, err
	}
	number, ok := c.projectNumber(ctx, idOrNumber)
	if !ok {
		return Project{}, err
	}
	return Project{ID: unlessNumber(idOrNumber), Number: number}, nil
}

func newProject(p *cloudresourcemanager.Project) Project {
	return Project{ID: p.ProjectId, Number: strconv.FormatInt(p.ProjectNumber, 10), State: p.LifecycleState}
}

// projectNumber reads the number out of the name of a service, which is
// projects/NUMBER/services/SERVICE whichever way it was asked for
// (https://docs.cloud.google.com/service-usage/docs/reference/rest/v1/services/get).
func (c *Client) projectNumber(ctx context.Context, idOrNumber string) (string, bool) {
	s, err := c.usage.Services.Get("projects/" + idOrNumber + "/services/iam.googleapis.com").Context(ctx).Do()
	if err != nil {
		return "", false
	}
	parts := strings.Split(s.Name, "/")
	if len(parts) != 4 || parts[0] != "projects" || unlessNumber(parts[1]) != "" {
		return "", false
	}
	return parts[1], true
}

// unlessNumber returns a project id, and "" for a project number.
func unlessNumber(idOrNumber string) string {
	if strings.Trim(idOrNumber, "0123456789") == "" {
		return ""
	}
	return idOrNumber
}
