package emulator

import "strings"

// testPermissions answers which of the permissions in the body the caller has.
// One that does not exist fails the whole call; both spellings of the pool
// permissions are taken
// (docs.cloud.google.com/iam/docs/testing-permissions).
//
// not modelled: permissions beyond those of the roles here, which are said not to exist.
func (c *call) testPermissions(chain ...*allowPolicy) (any, error) {
	var body struct {
		Permissions []string `json:"permissions"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	if len(body.Permissions) > 100 {
		return nil, invalidArgument("Too many permissions: %d. At most 100 can be tested at once.", len(body.Permissions))
	}
	var held []string
	for _, p := range body.Permissions {
		if strings.Contains(p, "*") || !knownPermission(p) {
			return nil, invalidArgument("Permission %s is not valid for this resource.", p)
		}
		if c.s.allowed(c.caller, p, chain...) {
			held = append(held, p)
		}
	}
	return struct {
		Permissions []string `json:"permissions,omitempty"`
	}{held}, nil
}
