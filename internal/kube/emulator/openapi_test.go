package emulator_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/resource"
	"k8s.io/client-go/dynamic"
)

// kubectl apply asks this before it sends anything. Told no, it wants a description of every
// field, which is not modelled.
func TestKubectlLeavesTheFieldsToTheServer(t *testing.T) {
	for _, open := range []func(*testing.T) *world{newReal, newEmulated} {
		t.Run("", func(t *testing.T) {
			w := open(t)
			asks := resource.NewQueryParamVerifierV3(dynamic.NewForConfigOrDie(w.users["admin"]), clientset(t, w).Discovery().OpenAPIV3(), resource.QueryParamFieldValidation)
			for _, kind := range []string{"ConfigMap", "Namespace", "ServiceAccount"} {
				if err := asks.HasSupport(schema.GroupVersionKind{Version: "v1", Kind: kind}); err != nil {
					t.Errorf("%s, %s: %v", w.name, kind, err)
				}
			}
		})
	}
}
