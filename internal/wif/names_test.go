package wif

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const number, cluster = "123456789012", "1063bce6-6e5b-4b0a-b73a-7e6106b2a77c"

func TestNamesAsGoogleSpellsThem(t *testing.T) {
	const pool = "projects/123456789012/locations/global/workloadIdentityPools/k8s-pool"
	for _, c := range []struct{ what, got, want string }{
		{"the token's audience has a scheme", TokenAudience(number, "k8s-pool", "cks-1063bce6"),
			"https://iam.googleapis.com/" + pool + "/providers/cks-1063bce6"},
		{"the exchange's audience has none", ExchangeAudience(number, "k8s-pool", "cks-1063bce6"),
			"//iam.googleapis.com/" + pool + "/providers/cks-1063bce6"},
		{"a subject is a principal", SubjectMember(number, "k8s-pool", "foo", "bar"),
			"principal://iam.googleapis.com/" + pool + "/subject/system:serviceaccount:foo:bar"},
		{"a workload is a principalSet that carries the cluster", WorkloadMember(number, "k8s-pool", cluster, "foo", "bar"),
			"principalSet://iam.googleapis.com/" + pool + "/attribute.k8s_workload/" + cluster + "/foo/bar"},
		{"a GSA lives in its project", Email("gcs-reader", "my-project-123"), "gcs-reader@my-project-123.iam.gserviceaccount.com"},
		{"a domain's project is turned round", Email("gcs-reader", "example.com:proj"), "gcs-reader@proj.example.com.iam.gserviceaccount.com"},
		{"the provider is called after the cluster", DefaultProvider(cluster), "cks-1063bce6"},
	} {
		if c.got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, c.got, c.want)
		}
	}
}

func TestConditionIsCanonicalAndReadsBackOnlyItsOwnForm(t *testing.T) {
	written := Condition([]string{"web", "foo", "web"})
	if want := "attribute.k8s_ns in ['foo', 'web']"; written != want {
		t.Fatalf("got %s, want %s", written, want)
	}
	got, ok := ConditionNamespaces(written)
	if diff := cmp.Diff([]string{"foo", "web"}, got); diff != "" || !ok {
		t.Errorf("ok %t, namespaces (-want +got):\n%s", ok, diff)
	}
	for _, theirs := range []string{
		"", "true",
		"attribute.k8s_ns == 'foo'",
		"attribute.k8s_ns in ['web', 'foo']",
		"attribute.k8s_ns in ['foo','web']",
		"attribute.k8s_ns in ['foo'] || true",
		"attribute.k8s_ns in ['foo'] || attribute.k8s_ns in ['x']",
		"attribute.k8s_ns in [\"foo\"]",
		"attribute.k8s_ns in []",
	} {
		if ns, ok := ConditionNamespaces(theirs); ok {
			t.Errorf("%s was read as ours: %q", theirs, ns)
		}
	}
}

func TestMappingCarriesTheClusterAsALiteral(t *testing.T) {
	want := map[string]string{
		"google.subject":         "assertion.sub",
		"attribute.k8s_ns":       "assertion['kubernetes.io']['namespace']",
		"attribute.k8s_sa":       "assertion['kubernetes.io']['serviceaccount']['name']",
		"attribute.k8s_workload": "'c1/' + assertion['kubernetes.io']['namespace'] + '/' + assertion['kubernetes.io']['serviceaccount']['name']",
	}
	if diff := cmp.Diff(want, Mapping("c1")); diff != "" {
		t.Errorf("mapping (-want +got):\n%s", diff)
	}
}
