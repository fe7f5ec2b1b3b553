package trust

import (
	"regexp"
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// ending is one way in which a pod's program fails, told by what it writes. The program is
// gcloud or any other with Google's libraries; they quote Google's answer.
type ending struct {
	says   *regexp.Regexp
	code   string
	cause  string
	remedy func(*Trust) []string
}

// endings are looked for in this order, each in the whole log: a federation that fails is
// told before what follows from it. The texts of STS are those of
// https://docs.cloud.google.com/iam/docs/troubleshooting-workload-identity-federation.
var endings = []ending{
	{says(`The issuer in ID Token .* does not match`), "WIF662", "the provider trusts another issuer than the one that signed the pod's token", describeProvider},
	{says(`Error connecting to the given credential's issuer`), "WIF662", "Google can't read the issuer's keys, or does not know the token's key yet", curlIssuer},
	{says(`Unable to (verify the ID Token signature|parse the ID Token)`), "WIF662", "the token is not signed by a key that the issuer publishes", curlIssuer},
	{says(`The audience in ID Token .* does not match`), "WIF662", "the provider accepts other audiences than that of the pod's token", describeProvider},
	{says(`ID Token issued at .* is stale`), "WIF662", "the token is out of date: the clocks of the cluster and of Google differ by more than a minute", nil},
	{says(`rejected by the attribute condition`), "WIF662", "the provider's condition turned the token away", describeProvider},
	{says(`value for google\.subject|attribute google\.subject exceeds|mapped attribute .* must be`), "WIF662", "the provider's mapping does not fit the token", describeProvider},
	{says(`target service indicated by the \\*"?audience\\*"? parameters is invalid|invalid_target`), "WIF662", "pool or provider is absent, disabled or deleted", describeProvider},
	{says(`Invalid value for \\*"?audience`), "WIF662", "the credential file names no provider", func(t *Trust) []string { return []string{t.wifctl("setup")} }},
	{says(`quota_exceeded|throttled due to rate limit`), "WIF662", "Google was asked too often in this project; it can be tried again in a moment", func(t *Trust) []string { return []string{t.podAgain()} }},
	{says(`(?i)invalid[ _]token|invalid_grant|unauthorized_client`), "WIF662", "Google does not take the pod's token: most often its issuer is not the provider's", describeProvider},
	{says(`vpcServiceControlsUniqueIdentifier`), "WIF664", "a VPC service perimeter keeps the pod's requests out; whoever administers it can let them in by an ingress rule, and finds them in the log by the id", func(t *Trust) []string {
		return []string{gcloud("logging", "read", `log_id("cloudaudit.googleapis.com/policy")`, "--freshness=1h", "--project="+t.projectName())}
	}},
	{says(`SERVICE_DISABLED|has not been used in project|accessNotConfigured`), "WIF663", "an API that it takes is not enabled", func(t *Trust) []string { return []string{t.wifctl("setup")} }},
	{says(`iam\.serviceAccounts\.getAccessToken|Gaia id not found`), "WIF663", "the workload may not impersonate the GSA, or the change is on its way", func(t *Trust) []string {
		return []string{t.binding().command("add"), t.podAgain("--wait", "10m")}
	}},
	{says(`(?i)billing account|has not configured billing|accountDisabled`), "WIF664", "the bucket's project has no billing account, or a closed one, and Cloud Storage serves nothing of it then", func(t *Trust) []string {
		return t.unbilled("WIF664").Run
	}},
	{says(`(?i)(HTTPError 404|NoSuchBucket|bucket does not exist|not found: 404)`), "WIF664", "there is no such bucket", func(t *Trust) []string {
		return []string{gcloud("storage", "buckets", "describe", "gs://"+t.w.Bucket)}
	}},
	{says(`storage\.(objects|buckets)\.[a-zA-Z]+|(?i)\b(HTTP)?Error:? 403|AccessDenied|permission denied|\b403\b.*forbidden`), "WIF664", "the GSA may not read the bucket, or the change is on its way", func(t *Trust) []string {
		return []string{t.grant().command("add"), t.podAgain("--wait", "10m")}
	}},
	{says(`(?i)could not resolve|name resolution|no such host|NameResolutionError|failed to resolve '|connection (refused|timed out|reset)|network is unreachable|no route to host|i/o timeout|max retries exceeded|certificate verify failed|x509:`), "WIF661", "pods can't reach Google: a NetworkPolicy, a proxy or the cluster's DNS stands in between", func(t *Trust) []string {
		return []string{t.kubectl("get", "networkpolicies", "--namespace="+t.w.Namespace)}
	}},
}

func says(pattern string) *regexp.Regexp { return regexp.MustCompile(pattern) }

func describeProvider(t *Trust) []string {
	return []string{t.providers("describe"), t.wifctl("setup")}
}

func curlIssuer(t *Trust) []string { return []string{curl(t.facts.issuer)} }

// readEnd finds the line of a log that says why the program failed, and what mends it.
func (t *Trust) readEnd(log []string) (string, pipeline.Remedy, bool) {
	whole := strings.Join(log, "\n")
	for _, e := range endings {
		// A message may be broken into lines, as gcloud does.
		if !e.says.MatchString(whole) && !e.says.MatchString(oneLine(whole)) {
			continue
		}
		var run []string
		if e.remedy != nil {
			run = e.remedy(t)
		}
		return e.line(log), remedy(e.code, e.cause, run...), true
	}
	return "", pipeline.Remedy{}, false
}

// line is the one that matches, else the last that is not empty.
func (e ending) line(log []string) string {
	if i := slices.IndexFunc(log, e.says.MatchString); i >= 0 {
		return log[i]
	}
	return log[len(log)-1]
}
