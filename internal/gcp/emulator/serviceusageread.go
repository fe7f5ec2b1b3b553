package emulator

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

func (c *call) getServiceOperation() (any, error) {
	name := "operations/" + c.vars["operation"]
	o, ok := c.s.operations.byName[name]
	if !ok {
		return nil, notFound("Operation %s not found.", name)
	}
	if !c.s.allowed(c.caller, c.route.permission, o.project.policy) {
		return nil, callerLacksPermission()
	}
	return o.poll(name, c.now), nil
}

// serviceOf is the project and the service of the path.
func (c *call) serviceOf() (*project, string, error) {
	p, err := c.serviceProject()
	if err != nil {
		return nil, "", err
	}
	return p, c.vars["service"], checkServices([]string{c.vars["service"]})
}

func (c *call) getService() (any, error) {
	p, name, err := c.serviceOf()
	if err != nil {
		return nil, err
	}
	return p.service(name), nil
}

func (c *call) enableService() (any, error) {
	p, name, err := c.serviceOf()
	if err != nil {
		return nil, err
	}
	changed := c.enable(p, []string{name})
	return c.serviceOperation(p, changed, struct {
		Type    string     `json:"@type"`
		Service serviceDoc `json:"service"`
	}{serviceUsageType + "EnableServiceResponse", p.service(name)}), nil
}

// disableService refuses what is not enabled, as the reference says; the words are
// assumed (docs.cloud.google.com/service-usage/docs/reference/rest/v1/services/disable).
func (c *call) disableService() (any, error) {
	p, name, err := c.serviceOf()
	if err != nil {
		return nil, err
	}
	var body struct {
		Dependents bool   `json:"disableDependentServices"`
		CheckUsage string `json:"checkIfServiceHasUsage"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	if v, ok := p.services[name]; !ok || !v.enabled {
		return nil, failedPrecondition("The service %s is not enabled for project number %s.", name, p.number)
	}
	delete(p.services, name)
	return c.serviceOperation(p, true, struct {
		Type    string     `json:"@type"`
		Service serviceDoc `json:"service"`
	}{serviceUsageType + "DisableServiceResponse", p.service(name)}), nil
}

// batchGetServices takes at most 30 names, projects/P/services/S.
func (c *call) batchGetServices() (any, error) {
	p, err := c.serviceProject()
	if err != nil {
		return nil, err
	}
	names := c.query["names"]
	if len(names) == 0 || len(names) > 30 {
		return nil, invalidArgument("The number of services to get must be between 1 and 30, got %d.", len(names))
	}
	docs := []serviceDoc{}
	for _, full := range names {
		parts := strings.Split(full, "/")
		if len(parts) != 4 || parts[0] != "projects" || (parts[1] != p.id && parts[1] != p.number) || parts[2] != "services" {
			return nil, invalidArgument("Invalid service name: %s.", full)
		}
		if err := checkServices(parts[3:]); err != nil {
			return nil, err
		}
		docs = append(docs, p.service(parts[3]))
	}
	return struct {
		Services []serviceDoc `json:"services"`
	}{docs}, nil
}

func (c *call) listServices() (any, error) {
	p, err := c.serviceProject()
	if err != nil {
		return nil, err
	}
	state, ok := strings.CutPrefix(c.query.Get("filter"), "state:")
	if c.query.Get("filter") != "" && (!ok || !containsWord("ENABLED DISABLED", state)) {
		return nil, invalidArgument("Invalid filter: %q. It must be state:ENABLED or state:DISABLED.", c.query.Get("filter"))
	}
	if size, err := strconv.Atoi(c.query.Get("pageSize")); err == nil && size > 200 {
		return nil, invalidArgument("The page size cannot exceed 200, got %d.", size)
	}
	docs := []serviceDoc{}
	for _, name := range slices.Sorted(maps.Keys(titles)) {
		if d := p.service(name); state == "" || d.State == state {
			docs = append(docs, d)
		}
	}
	from, to, next, err := c.pageOf(len(docs), 50, 200)
	if err != nil {
		return nil, err
	}
	return struct {
		Services []serviceDoc `json:"services,omitempty"`
		Next     string       `json:"nextPageToken,omitempty"`
	}{docs[from:to], next}, nil
}
