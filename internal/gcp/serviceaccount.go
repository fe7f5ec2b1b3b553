package gcp

import (
	"context"

	iam "google.golang.org/api/iam/v1"
)

// ServiceAccount is a Google service account.
type ServiceAccount struct {
	Email       string // "gcs-reader@acme-prod.iam.gserviceaccount.com"
	Name        string // "projects/acme-prod/serviceAccounts/" + Email
	UniqueID    string // 21 digits; another account of the same name has another one
	DisplayName string // at most 100 bytes
	Description string // at most 256 bytes
	Disabled    bool
}

// ServiceAccount looks up an account of a project, given by id. For a minute
// after it was created, an account may be found by one look and not by the next.
//
// https://docs.cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts
func (c *Client) ServiceAccount(ctx context.Context, project, email string) (ServiceAccount, bool, error) {
	a, err := c.accounts().Get(accountName(project, email)).Context(ctx).Do()
	if err != nil {
		err = accountRequest("get", email).fail(err)
		if is(err, NotFound) {
			return ServiceAccount{}, false, nil
		}
		return ServiceAccount{}, false, err
	}
	return newServiceAccount(a), true, nil
}

// CreateServiceAccount creates an account; accountID is the part before the "@".
// It does not inherit what an earlier account of that name was granted.
func (c *Client) CreateServiceAccount(ctx context.Context, project, accountID, displayName, description string) (ServiceAccount, error) {
	r := accountRequest("create", accountID)
	a, err := c.accounts().Create("projects/"+project, &iam.CreateServiceAccountRequest{
		AccountId:      accountID,
		ServiceAccount: &iam.ServiceAccount{DisplayName: displayName, Description: description},
	}).Context(ctx).Do()
	if err != nil {
		return ServiceAccount{}, r.fail(err)
	}
	return newServiceAccount(a), nil
}

// DeleteServiceAccount deletes an account. What it was granted is lost, even if
// the name comes back.
func (c *Client) DeleteServiceAccount(ctx context.Context, project, email string) error {
	_, err := c.accounts().Delete(accountName(project, email)).Context(ctx).Do()
	return accountRequest("delete", email).fail(err)
}

// EnableServiceAccount enables a disabled account.
func (c *Client) EnableServiceAccount(ctx context.Context, project, email string) error {
	_, err := c.accounts().Enable(accountName(project, email), &iam.EnableServiceAccountRequest{}).Context(ctx).Do()
	return accountRequest("enable", email).fail(err)
}

// UserManagedKeys are the ids of the keys of an account that people made and keep: the
// stored credentials that federation is there to replace.
func (c *Client) UserManagedKeys(ctx context.Context, email string) ([]string, error) {
	r := request{op: "list keys of service account", resource: email, permission: "iam.serviceAccountKeys.list"}
	// Any project, so that the e-mail is enough. An account that does not exist
	// is then PermissionDenied and not NotFound.
	keys, err := c.accounts().Keys.List(accountName("-", email)).KeyTypes("USER_MANAGED").Context(ctx).Do()
	if err != nil {
		return nil, r.fail(err)
	}
	ids := make([]string, len(keys.Keys))
	for i, k := range keys.Keys {
		_, ids[i] = cutName(k.Name, "/keys/")
	}
	return ids, nil
}

func (c *Client) accounts() *iam.ProjectsServiceAccountsService {
	return c.iam.Projects.ServiceAccounts
}

func accountName(project, email string) string {
	return "projects/" + project + "/serviceAccounts/" + email
}

func accountRequest(verb, account string) request {
	return request{op: verb + " service account", resource: account, permission: "iam.serviceAccounts." + verb}
}

func newServiceAccount(a *iam.ServiceAccount) ServiceAccount {
	return ServiceAccount{
		Email: a.Email, Name: a.Name, UniqueID: a.UniqueId,
		DisplayName: a.DisplayName, Description: a.Description, Disabled: a.Disabled,
	}
}
