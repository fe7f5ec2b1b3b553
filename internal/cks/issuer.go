package cks

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// IssuerBase is where CoreWeave publishes the discovery document and keys of
// every cluster, public or private. CoreWeave's Terraform provider composes an
// issuer from it in the same way (service_account_oidc_issuer_url,
// https://registry.terraform.io/providers/coreweave/coreweave/latest/docs/data-sources/cks_cluster).
const IssuerBase = "https://oidc.cks.coreweave.com"

// MaxIssuerLength bounds an issuer, in bytes. Google gives no figure for
// issuerUri; this is its limit for the discovery URI beside it.
const MaxIssuerLength = 2000

var (
	uuidForm      = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
	coreweaveForm = regexp.MustCompile(`^` + regexp.QuoteMeta(IssuerBase) + `/id/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$`)
)

// Issuer returns the issuer of the cluster's ServiceAccount tokens,
// https://oidc.cks.coreweave.com/id/<id>. It is composed, not read: the API has
// no field for it. Compare it with what the cluster itself says.
func (c Cluster) Issuer() string { return IssuerBase + "/id/" + c.ID }

// ClusterID returns the short, stable name of a cluster that principals and
// resource names are made of. For https://oidc.cks.coreweave.com/id/<UUID>,
// with the UUID in lower case and nothing after it, that is the UUID. For every other
// issuer, one of the same path on another host included, it is the first 12 hex
// digits of the SHA-256 of the issuer, so that no other issuer can pass for a
// CoreWeave cluster. Changing this form would orphan what was set up before.
func ClusterID(issuer string) string {
	if m := coreweaveForm.FindStringSubmatch(issuer); m != nil {
		return m[1]
	}
	sum := sha256.Sum256([]byte(issuer))
	return hex.EncodeToString(sum[:])[:12]
}

// ValidateIssuer reports why Google could not use an issuer: it must be an
// https URL with a host and without user, query and fragment
// (https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata).
// A trailing slash is legal, and part of the issuer.
func ValidateIssuer(issuer string) error {
	if issuer == "" {
		return errors.New("the issuer is empty")
	}
	if len(issuer) > MaxIssuerLength {
		return fmt.Errorf("the issuer has %d bytes, more than %d", len(issuer), MaxIssuerLength)
	}
	bad := func(why string) error { return fmt.Errorf("issuer %q %s", issuer, why) }
	for _, r := range issuer {
		if r <= ' ' || r > '~' {
			return bad("holds a space or a character that is not plain ASCII")
		}
	}
	if strings.ContainsAny(issuer, "[]<>{}") && !strings.Contains(issuer, "://[") {
		return bad("holds a bracket: was a placeholder left in it?")
	}
	u, err := url.Parse(issuer)
	if err != nil || u.Hostname() == "" {
		return bad("is not a URL with a host")
	}
	switch {
	case u.User != nil:
		return errors.New("the issuer carries a user name or password")
	case !strings.HasPrefix(issuer, "https://"):
		return bad("is not https: Google takes no other")
	case strings.Contains(issuer, "?"):
		return bad("has a query")
	case strings.Contains(issuer, "#"):
		return bad("has a fragment")
	}
	return nil
}
