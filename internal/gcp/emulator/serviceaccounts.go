package emulator

import (
	"cmp"
	"slices"
	"time"
)

// serviceAccount is one account, kept after its deletion: an undelete brings it
// back, and policies go on showing it.
type serviceAccount struct {
	lifecycle
	project     *project
	email       string
	uniqueID    string // 21 digits
	displayName string
	description string
	disabled    bool
	policy      *allowPolicy
	keys        []*accountKey // those that people made
}

// accountDoc is a service account as JSON
// (docs.cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts).
type accountDoc struct {
	Name           string `json:"name,omitempty"`
	ProjectID      string `json:"projectId,omitempty"`
	UniqueID       string `json:"uniqueId,omitempty"`
	Email          string `json:"email,omitempty"`
	DisplayName    string `json:"displayName,omitempty"`
	Description    string `json:"description,omitempty"`
	Etag           string `json:"etag,omitempty"`
	Oauth2ClientID string `json:"oauth2ClientId,omitempty"`
	Disabled       bool   `json:"disabled,omitempty"`
}

func (a *serviceAccount) name() string {
	return "projects/" + a.project.id + "/serviceAccounts/" + a.email
}

func (a *serviceAccount) doc() accountDoc {
	return accountDoc{
		Name: a.name(), ProjectID: a.project.id, UniqueID: a.uniqueID, Email: a.email,
		DisplayName: a.displayName, Description: a.description,
		Etag: "MDEwMjE5MjA=", Oauth2ClientID: a.uniqueID, Disabled: a.disabled,
	}
}

// accountByUniqueID finds an account, deleted or not.
func (s *Server) accountByUniqueID(id string) (*serviceAccount, bool) {
	for _, a := range s.accounts {
		if a.uniqueID == id {
			return a, true
		}
	}
	return nil, false
}

// account finds an account that exists, by address or unique id.
func (s *Server) account(emailOrID string) (*serviceAccount, bool) {
	for _, a := range s.accounts {
		if !a.isDeleted() && (a.email == emailOrID || a.uniqueID == emailOrID) {
			return a, true
		}
	}
	return nil, false
}

// caller is the identity of a token issued to the account.
func (a *serviceAccount) caller(scopes []string) caller {
	return caller{
		kind: tokenAccount, member: "serviceAccount:" + a.email, email: a.email,
		principals: []string{a.identity()}, scopes: scopes,
	}
}

func accountRoutes() []route {
	const (
		accounts = "/v1/projects/{project}/serviceAccounts"
		account  = accounts + "/{account}"
		id       = "iam.projects.serviceAccounts."
		may      = "iam.serviceAccounts."
	)
	all := []route{
		{id: id + "create", verb: "POST", path: accounts, permission: may + "create", handle: (*call).createAccount},
		{id: id + "list", verb: "GET", path: accounts, query: "pageSize pageToken", permission: may + "list", handle: (*call).listAccounts},
		{id: id + "get", verb: "GET", path: account, permission: may + "get", handle: (*call).getAccount},
		{id: id + "patch", verb: "PATCH", path: account, permission: may + "update", handle: (*call).patchAccount},
		{id: id + "delete", verb: "DELETE", path: account, permission: may + "delete", handle: (*call).deleteAccount},
		{id: id + "undelete", verb: "POST", path: account + ":undelete", empty: true, permission: may + "undelete", handle: (*call).undeleteAccount},
		{id: id + "enable", verb: "POST", path: account + ":enable", empty: true, permission: may + "enable", handle: (*call).enableAccount},
		{id: id + "disable", verb: "POST", path: account + ":disable", empty: true, permission: may + "disable", handle: (*call).disableAccount},
		{id: id + "getIamPolicy", verb: "POST", path: account + ":getIamPolicy", query: "options.requestedPolicyVersion", reads: true, permission: may + "getIamPolicy", handle: (*call).getAccountPolicy},
		{id: id + "setIamPolicy", verb: "POST", path: account + ":setIamPolicy", permission: may + "setIamPolicy", handle: (*call).setAccountPolicy},
		{id: id + "testIamPermissions", verb: "POST", path: account + ":testIamPermissions", reads: true, handle: (*call).testAccountPermissions},
	}
	all = append(all, accountKeyRoutes(account)...)
	for i := range all {
		all[i].form = formAccount
	}
	return all
}

// accountOf is the account of the path for a caller who has the method's
// permission on it. One that does not exist is a 404 where the caller could
// have seen it in its project, and a 403 under projects/-, where there is no
// project to tell by (REST reference, ServiceAccount.name).
func (c *call) accountOf() (*serviceAccount, error) {
	a, ok := c.findAccount()
	if !ok {
		return nil, c.noAccount()
	}
	if err := c.s.checkEnabled(a.project, c.route.service()); err != nil {
		return nil, err
	}
	return a, c.need("", a.policy, a.project.policy)
}

func (c *call) findAccount() (*serviceAccount, bool) {
	a, ok := c.s.account(c.vars["account"])
	if !ok || c.now.Before(a.visible) {
		return nil, false
	}
	in := c.vars["project"]
	return a, in == "-" || in == a.project.id || in == a.project.number
}

func (c *call) noAccount() error {
	p, ok := c.s.project(c.vars["project"])
	if !ok {
		return permissionDenied(c.route.permission, "")
	}
	if err := c.s.checkEnabled(p, c.route.service()); err != nil {
		return err
	}
	if err := c.need("", p.policy); err != nil {
		return err
	}
	return notFound("Unknown service account")
}

func (c *call) getAccount() (any, error) {
	a, err := c.accountOf()
	if err != nil {
		return nil, err
	}
	return a.doc(), nil
}

func (c *call) listAccounts() (any, error) {
	p, err := c.projectFor("")
	if err != nil {
		return nil, err
	}
	docs := []accountDoc{}
	for _, a := range c.s.accounts {
		if a.project == p && !a.isDeleted() && !c.now.Before(a.visible) {
			docs = append(docs, a.doc())
		}
	}
	slices.SortFunc(docs, func(a, b accountDoc) int { return cmp.Compare(a.Email, b.Email) })
	from, to, next, err := c.pageOf(len(docs), 20, 100)
	if err != nil {
		return nil, err
	}
	return struct {
		Accounts []accountDoc `json:"accounts,omitempty"`
		Next     string       `json:"nextPageToken,omitempty"`
	}{docs[from:to], next}, nil
}

// deleteAccount keeps the account for 30 days. Its name is free at once.
func (c *call) deleteAccount() (any, error) {
	a, err := c.accountOf()
	if err != nil {
		return nil, err
	}
	a.deleted = c.now
	return nil, nil
}

// undeleteAccount finds the account by its unique id only. Bindings that named
// it work again
// (docs.cloud.google.com/iam/docs/service-accounts-delete-undelete).
func (c *call) undeleteAccount() (any, error) {
	a, ok := c.s.accountByUniqueID(c.vars["account"])
	if !ok || a.isPurged(c.now) {
		return nil, c.noAccount()
	}
	if err := c.s.checkEnabled(a.project, c.route.service()); err != nil {
		return nil, err
	}
	if err := c.need("", a.project.policy); err != nil {
		return nil, err
	}
	if !a.isDeleted() {
		return nil, failedPrecondition("Service account %s is not deleted.", a.email)
	}
	if _, taken := c.s.account(a.email); taken {
		return nil, failedPrecondition("Service account %s exists again and takes the name of the deleted one.", a.email)
	}
	a.deleted = time.Time{}
	return struct {
		Restored accountDoc `json:"restoredAccount"`
	}{a.doc()}, nil
}
