package gcp

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wifctl/wifctl/internal/gcp/emulator"
)

func TestPoolsAndProvidersAreDeletedAndRestored(t *testing.T) {
	inWorld(t, emulator.Options{}, func(t *testing.T, w world) {
		ctx := t.Context()
		if _, found, err := w.Pool(ctx, acmePool); found || err != nil {
			t.Fatalf("before: found %v, %v", found, err)
		}
		must(t, w.CreatePool(ctx, Pool{Name: acmePool, DisplayName: "k8s-pool", Description: "Managed by wifctl"}))
		must(t, w.CreateProvider(ctx, w.provider()))
		must(t, w.DeleteProvider(ctx, acmeCKS))
		must(t, w.DeletePool(ctx, acmePool))

		gone, found, err := w.Pool(ctx, acmePool)
		if !found || err != nil || gone.State != Deleted || time.Until(gone.Expires) < 24*time.Hour {
			t.Errorf("deleted: %+v, found %v, %v", gone, found, err)
		}
		if err := w.CreatePool(ctx, Pool{Name: acmePool}); !is(err, AlreadyExists) {
			t.Errorf("create on a deleted one: got %v", err)
		}
		if err := w.PatchPool(ctx, Pool{Name: acmePool}, FieldDescription); err == nil {
			t.Error("a deleted pool was changed")
		}
		must(t, w.UndeletePool(ctx, acmePool))
		must(t, w.UndeleteProvider(ctx, acmeCKS))

		back, _, err := w.Pool(ctx, acmePool)
		must(t, err)
		if diff := cmp.Diff(Pool{Name: acmePool, DisplayName: "k8s-pool", Description: "Managed by wifctl", State: Active}, back); diff != "" {
			t.Errorf("restored pool, -want +got:\n%s", diff)
		}
		want := w.provider()
		want.State, want.Kind = Active, KindOIDC
		got, _, err := w.Provider(ctx, acmeCKS)
		must(t, err)
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Provider{}, "JWKS")); diff != "" {
			t.Errorf("restored provider, -want +got:\n%s", diff)
		}
	})
}

func TestALostWriteIsFoundByLooking(t *testing.T) {
	inWorld(t, emulator.Options{}, func(t *testing.T, w world) {
		w.google.Inject(emulator.Fault{Match: iamPools + "create", Lost: true})
		err := w.CreatePool(t.Context(), Pool{Name: acmePool})
		if ReasonOf(err) != Unavailable || ClassOf(err) != Contention {
			t.Errorf("got %v", err)
		}
		if got, found, err := w.Pool(t.Context(), acmePool); !found || got.State != Active {
			t.Errorf("got %+v, found %v, %v", got, found, err)
		}
	})
}

