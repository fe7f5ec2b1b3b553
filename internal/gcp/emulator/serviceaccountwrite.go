package emulator

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

var accountID = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])$`)

// checkAccount checks what a create may set; the texts are limited in bytes
// (REST reference, projects.serviceAccounts.create).
func checkAccount(id string, doc accountDoc) error {
	if len(id) < 6 || len(id) > 30 || !accountID.MatchString(id) {
		return invalidArgument("Account ID must be between 6 and 30 characters. Service account ID must start with a lower case letter, followed by one or more lower case alphanumerical characters that can be separated by hyphens. Got %q.", id)
	}
	return checkAccountTexts(doc.DisplayName, doc.Description)
}

func checkAccountTexts(displayName, description string) error {
	if len(displayName) > 100 {
		return invalidArgument("The display name must be at most 100 bytes in UTF-8.")
	}
	if len(description) > 256 {
		return invalidArgument("The description must be at most 256 bytes in UTF-8.")
	}
	return nil
}

// createAccount gives the account a new unique id, whoever had the name before.
func (c *call) createAccount() (any, error) {
	p, err := c.projectFor("")
	if err != nil {
		return nil, err
	}
	var body struct {
		AccountID      string     `json:"accountId"`
		ServiceAccount accountDoc `json:"serviceAccount"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	if err := checkAccount(body.AccountID, body.ServiceAccount); err != nil {
		return nil, err
	}
	if _, inForce := c.s.opts.OrgPolicies[noAccountCreation]; inForce {
		return nil, orgPolicyViolated("Service account creation is not allowed on this project.", noAccountCreation, "projects/"+p.id+"/serviceAccounts/?configvalue=", "")
	}
	made := &serviceAccount{
		lifecycle: lifecycle{created: c.now, visible: c.now.Add(c.s.lag.newAccount)},
		project:   p, email: body.AccountID + "@" + p.id + ".iam.gserviceaccount.com",
		uniqueID:    fmt.Sprintf("1%020d", 1000+c.s.nextSerial()),
		displayName: body.ServiceAccount.DisplayName, description: body.ServiceAccount.Description,
		policy: &allowPolicy{},
	}
	if _, taken := c.s.account(made.email); taken {
		return nil, accountExists(body.AccountID, made)
	}
	c.s.accounts = append(c.s.accounts, made)
	return made.doc(), nil
}

const noAccountCreation = "constraints/iam.disableServiceAccountCreation"

func accountExists(id string, a *serviceAccount) error {
	e := newError(http.StatusConflict, "Service account %s already exists within project projects/%s.", id, a.project.id)
	e.details = []any{struct {
		Type string `json:"@type"`
		Name string `json:"resourceName"`
	}{"type.googleapis.com/google.rpc.ResourceInfo", a.name()}}
	return e
}

// patchAccount answers with the name and the changed fields only.
func (c *call) patchAccount() (any, error) {
	a, err := c.accountOf()
	if err != nil {
		return nil, err
	}
	var body struct {
		ServiceAccount accountDoc `json:"serviceAccount"`
		UpdateMask     string     `json:"updateMask"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	if body.UpdateMask == "" {
		return nil, noMask()
	}
	if err := checkAccountTexts(body.ServiceAccount.DisplayName, body.ServiceAccount.Description); err != nil {
		return nil, err
	}
	changed := accountDoc{Name: a.name()}
	displayName, description := a.displayName, a.description
	for path := range strings.SplitSeq(body.UpdateMask, ",") {
		switch camelCase(strings.TrimSpace(path)) {
		case "displayName":
			displayName, changed.DisplayName = body.ServiceAccount.DisplayName, body.ServiceAccount.DisplayName
		case "description":
			description, changed.Description = body.ServiceAccount.Description, body.ServiceAccount.Description
		case "etag":
		default:
			return nil, badMask(path)
		}
	}
	a.displayName, a.description = displayName, description
	return changed, nil
}

func (c *call) enableAccount() (any, error)  { return c.setDisabled(false) }
func (c *call) disableAccount() (any, error) { return c.setDisabled(true) }

func (c *call) setDisabled(disabled bool) (any, error) {
	a, err := c.accountOf()
	if err != nil {
		return nil, err
	}
	a.disabled = disabled
	return nil, nil
}

// getAccountPolicy takes the version in the query; the body is empty.
func (c *call) getAccountPolicy() (any, error) {
	a, err := c.accountOf()
	if err != nil {
		return nil, err
	}
	return c.readPolicy(a.policy)
}

func (c *call) setAccountPolicy() (any, error) {
	a, err := c.accountOf()
	if err != nil {
		return nil, err
	}
	return c.writePolicy(a.policy, iamTakes)
}

// testAccountPermissions needs no permission, but the account must exist.
func (c *call) testAccountPermissions() (any, error) {
	a, ok := c.findAccount()
	if !ok {
		return nil, permissionDenied("iam.serviceAccounts.get", "")
	}
	return c.testPermissions(a.policy, a.project.policy)
}
