package emulator

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// service is an API in a project.
type service struct {
	enabled bool
	since   time.Time // when the enablement reached the API's own servers
}

// preEnabled are the APIs a new project has.
var preEnabled = []string{"cloudresourcemanager.googleapis.com", "serviceusage.googleapis.com", "storage.googleapis.com"}

func (p *project) enabledServices() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(p.services)) {
		if p.services[name].enabled {
			names = append(names, name)
		}
	}
	return names
}

// checkEnabled refuses a call to an API the project has not enabled, or only a
// moment ago (docs.cloud.google.com/service-usage/docs/enable-disable).
func (s *Server) checkEnabled(p *project, name string) error {
	if p.isDeleted() {
		return projectDeleted(p, name)
	}
	return s.checkOn(p, name)
}

// checkOn refuses an API that is not enabled, of a deleted project too.
func (s *Server) checkOn(p *project, name string) error {
	v, ok := p.services[name]
	if ok && v.enabled && !s.clock.Now().Before(v.since) {
		return nil
	}
	return serviceDisabled(name, p.number)
}

// serviceUsageRoutes are Service Usage v1
// (docs.cloud.google.com/service-usage/docs/reference/rest/v1/services).
//
// not modelled: dependencies between services, quotas, the refusal of a
// change while another is under way.
func serviceUsageRoutes() []route {
	const (
		services = "/v1/projects/{project}/services"
		one      = services + "/{service}"
		id       = "serviceusage.services."
		may      = "serviceusage.services."
	)
	return []route{
		{id: id + "batchEnable", verb: "POST", path: services + ":batchEnable", permission: may + "enable", handle: (*call).batchEnableServices},
		{id: id + "batchGet", verb: "GET", path: services + ":batchGet", query: "names", permission: may + "get", handle: (*call).batchGetServices},
		{id: id + "list", verb: "GET", path: services, query: "filter pageSize pageToken", permission: may + "list", handle: (*call).listServices},
		{id: id + "get", verb: "GET", path: one, permission: may + "get", handle: (*call).getService},
		{id: id + "enable", verb: "POST", path: one + ":enable", empty: true, permission: may + "enable", handle: (*call).enableService},
		{id: id + "disable", verb: "POST", path: one + ":disable", permission: may + "disable", handle: (*call).disableService},
		{id: "serviceusage.operations.get", verb: "GET", path: "/v1/operations/{operation}", permission: "serviceusage.operations.get", handle: (*call).getServiceOperation},
	}
}

// serviceDoc is a service in a project. One that is disabled has no parent.
type serviceDoc struct {
	Name   string         `json:"name"`
	Parent string         `json:"parent,omitempty"`
	Config *serviceConfig `json:"config,omitempty"`
	State  string         `json:"state"`
}

type serviceConfig struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

func (p *project) service(name string) serviceDoc {
	doc := serviceDoc{Name: "projects/" + p.number + "/services/" + name, State: "DISABLED"}
	if v, ok := p.services[name]; ok && v.enabled {
		doc.Parent, doc.State = "projects/"+p.number, "ENABLED"
	}
	doc.Config = &serviceConfig{name, titles[name]}
	return doc
}

// serviceProject is the project of the path for a caller who has the method's
// permission there.
func (c *call) serviceProject() (*project, error) {
	p, ok := c.s.project(c.vars["project"])
	if ok && c.s.allowed(c.caller, c.route.permission, p.policy) {
		if p.isDeleted() {
			return nil, projectDeleted(p, c.route.service())
		}
		return p, nil
	}
	e := callerLacksPermission()
	e.details = []any{newErrorInfo("AUTH_PERMISSION_DENIED", "serviceusage.googleapis.com", map[string]string{"permission": c.route.permission})}
	return nil, e
}

// checkServices refuses names this emulator does not know.
func checkServices(names []string) error {
	var unknown []string
	for _, name := range names {
		if titles[name] == "" {
			unknown = append(unknown, name)
		}
	}
	if unknown == nil {
		return nil
	}
	list := strings.Join(unknown, ", ")
	e := newError(http.StatusForbidden, "Not found or permission denied for service(s): %s.", list)
	e.details = []any{newErrorInfo("SERVICE_CONFIG_NOT_FOUND_OR_PERMISSION_DENIED", "serviceusage.googleapis.com", map[string]string{"services": list})}
	return e
}

// batchEnableServices enables all or none, at most 20.
func (c *call) batchEnableServices() (any, error) {
	p, err := c.serviceProject()
	if err != nil {
		return nil, err
	}
	var body struct {
		IDs []string `json:"serviceIds"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	if len(body.IDs) == 0 || len(body.IDs) > 20 {
		return nil, invalidArgument("The number of services to enable must be between 1 and 20, got %d.", len(body.IDs))
	}
	if err := checkServices(body.IDs); err != nil {
		return nil, err
	}
	changed := c.enable(p, body.IDs)
	docs := []serviceDoc{}
	for _, name := range body.IDs {
		docs = append(docs, p.service(name))
	}
	return c.serviceOperation(p, changed, struct {
		Type     string       `json:"@type"`
		Services []serviceDoc `json:"services"`
	}{serviceUsageType + "BatchEnableServicesResponse", docs}), nil
}

const serviceUsageType = "type.googleapis.com/google.api.serviceusage.v1."

// enable reports whether anything was disabled before. Calls to a newly enabled
// API go through a lag later.
func (c *call) enable(p *project, names []string) bool {
	changed := false
	for _, name := range names {
		if v, ok := p.services[name]; ok && v.enabled {
			continue
		}
		p.services[name] = &service{enabled: true, since: c.now.Add(c.s.lag.enable)}
		changed = true
	}
	return changed
}

// serviceOperation is the answer to a change. Nothing to do is a finished
// operation with a name that can't be polled.
func (c *call) serviceOperation(p *project, changed bool, response any) operationDoc {
	if !changed {
		return operationDoc{Name: "operations/noop.DONE_OPERATION", Done: true, Response: response}
	}
	name := fmt.Sprintf("operations/acat.p2-%s-%032d", p.number, c.s.nextSerial())
	c.s.operations.add(name, &operation{project: p, polls: c.s.lag.polls, response: response})
	return operationDoc{Name: name}
}
