package emulator

import (
	"net/http"
	"strings"
)

const cloudPlatform = "https://www.googleapis.com/auth/cloud-platform"

// authenticate finds out who calls, or refuses.
func (c *call) authenticate() error {
	c.caller = &caller{}
	header := c.r.Header.Get("Authorization")
	if c.route.auth == authNone {
		return nil
	}
	if header == "" {
		if c.route.auth == authOptional {
			return nil
		}
		return c.unauthenticated("CREDENTIALS_MISSING", "Request is missing required authentication credential.")
	}
	text, ok := strings.CutPrefix(header, "Bearer ")
	if !ok {
		return c.unauthenticated("CREDENTIALS_MISSING", "Request had invalid authentication credentials.")
	}
	t, ok := c.s.tokens[text]
	if !ok {
		return c.unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED", "Request had invalid authentication credentials.")
	}
	if !t.live(c.now) {
		return c.unauthenticated("ACCESS_TOKEN_EXPIRED", "Request had invalid authentication credentials.")
	}
	who := t.caller
	c.caller = &who
	return c.checkScopes()
}

// unauthenticated is the 401 of the API behind the route
// (docs.cloud.google.com/docs/authentication/troubleshoot-adc, and for Cloud
// Storage docs.cloud.google.com/storage/docs/json_api/v1/status-codes#401).
func (c *call) unauthenticated(reason, first string) error {
	if c.route.form == formStorage || c.route.form == formXML {
		e := newError(http.StatusUnauthorized, "Invalid Credentials")
		e.locationType, e.location = "header", "Authorization"
		return e
	}
	e := newError(http.StatusUnauthorized, "%s Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.", first)
	e.details = []any{newErrorInfo(reason, "googleapis.com", map[string]string{"method": c.route.id, "service": c.route.service()})}
	return e
}

// checkScopes refuses a token that was issued for other APIs.
func (c *call) checkScopes() error {
	if len(c.caller.scopes) == 0 {
		return nil
	}
	for _, scope := range c.caller.scopes {
		if scope == cloudPlatform || containsWord(c.route.scopes, scope) {
			return nil
		}
	}
	e := newError(http.StatusForbidden, "Request had insufficient authentication scopes.")
	e.reason = "insufficientPermissions"
	e.details = []any{newErrorInfo("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "googleapis.com", map[string]string{"method": c.route.id, "service": c.route.service()})}
	return e
}

// checkQuotaProject answers for the x-goog-user-project header: the caller must
// be allowed to use that project (cloud.google.com/apis/docs/system-parameters).
func (c *call) checkQuotaProject() error {
	name := c.r.Header.Get("X-Goog-User-Project")
	if name == "" {
		return nil
	}
	p, ok := c.s.project(name)
	switch {
	case ok && p.isDeleted():
		return projectDeleted(p, c.route.service())
	case ok && c.s.allowed(c.caller, "serviceusage.services.use", p.policy):
		return nil
	}
	e := newError(http.StatusForbidden, "Caller does not have required permission to use project %s. Grant the caller the roles/serviceusage.serviceUsageConsumer role, or a custom role with the serviceusage.services.use permission, by visiting https://console.developers.google.com/iam-admin/iam/project?project=%s and then retry. Propagation of the new permission may take a few minutes.", name, name)
	e.details = []any{newErrorInfo("USER_PROJECT_DENIED", "googleapis.com", map[string]string{"consumer": "projects/" + name, "service": c.route.service()})}
	return e
}
