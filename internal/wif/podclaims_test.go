package wif

import "testing"

// What hangs on the pod is open; what no pod changes is not.
func TestAConditionOnAPodIsOpen(t *testing.T) {
	token := Foreseen("https://issuer.example", "aud", "foo", "bar")
	mapping := map[string]string{
		"google.subject": "assertion.sub", "attribute.k8s_ns": "assertion['kubernetes.io']['namespace']",
		"attribute.pod": "assertion['kubernetes.io']['pod']['name']", "attribute.tier": "assertion.tier",
	}
	for condition, want := range map[string]bool{
		`assertion['kubernetes.io']['pod']['name'].startsWith('web-')`:             true,
		`'pod' in assertion['kubernetes.io'] && attribute.k8s_ns in ['foo']`:       true,
		`has(assertion['kubernetes.io'].pod)`:                                      true,
		`attribute.pod == 'web-0'`:                                                 true,
		`assertion['kubernetes.io'].node.name == 'n1' || false`:                    true,
		`attribute.k8s_ns in ['foo']`:                                              true,
		`attribute.pod == 'web-0' && attribute.k8s_ns in ['elsewhere']`:            false,
		`'pod' in assertion['kubernetes.io'] && attribute.k8s_ns in ['elsewhere']`: false,
		`attribute.tier == 'gold'`:                                                 false,
		`assertion['kubernetes.io']['workload'] == 'x'`:                            false,
	} {
		if got := token.AdmitsSomePod(mapping, condition); got != want {
			t.Errorf("%s: got %t, want %t", condition, got, want)
		}
	}
	if !token.ValueInSomePod(mapping["attribute.pod"]) || token.ValueInSomePod(mapping["attribute.tier"]) {
		t.Error("an expression may have a value only for what a pod's token adds")
	}
}
