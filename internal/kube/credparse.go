package kube

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ParseCredentialFile reads an external_account file whose token is in a file. Both URLs
// must be on the hosts that CredentialFile would write, or on one base URL: no client
// checks them, and the pod's token goes there (https://google.aip.dev/auth/4117).
func ParseCredentialFile(raw []byte) (CredentialConfig, error) {
	var f credentialFile
	if err := json.Unmarshal(raw, &f); err != nil {
		return CredentialConfig{}, fmt.Errorf("not JSON: %w", err)
	}
	switch {
	case f.Type != "external_account":
		return CredentialConfig{}, fmt.Errorf("its type is %q, wanted external_account", f.Type)
	case f.CredentialSource.File == "":
		return CredentialConfig{}, errors.New("it names no file with a token")
	}
	c := CredentialConfig{Audience: f.Audience, TokenFile: f.CredentialSource.File}
	if f.UniverseDomain != "googleapis.com" {
		c.UniverseDomain = f.UniverseDomain
	}
	universe := or(c.UniverseDomain, "googleapis.com")
	sts, ok := strings.CutSuffix(f.TokenURL, "/v1/token")
	base, rest, impersonates := strings.Cut(f.ImpersonationURL, "/v1/projects/-/serviceAccounts/")
	email, generates := strings.CutSuffix(rest, ":generateAccessToken")
	switch {
	case !ok:
		return CredentialConfig{}, fmt.Errorf("its token_url is %q", f.TokenURL)
	case f.ImpersonationURL == "":
		base = sts
	case !impersonates || !generates:
		return CredentialConfig{}, fmt.Errorf("its service_account_impersonation_url is %q", f.ImpersonationURL)
	}
	c.Impersonate = email
	google := sts == "https://sts."+universe && (f.ImpersonationURL == "" || base == "https://iamcredentials."+universe)
	switch {
	case google:
	case base == sts:
		c.Endpoint = sts
	default:
		return CredentialConfig{}, fmt.Errorf("it sends the token to %s and to %s, which are not both Google", sts, base)
	}
	return c, nil
}
