package trust

import "testing"

func TestMembersThatLetInMoreThanOneWorkload(t *testing.T) {
	pool := "principalSet://iam.googleapis.com/" + PoolName(number, "k8s-pool") + "/"
	for member, want := range map[string]string{
		pool + "*":                                                "every token that any provider of the pool accepts",
		pool + "attribute.k8s_ns/foo":                             "every ServiceAccount of namespace foo",
		pool + "attribute.namespace/foo":                          "every ServiceAccount of namespace foo",
		pool + "attribute.k8s_sa/bar":                             "ServiceAccount bar of every namespace",
		pool + "attribute.service_account_name/bar":               "ServiceAccount bar of every namespace",
		pool + "attribute.other/x":                                "",
		pool + "group/g":                                          "",
		WorkloadMember(number, "k8s-pool", cluster, "foo", "bar"): "",
		SubjectMember(number, "k8s-pool", "foo", "bar"):           "",
		"user:somebody@example.com":                               "",
		"":                                                        "",
	} {
		if got := wide(member); got != want {
			t.Errorf("%s: got %q, want %q", member, got, want)
		}
	}
}
