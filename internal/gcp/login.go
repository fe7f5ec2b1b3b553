package gcp

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Login is who we are at Google, as far as it is known without asking anybody. There is
// nothing secret in it.
type Login struct {
	Kind         string // "user", "service account key", "access token", …
	Account      string // e-mail; "" where the credentials do not say
	File         string // where they were found; "" for a metadata server
	Provider     string // that takes the token of a federated workload: "projects/123/locations/global/…/providers/jobs"
	As           string // e-mail of the service account that is impersonated
	QuotaProject string // that requests are counted against; "" for the one of what is asked about
}

// Login tells who we are.
func (c *Client) Login() Login { return c.login }

// CheckLogin gets a token as the user, and says why there is none.
func (c *Client) CheckLogin(ctx context.Context) error {
	_, err := c.token(ctx)
	return err
}

// kinds are the types of a credential file in our words
// (https://docs.cloud.google.com/docs/authentication/application-default-credentials).
var kinds = map[string]string{
	"authorized_user":                  "user",
	"service_account":                  "service account key",
	"external_account":                 "federated workload",
	"external_account_authorized_user": "federated user",
	"impersonated_service_account":     "impersonated service account",
}

// describeFile reads of a credential file what is no secret.
func describeFile(raw []byte) Login {
	if len(raw) == 0 {
		return Login{Kind: "metadata server"}
	}
	var f struct {
		Type        string `json:"type"`
		Account     string `json:"account"` // gcloud's name for the person; often empty
		ClientEmail string `json:"client_email"`
		Audience    string `json:"audience"`
		ActsAs      string `json:"service_account_impersonation_url"`
	}
	if json.Unmarshal(raw, &f) != nil {
		return Login{Kind: "credentials"}
	}
	who := Login{Kind: kinds[f.Type], Account: f.Account, File: credentialFile()}
	if who.Kind == "" {
		who.Kind = "credentials"
	}
	if f.ClientEmail != "" {
		who.Account = f.ClientEmail
	}
	if _, email, ok := strings.Cut(f.ActsAs, "/serviceAccounts/"); ok {
		who.Account, _, _ = strings.Cut(email, ":")
	}
	if provider, ok := strings.CutPrefix(f.Audience, "//iam.googleapis.com/"); ok && f.Type == "external_account" {
		who.Provider = oneLine(provider)
	}
	who.Account = oneLine(who.Account)
	return who
}

// credentialFile is where Google's library looks for Application Default Credentials. It
// does not tell where it found them.
func credentialFile() string {
	if file := os.Getenv("GOOGLE_APPLICATION_CREDENTIALS"); file != "" {
		return file
	}
	if runtime.GOOS == "windows" {
		return filepath.Join(os.Getenv("APPDATA"), "gcloud", "application_default_credentials.json")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".config", "gcloud", "application_default_credentials.json")
}
