package gcp

import (
	"context"
	"slices"
	"strings"
	"time"

	serviceusage "google.golang.org/api/serviceusage/v1"
)

// The most services that one request may name, and the most that one page lists
// (https://docs.cloud.google.com/service-usage/docs/reference/rest/v1/services).
const (
	maxEnabled  = 20
	servicePage = 200
)

// alreadyEnabled is the operation of a request with nothing to do. It is done,
// and can't be asked for.
const alreadyEnabled = "operations/noop.DONE_OPERATION"

// Services reports which of the named services ("sts.googleapis.com") are enabled
// in a project, given by id or number. Each name asked for is in the answer. It
// asks as gcloud does: a project has a page of enabled services, rarely two.
func (c *Client) Services(ctx context.Context, project string, names []string) (map[string]bool, error) {
	r := request{op: "list enabled services of project", resource: project, permission: "serviceusage.services.list"}
	enabled := make(map[string]bool, len(names))
	for _, name := range names {
		enabled[name] = false
	}
	list := c.usage.Services.List("projects/" + project).Filter("state:ENABLED").PageSize(servicePage)
	err := list.Pages(ctx, func(page *serviceusage.ListServicesResponse) error {
		for _, s := range page.Services {
			name := s.Name[strings.LastIndex(s.Name, "/")+1:]
			if _, asked := enabled[name]; asked {
				enabled[name] = s.State == "ENABLED"
			}
		}
		return nil
	})
	if err != nil {
		return nil, r.fail(err)
	}
	return enabled, nil
}

// EnableServices enables services in a project and waits until Google says it is
// done. For a few minutes after that the services may still answer APIDisabled or
// PermissionDenied. Enabling what is enabled changes nothing.
func (c *Client) EnableServices(ctx context.Context, project string, names []string) error {
	r := request{op: "enable services of project", resource: project, permission: "serviceusage.services.enable"}
	for some := range slices.Chunk(names, maxEnabled) {
		began, err := c.beginEnable(ctx, r, "projects/"+project, some)
		if err != nil {
			return err
		}
		if began.name == alreadyEnabled {
			continue
		}
		r := request{op: "wait for services of project", resource: project, permission: "serviceusage.operations.get"}
		err = r.await(ctx, began, func(name string) (operation, error) {
			o, err := c.usage.Operations.Get(name).Context(ctx).Do()
			return usageOperation(o), err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// beginEnable waits for its turn: Google changes the services of a project one
// request at a time, and to ask again is harmless.
func (c *Client) beginEnable(ctx context.Context, r request, parent string, names []string) (operation, error) {
	ctx, cancel := context.WithTimeout(ctx, longestWaitedOn)
	defer cancel()
	for wait := time.Second; ; wait = min(2*wait, longestPause) {
		o, err := c.usage.Services.BatchEnable(parent, &serviceusage.BatchEnableServicesRequest{ServiceIds: names}).Context(ctx).Do()
		if err == nil {
			return usageOperation(o), nil
		}
		err = r.fail(err)
		if ClassOf(err) != Contention || !sleep(ctx, wait) {
			return operation{}, err
		}
	}
}
