package emulator

import (
	"fmt"
	"time"
)

// operation is a long-running operation of IAM or Service Usage.
type operation struct {
	project  *project
	polls    int        // GETs that still say "not done"
	made     *lifecycle // becomes visible when the operation is done
	response any        // shown when done; IAM's operations never show one
}

// maxOperations is how many of them are remembered: enough for whoever still asks.
const maxOperations = 1000

// operations are the last ones that began, by name.
type operations struct {
	byName map[string]*operation
	names  []string // in the order they began
}

func (l *operations) add(name string, o *operation) {
	if l.byName == nil {
		l.byName = map[string]*operation{}
	}
	l.byName[name] = o
	l.names = append(l.names, name)
	for len(l.names) > maxOperations {
		delete(l.byName, l.names[0])
		l.names = l.names[1:] // append moves to a new array in time, and the old one goes
	}
}

// operationDoc is an operation as JSON. IAM's first answers hold only the name,
// and the last one adds done, never the resource (seen in recorded traffic,
// whatever the reference says).
type operationDoc struct {
	Name     string `json:"name"`
	Done     bool   `json:"done,omitempty"`
	Response any    `json:"response,omitempty"`
}

// startOperation answers a change of a pool or provider.
func (s *Server) startOperation(resource string, made *lifecycle) operationDoc {
	name := fmt.Sprintf("%s/operations/bqy%029d", resource, s.nextSerial())
	s.operations.add(name, &operation{polls: s.lag.polls, made: made})
	return operationDoc{Name: name}
}

// poll is one look at an operation.
func (o *operation) poll(name string, now time.Time) operationDoc {
	if o.polls > 0 {
		o.polls--
		return operationDoc{Name: name}
	}
	if o.made != nil && now.Before(o.made.visible) {
		o.made.visible = now
	}
	return operationDoc{Name: name, Done: true, Response: o.response}
}

// getOperation finds the operation of a pool or provider by its number, though
// the caller may have named the project by id
// (docs.cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools.operations/get).
func (c *call) getOperation() (any, error) {
	p, err := c.projectFor(c.poolResource())
	if err != nil {
		return nil, err
	}
	name := "projects/" + p.number + "/locations/global/workloadIdentityPools/" + c.vars["pool"]
	if q := c.vars["provider"]; q != "" {
		name += "/providers/" + q
	}
	name += "/operations/" + c.vars["operation"]
	o, ok := c.s.operations.byName[name]
	if !ok {
		return nil, notFound("Requested entity was not found.")
	}
	return o.poll(name, c.now), nil
}
