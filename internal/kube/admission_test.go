package kube_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/kube"
)

func TestWhoRefusedIsReadInTheWordsOfTheAPIServer(t *testing.T) {
	for said, want := range map[string]kube.Refusal{
		`serviceaccounts "bar" is forbidden: ValidatingAdmissionPolicy 'no-tokens' with binding 'all' denied request: no`:                                       {Kind: "ValidatingAdmissionPolicy", Policy: "no-tokens", Binding: "all"},
		`policy 'errs' with binding 'all' denied request: JSON Patch: replace operation does not apply`:                                                         {Kind: "MutatingAdmissionPolicy", Policy: "errs", Binding: "all"},
		`admission webhook "guard.acme.example" denied the request: image not signed`:                                                                           {Webhook: "guard.acme.example"},
		`Internal error occurred: failed calling webhook "guard.acme.example": failed to call webhook: Post "https://x.svc:443/?timeout=10s": no route to host`: {Webhook: "guard.acme.example", Silent: true},
		`pods "x" is forbidden: exceeded quota: small, requested: pods=1, used: pods=10, limited: pods=10`:                                                      {},
	} {
		if diff := cmp.Diff(want, kube.RefusalIn(said)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", said, diff)
		}
	}
}
