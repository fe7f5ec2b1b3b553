package wif

import (
	"testing"
)

func TestTheNearestMemberIsShownWithWhatDiffers(t *testing.T) {
	want := WorkloadMember(number, "k8s-pool", cluster, "foo", "bar")
	for _, c := range []struct {
		name string
		have []string
		want string
	}{
		{"nobody is named", nil, ""},
		{"another name", []string{"user:jane@example.com", WorkloadMember(number, "k8s-pool", cluster, "foo", "baz")},
			"nearest in the policy: principalSet k8s-pool/attribute.k8s_workload/" + cluster + "/foo/ba[z], wanted principalSet k8s-pool/attribute.k8s_workload/" + cluster + "/foo/ba[r]"},
		{"another namespace, and a longer one", []string{WorkloadMember(number, "k8s-pool", cluster, "foo-2", "bar")},
			"nearest in the policy: principalSet k8s-pool/attribute.k8s_workload/" + cluster + "/foo[-2]/bar, wanted principalSet k8s-pool/attribute.k8s_workload/" + cluster + "/foo[]/bar"},
		{"another pool", []string{WorkloadMember(number, "old-pool", cluster, "foo", "bar")},
			"nearest in the policy: principalSet [old]-pool/attribute.k8s_workload/" + cluster + "/foo/bar, wanted principalSet [k8s]-pool/attribute.k8s_workload/" + cluster + "/foo/bar"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Nearest(c.have, want); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// A member whose project is another's, or is named by its id, looks the same once it is
// shortened. Then the whole of both is shown.
func TestMembersThatDifferBeforeThePoolAreShownWhole(t *testing.T) {
	want := WorkloadMember(number, "k8s-pool", cluster, "foo", "bar")
	got := Nearest([]string{WorkloadMember("999", "k8s-pool", cluster, "foo", "bar")}, want)
	if got != "nearest in the policy: principalSet://iam.googleapis.com/projects/[999]/locations/global/workloadIdentityPools/k8s-pool/attribute.k8s_workload/"+cluster+"/foo/bar, wanted principalSet://iam.googleapis.com/projects/["+number+"]/locations/global/workloadIdentityPools/k8s-pool/attribute.k8s_workload/"+cluster+"/foo/bar" {
		t.Error(got)
	}
}
