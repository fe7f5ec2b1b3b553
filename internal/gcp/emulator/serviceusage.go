package emulator

import (
	"maps"
	"slices"
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
	v, ok := p.services[name]
	if ok && v.enabled && !s.clock.Now().Before(v.since) {
		return nil
	}
	return serviceDisabled(name, p.number)
}

func serviceUsageRoutes() []route { return nil }
