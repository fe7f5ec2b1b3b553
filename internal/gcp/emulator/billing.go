package emulator

import (
	"net/http"
	"regexp"
)

// theBillingAccount is the one that there is. It is open, new projects are linked to it, and
// whoever may link a project may link it to this one.
const theBillingAccount = "billingAccounts/0D3E40-ACC0DE-5EED00"

var billingAccountName = regexp.MustCompile(`^billingAccounts/[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$`)

// billingRoutes are Cloud Billing v1
// (docs.cloud.google.com/billing/docs/reference/rest/v1/projects).
//
// not modelled: closed accounts, subaccounts, making accounts, their policies, budgets and prices.
func billingRoutes() []route {
	const (
		info = "/v1/projects/{project}/billingInfo"
		id   = "cloudbilling.projects."
	)
	return []route{
		{id: id + "getBillingInfo", verb: http.MethodGet, path: info, permission: "resourcemanager.projects.get", handle: (*call).getBillingInfo},
		{id: id + "updateBillingInfo", verb: http.MethodPut, path: info, permission: "resourcemanager.projects.createBillingAssignment", handle: (*call).updateBillingInfo},
		{id: "cloudbilling.billingAccounts.list", verb: http.MethodGet, path: "/v1/billingAccounts", query: "filter pageSize pageToken parent", handle: (*call).listBillingAccounts},
	}
}

// billingInfoDoc is ProjectBillingInfo.
type billingInfoDoc struct {
	Name    string `json:"name,omitempty"`
	Project string `json:"projectId,omitempty"`
	Account string `json:"billingAccountName,omitempty"`
	Enabled bool   `json:"billingEnabled,omitempty"`
}

func (p *project) billingInfo() billingInfoDoc {
	doc := billingInfoDoc{Name: "projects/" + p.id + "/billingInfo", Project: p.id}
	if p.billed {
		doc.Account, doc.Enabled = theBillingAccount, true
	}
	return doc
}

// openPaidProject is the project of the path. Whether it has enabled the Billing API is not
// asked: gcloud counts such requests against a project of its own.
func (c *call) openPaidProject() (*project, error) {
	p, ok := c.s.project(c.vars["project"])
	if !ok || !c.s.allowed(c.caller, c.route.permission, p.policy) {
		return nil, callerLacksPermission()
	}
	return p, nil
}

func (c *call) getBillingInfo() (any, error) {
	p, err := c.openPaidProject()
	if err != nil {
		return nil, err
	}
	return p.billingInfo(), nil
}

// updateBillingInfo links a project to the account, or, without a name, to none.
func (c *call) updateBillingInfo() (any, error) {
	p, err := c.openPaidProject()
	if err != nil {
		return nil, err
	}
	var in billingInfoDoc
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	switch {
	case in.Account != "" && !billingAccountName.MatchString(in.Account):
		return nil, invalidArgument("Request contains an invalid argument.")
	case in.Account != "" && in.Account != theBillingAccount:
		return nil, callerLacksPermission()
	}
	p.billed = in.Account != ""
	return p.billingInfo(), nil
}

// listBillingAccounts answers the account to those who may link a project to it.
func (c *call) listBillingAccounts() (any, error) {
	if c.query.Get("filter") != "" || c.query.Get("parent") != "" {
		return nil, notModelled("filters of billing accounts")
	}
	type account struct {
		Name   string `json:"name"`
		Title  string `json:"displayName"`
		Open   bool   `json:"open"`
		Master string `json:"masterBillingAccount"`
	}
	var all []account
	for _, p := range c.s.projects {
		if c.s.allowed(c.caller, "resourcemanager.projects.createBillingAssignment", p.policy) {
			all = append(all, account{Name: theBillingAccount, Title: "The emulator's", Open: true})
			break
		}
	}
	from, to, next, err := c.pageOf(len(all), 100, 100)
	if err != nil {
		return nil, err
	}
	return struct {
		Accounts []account `json:"billingAccounts,omitempty"`
		Next     string    `json:"nextPageToken,omitempty"`
	}{all[from:to], next}, nil
}

// checkServed is the refusal of Cloud Storage for what is in a project that was deleted, or
// that nobody pays for
// (docs.cloud.google.com/storage/docs/json_api/v1/status-codes, accountDisabled).
func (c *call) checkServed(p *project) error {
	switch {
	case p.isDeleted():
		return projectDeleted(p, c.route.service())
	case p.billed:
		return nil
	}
	if c.route.form == formXML {
		e := newError(http.StatusForbidden, "The project to be billed is associated with an absent billing account.")
		e.reason = "userProjectAccountProblem"
		return e
	}
	e := newError(http.StatusForbidden, "The billing account for the owning project is disabled in state absent")
	e.reason, e.locationType, e.location = "accountDisabled", "header", "Authorization"
	return e
}
