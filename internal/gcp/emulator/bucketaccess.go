package emulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// storageTime is how Cloud Storage writes a time: gcloud warns of finer ones.
func storageTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// storageInvalid is a 400 of Cloud Storage, whose reason differs from IAM's.
func storageInvalid(format string, args ...any) *apiError {
	e := newError(http.StatusBadRequest, format, args...)
	e.reason = "invalid"
	return e
}

func storageConflict(format string, args ...any) *apiError {
	e := newError(http.StatusConflict, format, args...)
	e.reason = "conflict"
	return e
}

// conditionNotMet is the 412 that a reader of the policy or the object may retry
// after reading again; other 412s carry the same reason and another text.
func conditionNotMet() *apiError {
	return newError(http.StatusPreconditionFailed, "At least one of the pre-conditions you specified did not hold.")
}

// openBucket is the bucket of the path, if the caller has the route's permission on it.
func (c *call) openBucket() (*bucket, error) {
	b, ok := c.s.buckets[c.vars["bucket"]]
	if !ok {
		return nil, c.noBucket()
	}
	if err := c.checkPaid(b); err != nil {
		return nil, err
	}
	if !c.mayStorage(c.route.permission, b) {
		return nil, c.deny(c.route.permission)
	}
	return b, nil
}

// noBucket answers for a bucket that does not exist: 404 to those who have a say in
// some project, and to others what they would hear of a bucket closed to them.
func (c *call) noBucket() error {
	for _, p := range c.s.projects {
		if c.s.allowed(c.caller, "storage.buckets.list", p.policy) || c.s.allowed(c.caller, c.route.permission, p.policy) {
			e := notFound("The specified bucket does not exist.")
			if c.route.form == formXML {
				e.reason = "noSuchBucket"
			}
			return e
		}
	}
	return c.deny(c.route.permission)
}

// mayStorage evaluates a permission on a bucket or its objects. A federated identity
// reaches objects of buckets with uniform access alone
// (https://docs.cloud.google.com/iam/docs/federated-identity-supported-services).
func (c *call) mayStorage(permission string, b *bucket) bool {
	if permission == "" {
		return true
	}
	if c.caller.kind == tokenFederated && !b.uniform && strings.HasPrefix(permission, "storage.objects.") {
		return false
	}
	return c.s.allowed(c.caller, permission, c.s.bucketGrants(b), b.project.policy, b.objectACLs())
}

// bucketGrants is the bucket's policy as it counts: where public access is prevented,
// without what everybody was granted before
// (https://docs.cloud.google.com/storage/docs/public-access-prevention).
func (s *Server) bucketGrants(b *bucket) *allowPolicy {
	if !s.preventsPublic(b) {
		return b.policy
	}
	public := func(g grant) bool { return g.member == "allUsers" || g.member == "allAuthenticatedUsers" }
	return &allowPolicy{history: slices.DeleteFunc(slices.Clone(b.policy.history), public)}
}

func (s *Server) preventsPublic(b *bucket) bool {
	_, inForce := s.opts.OrgPolicies["constraints/storage.publicAccessPrevention"]
	return inForce || b.publicPrevention == "enforced"
}

// objectACLs is what the ACL that objects have by default comes to, as a policy: the
// project's owners and editors own them, its viewers read them
// (https://docs.cloud.google.com/storage/docs/access-control/lists#default).
func (b *bucket) objectACLs() *allowPolicy {
	if b.uniform {
		return &allowPolicy{}
	}
	const owns, reads = "roles/storage.legacyObjectOwner", "roles/storage.legacyObjectReader"
	return &allowPolicy{history: []grant{
		{role: owns, member: "projectOwner:" + b.project.id, granted: true},
		{role: owns, member: "projectEditor:" + b.project.id, granted: true},
		{role: reads, member: "projectViewer:" + b.project.id, granted: true},
	}}
}

// deny is the refusal of Cloud Storage: 401 to those who came without a token, else 403
// (https://docs.cloud.google.com/storage/docs/json_api/v1/status-codes).
func (c *call) deny(permission string) error {
	if c.caller.anonymous() && c.route.form != formXML {
		e := newError(http.StatusUnauthorized, "Login Required")
		e.reason, e.locationType, e.location = "required", "header", "Authorization"
		return e
	}
	return newError(http.StatusForbidden, "%s does not have %s access to the Google Cloud %s. Permission '%s' denied on resource (or it may not exist).",
		c.principal(), permission, resourceOf(permission), permission)
}

// principal is the caller as Cloud Storage calls it: an address, or the member.
func (c *call) principal() string {
	switch {
	case c.caller.anonymous():
		return "Anonymous caller"
	case c.caller.email != "":
		return c.caller.email
	}
	return c.caller.member
}

func resourceOf(permission string) string {
	switch permission {
	case "storage.buckets.create", "storage.buckets.list", "serviceusage.services.use":
		return "project"
	case "storage.objects.get", "storage.objects.delete", "storage.objects.create", "storage.objects.update":
		return "Storage object"
	}
	return "Storage bucket"
}

// checkUserProject answers for the userProject parameter: the caller must be
// allowed to use the project that shall pay.
func (c *call) checkUserProject() error {
	name := c.query.Get("userProject")
	if name == "" {
		return nil
	}
	const permission = "serviceusage.services.use"
	if p, ok := c.s.project(name); ok && c.s.allowed(c.caller, permission, p.policy) {
		return nil
	}
	return c.deny(permission)
}

// checkMatch holds a request to a pair of its conditions, ifXMatch and ifXNotMatch,
// over what is there; 0 stands for nothing.
// A read that is not met because nothing changed answers 304.
func (c *call) checkMatch(name string, have uint64) error {
	want, given, err := c.number("if" + name + "Match")
	if err != nil {
		return err
	}
	if given && want != have {
		return conditionNotMet()
	}
	not, given, err := c.number("if" + name + "NotMatch")
	if err != nil {
		return err
	}
	if given && not == have {
		if !c.route.writes() {
			return newError(http.StatusNotModified, "Not Modified")
		}
		return conditionNotMet()
	}
	return nil
}

// number is an int64 query parameter, and whether it is there.
func (c *call) number(name string) (uint64, bool, error) {
	text := c.query.Get(name)
	if text == "" {
		return 0, false, nil
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0, false, storageInvalid("Invalid value '%s'. Values must be within the range: [0, 9223372036854775807]", text)
	}
	return n, true, nil
}