func TestProvidersAreChangedFieldByField(t *testing.T) {
	inWorld(t, emulator.Options{}, func(t *testing.T, w world) {
		ctx := t.Context()
		must(t, w.CreatePool(ctx, Pool{Name: acmePool}))
		must(t, w.CreateProvider(ctx, w.provider()))
		next := w.provider()
		next.Condition, next.Audiences, next.JWKS, next.Disabled = "attribute.k8s_ns in ['foo', 'qux']", []string{"wifctl"}, "", true
		must(t, w.PatchProvider(ctx, next, FieldCondition, FieldAudiences, FieldJWKS, FieldDisabled))
		got, _, err := w.Provider(ctx, acmeCKS)
		must(t, err)
		next.State, next.Kind = Active, KindOIDC
		if diff := cmp.Diff(next, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		next.Audiences, next.Disabled = nil, false
		must(t, w.PatchProvider(ctx, next, FieldAudiences, FieldDisabled))
		all, err := w.Providers(ctx, acmePool, false)
		must(t, err)
		if diff := cmp.Diff([]Provider{next}, all, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		must(t, w.DeleteProvider(ctx, acmeCKS))
		live, err := w.Providers(ctx, acmePool, false)
		must(t, err)
		kept, err := w.Providers(ctx, acmePool, true)
		must(t, err)
		if len(live) != 0 || len(kept) != 1 {
			t.Errorf("%d live and %d deleted providers, want 0 and 1", len(live), len(kept))
		}
	})
}

func TestServiceAccountsComeAndGo(t *testing.T) {
	inWorld(t, emulator.Options{}, func(t *testing.T, w world) {
		ctx := t.Context()
		if _, found, err := w.ServiceAccount(ctx, acme, acmeReader); found || err != nil {
			t.Fatalf("before: found %v, %v", found, err)
		}
		made, err := w.CreateServiceAccount(ctx, acme, "gcs-reader", "reader", "Managed by wifctl")
		must(t, err)
		if _, err := w.CreateServiceAccount(ctx, acme, "gcs-reader", "", ""); !is(err, AlreadyExists) {
			t.Errorf("create again: got %v", err)
		}
		got, found, err := w.ServiceAccount(ctx, acme, acmeReader)
		must(t, err)
		want := ServiceAccount{Email: acmeReader, Name: "projects/acme-prod/serviceAccounts/" + acmeReader, UniqueID: made.UniqueID, DisplayName: "reader", Description: "Managed by wifctl"}
		if diff := cmp.Diff(want, got); diff != "" || !found {
			t.Errorf("found %v, -want +got:\n%s", found, diff)
		}
		must(t, w.EnableServiceAccount(ctx, acme, acmeReader))
		must(t, w.DeleteServiceAccount(ctx, acme, acmeReader))
		if err := w.DeleteServiceAccount(ctx, acme, acmeReader); !is(err, NotFound) {
			t.Errorf("delete again: got %v", err)
		}
	})
}

func TestANewAccountIsNotVisibleEverywhere(t *testing.T) {
	inWorld(t, emulator.Options{Lag: emulator.LagTypical}, func(t *testing.T, w world) {
		ctx := t.Context()
		_, err := w.CreateServiceAccount(ctx, acme, "gcs-reader", "", "")
		must(t, err)
		grant := func() error {
			_, err := w.EditPolicy(ctx, BucketPolicy(acmeBucket), AddMember(viewer, "serviceAccount:"+acmeReader))
			return err
		}
		err = grant()
		if e, ok := errors.AsType[*Error](err); !ok || e.Reason != MemberNotVisible || e.Member != acmeReader || ClassOf(err) != Propagation {
			t.Fatalf("got %v", err)
		}
		<-time.After(time.Minute)
		must(t, grant())
	})
}

func TestBucketsAreFound(t *testing.T) {
	inWorld(t, emulator.Options{}, func(t *testing.T, w world) {
		got, found, err := w.Bucket(t.Context(), acmeBucket)
		must(t, err)
		if !found || got.Name != acmeBucket || got.ProjectNumber != acmeNumber || !got.UniformAccess {
			t.Errorf("found %v, %+v", found, got)
		}
		held, err := w.BucketPermissions(t.Context(), acmeBucket, []string{"storage.buckets.getIamPolicy"})
		must(t, err)
		if diff := cmp.Diff(Held{Held: []string{"storage.buckets.getIamPolicy"}}, held); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestTheProjectIsKnownByIDAndNumber(t *testing.T) {
	inWorld(t, emulator.Options{}, func(t *testing.T, w world) {
		want := Project{ID: acme, Number: acmeNumber, State: "ACTIVE"}
		for _, name := range []string{acme, acmeNumber} {
			got, err := w.Project(t.Context(), name)
			must(t, err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		}
		if _, err := w.Project(t.Context(), "somebody-elses"); !is(err, PermissionDenied) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAViewerIsToldWhatIsMissing(t *testing.T) {
	inWorld(t, emulator.Options{OperatorRoles: []string{"roles/viewer", "roles/serviceusage.serviceUsageAdmin"}}, func(t *testing.T, w world) {
		const create = "iam.googleapis.com/workloadIdentityPools.create"
		held, err := w.Permissions(t.Context(), acme, []string{"resourcemanager.projects.get", create})
		must(t, err)
		if diff := cmp.Diff(Held{Held: []string{"resourcemanager.projects.get"}, Missing: []string{create}}, held); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		err = w.CreatePool(t.Context(), Pool{Name: acmePool})
		if e, ok := errors.AsType[*Error](err); !ok || e.Reason != PermissionDenied || e.Permission != create {
			t.Errorf("got %v", err)
		}
	})
}

func TestKeysOfPeopleAreListed(t *testing.T) {
	c, s, _ := follow(t, answerTo{method: iamAccounts + "keys.list", body: `{"keys":[{"name":"projects/p/serviceAccounts/e/keys/a"},{"name":"projects/p/serviceAccounts/e/keys/b"}]}`})
	got, err := c.UserManagedKeys(t.Context(), acmeReader)
	must(t, err)
	if asked := s.seen[0].URL.Query().Get("keyTypes"); !slices.Equal(got, []string{"a", "b"}) || asked != "USER_MANAGED" {
		t.Errorf("got keys %q of type %q", got, asked)
	}
}
