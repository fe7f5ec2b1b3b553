package trust

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/kube"
)

// fileFault says what a credential file would make pods do that it should not; empty: it
// says what the wanted one does, if in other words.
func fileFault(have, want []byte) string {
	if len(have) == 0 {
		return "it has no " + credentialsKey
	}
	got, err := kube.ParseCredentialFile(have)
	if err != nil {
		return "its " + credentialsKey + " is no credential file for a pod: " + err.Error()
	}
	wanted, err := kube.ParseCredentialFile(want)
	if why := leadsElsewhere(got, wanted); err == nil && why != "" {
		return why
	}
	var a, b map[string]any
	if json.Unmarshal(have, &a) != nil || json.Unmarshal(want, &b) != nil || reflect.DeepEqual(a, b) {
		return ""
	}
	all := maps.Clone(b)
	maps.Copy(all, a)
	maps.DeleteFunc(all, func(key string, _ any) bool { return reflect.DeepEqual(a[key], b[key]) })
	return "it differs in " + strings.Join(slices.Sorted(maps.Keys(all)), ", ")
}

// leadsElsewhere says where a credential file leads, if that is not where it should.
func leadsElsewhere(got, want kube.CredentialConfig) string {
	const google = "Google"
	for _, f := range []struct{ what, got, want string }{
		{"it sends the token to ", or(got.Endpoint, or(got.UniverseDomain, google)), or(want.Endpoint, or(want.UniverseDomain, google))},
		{"it names provider ", got.Audience, want.Audience},
		{"it leads to GSA ", or(got.Impersonate, "none"), or(want.Impersonate, "none")},
		{"it looks for the token in ", got.TokenFile, want.TokenFile},
	} {
		if f.got != f.want {
			return f.what + f.got + ", wanted " + f.want
		}
	}
	return ""
}
