package emulator

import "time"

// isPurged reports whether a deleted project is gone for good
// (docs.cloud.google.com/resource-manager/docs/creating-managing-projects#shutting_down_projects).
func (p *project) isPurged(now time.Time) bool {
	return p.isDeleted() && !now.Before(p.deleted.Add(softDelete))
}

func (p *project) isDeleted() bool { return !p.deleted.IsZero() }

func (p *project) state() string {
	if p.isDeleted() {
		return "DELETE_REQUESTED"
	}
	return "ACTIVE"
}

// projectDeleted is what every API but Resource Manager says of a project that was deleted.
func projectDeleted(p *project, service string) *apiError {
	e := newError(403, "Project #%s has been deleted.", p.number)
	e.details = []any{newErrorInfo("CONSUMER_INVALID", "googleapis.com", map[string]string{"consumer": "projects/" + p.number, "service": service})}
	return e
}

// deleteProject asks for the end of a project, which is there for 30 days more. What Google
// says of a second time is not documented; this answer is assumed.
func (c *call) deleteProject() (any, error) {
	p, err := c.openProject()
	if err != nil {
		return nil, err
	}
	if p.isDeleted() {
		return nil, failedPrecondition("Precondition check failed.")
	}
	p.deleted = c.now
	return struct{}{}, nil
}

// undeleteProject takes that back. What Google says where there is nothing to take back is
// not documented; this answer is assumed.
func (c *call) undeleteProject() (any, error) {
	p, err := c.openProject()
	if err != nil {
		return nil, err
	}
	if !p.isDeleted() {
		return nil, failedPrecondition("Precondition check failed.")
	}
	p.deleted = time.Time{}
	return struct{}{}, nil
}
