package emulator

import "strings"

const scopePrefix = "https://www.googleapis.com/auth/"

// knownScopes are the scopes a token may be asked for: those of the APIs here and of
// the tools that ask for more than they need.
//
// not modelled: the other scopes of https://developers.google.com/identity/protocols/oauth2/scopes
const knownScopes = "cloud-platform cloud-platform.read-only iam iam.test " +
	"devstorage.read_only devstorage.read_write devstorage.write_only devstorage.full_control " +
	"userinfo.email userinfo.profile accounts.reauth appengine.admin sqlservice.admin sqlservice.login " +
	"compute compute.readonly bigquery bigquery.readonly cloudplatformprojects cloudplatformprojects.readonly " +
	"cloudplatformfolders cloudplatformorganizations service.management service.management.readonly servicecontrol " +
	"logging.admin logging.read logging.write monitoring monitoring.read monitoring.write trace.append " +
	"pubsub datastore spanner.admin spanner.data ndev.clouddns.readwrite cloudkms cloud-identity drive"

// knownScope reports whether Google has such a scope.
func knownScope(scope string) bool {
	if name, ok := strings.CutPrefix(scope, scopePrefix); ok {
		return containsWord(knownScopes, name)
	}
	return containsWord("openid email profile", scope)
}
