package trust

import (
	"strings"
	"testing"

	"github.com/wifctl/wifctl/internal/kube"
)

func TestACredentialFileIsJudgedByWhereItLeads(t *testing.T) {
	want := string(kube.CredentialFile(kube.CredentialConfig{Audience: "//iam.googleapis.com/p", TokenFile: TokenFile, Impersonate: "gcs-reader@p.iam.gserviceaccount.com"}))
	for _, c := range []struct{ name, have, fault string }{
		{"as it is written", want, ""},
		{"in one line", strings.ReplaceAll(want, "\n", ""), ""},
		{"empty", "", "it has no credential-configuration.json"},
		{"not JSON", "{nope", "is no credential file for a pod: not JSON"},
		{"a key in its place", `{"type":"service_account"}`, `its type is "service_account"`},
		{"another provider", strings.Replace(want, "com/p\"", "com/q\"", 1), "it names provider //iam.googleapis.com/q, wanted //iam.googleapis.com/p"},
		{"another GSA", strings.Replace(want, "gcs-reader", "gcs-writer", 1), "it leads to GSA gcs-writer@p.iam.gserviceaccount.com, wanted gcs-reader@"},
		{"another file", strings.Replace(want, "service-account/token", "token", 1), "it looks for the token in /var/run/token"},
		{"another host", strings.Replace(want, "sts.googleapis.com", "sts.example.com", 1), "which are not both Google"},
		{"another kind of token", strings.Replace(want, "token-type:jwt", "token-type:id_token", 1), "it differs in subject_token_type"},
	} {
		if got := fileFault([]byte(c.have), []byte(want)); !strings.Contains(got, c.fault) || (got == "") != (c.fault == "") {
			t.Errorf("%s: got %q, want %q", c.name, got, c.fault)
		}
	}
}
