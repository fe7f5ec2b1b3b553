package emulator

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// poolID is the rule for pool and provider ids. No page says anything about
// the first or the last character.
var poolID = regexp.MustCompile(`^[a-z0-9-]{4,32}$`)

// checkPoolID checks an id given in a query parameter. The limits are
// documented (REST reference, workloadIdentityPools.create), the words assumed.
func checkPoolID(parameter, id string) error {
	if !poolID.MatchString(id) {
		return invalidArgument("Invalid value for %s: %q. It must be 4-32 characters and may contain the characters [a-z0-9-].", parameter, id)
	}
	if strings.HasPrefix(id, "gcp-") {
		return invalidArgument("Invalid value for %s: %q. The prefix 'gcp-' is reserved for use by Google.", parameter, id)
	}
	return nil
}

// checkNames checks the two texts pools and providers have. The limits count
// characters, not bytes.
func checkNames(displayName, description string) error {
	if utf8.RuneCountInString(displayName) > 32 {
		return invalidArgument("display name must be less than or equal to 32 characters")
	}
	if utf8.RuneCountInString(description) > 256 {
		return invalidArgument("description must be less than or equal to 256 characters")
	}
	return nil
}

// check holds a pool to its limits. A mode that is not specified is left out, like
// everything that has its default value.
func (f *poolFields) check() error {
	if f.Mode == "MODE_UNSPECIFIED" {
		f.Mode = ""
	}
	if !containsWord("FEDERATION_ONLY TRUST_DOMAIN", f.Mode) && f.Mode != "" {
		return invalidArgument("Invalid value at 'workload_identity_pool.mode': %q", f.Mode)
	}
	return checkNames(f.DisplayName, f.Description)
}

// updateMask are the paths of the updateMask parameter in camel case; both
// spellings are accepted, as by Google. The parameter is required.
func (c *call) updateMask() ([]string, error) {
	mask := c.query.Get("updateMask")
	if mask == "" {
		return nil, noMask()
	}
	paths := strings.Split(mask, ",")
	for i, p := range paths {
		paths[i] = camelCase(strings.TrimSpace(p))
	}
	return paths, nil
}

func noMask() error { return invalidArgument("The update_mask is required.") }

func badMask(path string) error {
	return invalidArgument("Invalid update_mask: the field %q can't be updated.", path)
}

// camelCase turns oidc.allowed_audiences into oidc.allowedAudiences.
func camelCase(s string) string {
	words := strings.Split(s, "_")
	for i, w := range words[1:] {
		if w != "" {
			words[i+1] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "")
}
