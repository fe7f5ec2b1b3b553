package emulator

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/gcp/emulator/issuertest"
)

// What the real service says to those it turns away, as 5.4, 6 and 4.5 have it.

func atSTS(code, text string) outcome { return outcome{"sts", 400, code, text} }

var (
	unparsable   = atSTS("invalid_grant", "Unable to parse the ID Token.")
	noIssuerKey  = atSTS("invalid_grant", "Error connecting to the given credential's issuer.")
	notSigned    = atSTS("invalid_grant", "Unable to verify the ID Token signature.")
	notByRule    = atSTS("unauthorized_client", "The given credential is rejected by the attribute condition.")
	noSubjectOf  = atSTS("unauthorized_client", "Could not obtain a value for google.subject from the given credential.")
	tooLong      = atSTS("invalid_request", "The size of mapped attribute google.subject exceeds the 127 bytes limit. Either modify your attribute mapping or the incoming assertion to produce a mapped attribute that is less than 127 bytes.")
	noSuchForm   = atSTS("invalid_request", `Invalid value for "audience". This value should be the full resource name of the Identity Provider. See https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token for the list of possible formats.`)
	noSuchTarget = atSTS("invalid_target", `The target service indicated by the "audience" parameters is invalid. This might either be because the pool or provider is disabled or deleted or because it doesn't exist.`)

	mayNot    = outcome{"iamcredentials", 403, "IAM_PERMISSION_DENIED", "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."}
	deadToken = outcome{"iamcredentials", 401, "ACCESS_TOKEN_EXPIRED", "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."}
	noGaia    = func(who string) outcome {
		return outcome{"iamcredentials", 404, "", "Not found; Gaia id not found for email " + who}
	}
	notAString = func(key string) outcome {
		return atSTS("invalid_request", "The mapped attribute '"+key+"' must be of type STRING")
	}
)

func stale(iat any) outcome {
	return atSTS("invalid_grant", fmt.Sprintf("ID Token issued at %v is stale to sign-in.", iat))
}

func wrongAud(got string) outcome {
	return atSTS("invalid_grant", "The audience in ID Token ["+got+"] does not match the expected audience.")
}

func noObject(who string) outcome {
	return outcome{"storage", 403, "", who + " does not have storage.objects.get access to the Google Cloud Storage object. Permission 'storage.objects.get' denied on resource (or it may not exist)."}
}

func disabled(at, title, api string) outcome {
	page := "https://console.developers.google.com/apis/api/" + api + "/overview?project=100200300400"
	return outcome{at, 403, "SERVICE_DISABLED", title + " has not been used in project 100200300400 before or it is disabled. Enable it by visiting " + page +
		" then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry."}
}

// hostile is one thing changed in a world where the way is open, and who then stops
// whoever comes, with the words of the real service.
type hostile struct {
	attack func(*world)
	want   outcome
}

// turnedAway runs every row in a world of its own.
func turnedAway(t *testing.T, rows map[string]hostile) {
	t.Helper()
	for name, c := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.attack(w)
			if diff := cmp.Diff(c.want, w.anonymised(w.walkIn())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What rows are made of.

func setClaim(claim string, v any) func(*world) { return func(w *world) { w.claims[claim] = v } }

func signedWith(s issuertest.Signing) func(*world) { return func(w *world) { w.with = s } }

func sending(requests ...string) func(*world) { return func(w *world) { w.must(w.t, requests...) } }
