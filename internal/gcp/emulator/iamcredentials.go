package emulator

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	credentialsAPI = "iamcredentials.googleapis.com"

	// longLifetimes is the constraint that lists the accounts whose tokens may live
	// for up to 12 hours.
	longLifetimes = "constraints/iam.allowServiceAccountCredentialLifetimeExtension"
)

// iamCredentialsRoutes are short-lived credentials for service accounts.
//
// not modelled: generateIdToken, signBlob, signJwt.
//
// https://docs.cloud.google.com/iam/docs/reference/credentials/rest
func iamCredentialsRoutes() []route {
	get := func(id, path string) route {
		return route{id: "iamcredentials." + id + ".getAllowedLocations", verb: http.MethodGet, path: path,
			scopes: scopePrefix + "iam", handle: (*call).allowedLocations}
	}
	return []route{
		{id: "iamcredentials.projects.serviceAccounts.generateAccessToken", verb: http.MethodPost,
			path: "/v1/projects/{project}/serviceAccounts/{account}:generateAccessToken",
			// Google's documents name cloud-platform alone; Python's library comes with iam.
			scopes: scopePrefix + "iam", reads: true, handle: (*call).generateAccessToken},
		get("projects.serviceAccounts", "/v1/projects/{project}/serviceAccounts/{account}/allowedLocations"),
		get("projects.locations.workloadIdentityPools", "/v1/projects/{project}/locations/global/workloadIdentityPools/{pool}/allowedLocations"),
	}
}

// accessTokenRequest is a GenerateAccessTokenRequest.
type accessTokenRequest struct {
	Delegates []string `json:"delegates"`
	Scope     []string `json:"scope"`
	Lifetime  string   `json:"lifetime"` // a Duration, "3600s"
}

// generateAccessToken impersonates a service account
// (https://docs.cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken).
func (c *call) generateAccessToken() (any, error) {
	var in accessTokenRequest
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if c.vars["project"] != "-" {
		return nil, invalidArgument("Invalid resource name: projects/%s/serviceAccounts/%s. The project must be the wildcard character -.", c.vars["project"], c.vars["account"])
	}
	scopes, err := in.scopes()
	if err != nil {
		return nil, err
	}
	a, ok := c.s.account(c.vars["account"])
	if !ok {
		return nil, notFound("Not found; Gaia id not found for email %s", c.vars["account"])
	}
	lifetime, err := in.lifetime(slices.Contains(c.s.opts.OrgPolicies[longLifetimes], a.email))
	if err != nil {
		return nil, err
	}
	if err := c.s.checkEnabled(a.project, credentialsAPI); err != nil {
		return nil, err
	}
	if err := c.mayBecome(a, in.Delegates); err != nil {
		return nil, err
	}
	expires := c.now.Add(lifetime)
	return struct {
		AccessToken string `json:"accessToken"`
		ExpireTime  string `json:"expireTime"`
	}{
		AccessToken: c.s.issueToken(token{caller: a.caller(scopes), expires: expires, account: a}),
		ExpireTime:  c.s.clock.shown(expires).UTC().Format(time.RFC3339), // whole seconds: Python's library parses nothing else
	}, nil
}

// scopes checks the scopes. One that is empty counts as cloud-platform.
func (in *accessTokenRequest) scopes() ([]string, error) {
	if len(in.Scope) == 0 {
		return nil, invalidArgument("Scope required.")
	}
	scopes := slices.Clone(in.Scope)
	for i, scope := range scopes {
		if scope == "" {
			scopes[i] = cloudPlatform
		} else if !knownScope(scope) {
			return nil, invalidArgument("Invalid scope: %s", scope)
		}
	}
	return scopes, nil
}

// durationForm is the only spelling of a google.protobuf.Duration.
var durationForm = regexp.MustCompile(`^-?[0-9]+(\.[0-9]{1,9})?s$`)

func (in *accessTokenRequest) lifetime(long bool) (time.Duration, error) {
	if in.Lifetime == "" {
		return time.Hour, nil
	}
	d, err := time.ParseDuration(in.Lifetime)
	if err != nil || !durationForm.MatchString(in.Lifetime) {
		return 0, invalidArgument("Invalid value at 'lifetime' (type.googleapis.com/google.protobuf.Duration), Field 'lifetime', Illegal duration format; duration must end with 's'")
	}
	switch {
	case d <= 0:
		return 0, invalidArgument("Lifetime of access token must be larger then zero.") // sic
	case d > time.Hour && !long:
		return 0, invalidArgument("Access tokens can not have lifetimes of more than 1 hour. Use the Org Policy Constraint %s to allow up to 12 hours.", longLifetimes)
	case d > 12*time.Hour:
		return 0, invalidArgument("Access tokens can not have lifetimes of more than 12 hours.")
	}
	return d, nil
}

// mayBecome checks that the caller may act as the account, by way of the delegates
// if there are any: each must be allowed to delegate to the next.
func (c *call) mayBecome(a *serviceAccount, delegates []string) error {
	who := c.caller
	for _, name := range delegates {
		d, ok := c.s.account(strings.TrimPrefix(name, "projects/-/serviceAccounts/"))
		if !ok || !c.s.mayActAs(who, "iam.serviceAccounts.implicitDelegation", d) {
			return permissionDenied("iam.serviceAccounts.implicitDelegation", "")
		}
		as := d.caller(c.caller.scopes)
		who = &as
	}
	const permission = "iam.serviceAccounts.getAccessToken"
	if !c.s.mayActAs(who, permission, a) {
		return permissionDenied(permission, "")
	}
	return nil
}

// mayActAs evaluates a permission on an account. A disabled one is refused to
// everybody, with the same words.
func (s *Server) mayActAs(who *caller, permission string, a *serviceAccount) bool {
	return !a.disabled && s.allowed(who, permission, a.policy, a.project.policy)
}

// allowedLocations answers the question newer libraries ask about an account's
// trust boundary: it has none.
func (c *call) allowedLocations() (any, error) {
	return struct {
		Locations        []string `json:"locations"`
		EncodedLocations string   `json:"encodedLocations"`
	}{Locations: []string{}, EncodedLocations: "0x0"}, nil
}
