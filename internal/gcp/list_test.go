package gcp

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/gcp/emulator"
)

func TestListsNameWhatIsThere(t *testing.T) {
	inWorld(t, emulator.Options{}, func(t *testing.T, w world) {
		w.build(t)
		got := map[string][]string{}
		for name, list := range map[string]func() ([]string, error){
			"pools":                     func() ([]string, error) { return w.PoolIDs(t.Context(), acme) },
			"providers":                 func() ([]string, error) { return w.ProviderIDs(t.Context(), acmeNumber, "k8s-pool") },
			"accounts":                  func() ([]string, error) { return w.AccountIDs(t.Context(), acme) },
			"buckets":                   func() ([]string, error) { return w.BucketNames(t.Context(), acme, "acme") },
			"buckets of no such prefix": func() ([]string, error) { return w.BucketNames(t.Context(), acme, "zebra") },
			"pools by the number":       func() ([]string, error) { return w.PoolIDs(t.Context(), acmeNumber) },
		} {
			names, err := list()
			must(t, err)
			got[name] = names
		}
		want := map[string][]string{
			"pools": {"k8s-pool"}, "providers": {"cks-1063bce6"}, "accounts": {"gcs-reader"},
			"buckets": {acmeBucket}, "buckets of no such prefix": nil, "pools by the number": {"k8s-pool"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestListsSayWhichPermissionIsMissing(t *testing.T) {
	inWorld(t, emulator.Options{OperatorRoles: []string{"roles/serviceusage.serviceUsageAdmin"}}, func(t *testing.T, w world) {
		for permission, list := range map[string]func(context.Context) ([]string, error){
			"iam.googleapis.com/workloadIdentityPools.list": func(ctx context.Context) ([]string, error) { return w.PoolIDs(ctx, acme) },
			"iam.serviceAccounts.list":                      func(ctx context.Context) ([]string, error) { return w.AccountIDs(ctx, acme) },
			"storage.buckets.list":                          func(ctx context.Context) ([]string, error) { return w.BucketNames(ctx, acme, "") },
		} {
			_, err := list(t.Context())
			if e, ok := errors.AsType[*Error](err); !ok || e.Reason != PermissionDenied || e.Permission != permission {
				t.Errorf("%v, want %s denied", err, permission)
			}
		}
	})
}
