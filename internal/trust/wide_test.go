package trust

import (
	"strings"
	"testing"

	"github.com/wifctl/wifctl/internal/wif"
)

func TestMembersThatLetInMoreThanOneWorkload(t *testing.T) {
	pool := "principalSet://iam.googleapis.com/" + wif.PoolName(number, "k8s-pool") + "/"
	for member, want := range map[string][2]string{
		pool + "*":                                  {"WIF512", "every token that any provider of the pool accepts"},
		pool + "attribute.k8s_ns/foo":               {"WIF514", "every ServiceAccount of namespace foo"},
		pool + "attribute.namespace/foo":            {"WIF514", "every ServiceAccount of namespace foo"},
		pool + "attribute.k8s_sa/bar":               {"WIF513", "ServiceAccount bar of every namespace"},
		pool + "attribute.service_account_name/bar": {"WIF513", "ServiceAccount bar of every namespace"},
		pool + "attribute.other/x":                  {},
		pool + "group/g":                            {},
		wif.WorkloadMember(number, "k8s-pool", cluster, "foo", "bar"): {},
		wif.SubjectMember(number, "k8s-pool", "foo", "bar"):           {},
		"user:somebody@example.com":                                   {},
		"":                                                            {},
		strings.Replace(pool, number, "my-project-123", 1) + "*": {"WIF515", "it names project my-project-123 by its id"},
	} {
		if code, whom := wide(member); [2]string{code, whom} != want {
			got := [2]string{code, whom}
			t.Errorf("%s: got %q, want %q", member, got, want)
		}
	}
}
