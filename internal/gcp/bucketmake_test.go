package gcp

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/gcp/emulator"
)

func TestABucketIsMadeClosedAndTakenBack(t *testing.T) {
	inWorld(t, emulator.Options{}, func(t *testing.T, w world) {
		ctx := t.Context()
		must(t, w.CreateBucket(ctx, acme, Bucket{Name: "acme-new", Location: "us-central1", Labels: map[string]string{"managed-by": "wifctl"}}))
		got, _, err := w.Bucket(ctx, "acme-new")
		must(t, err)
		want := Bucket{
			Name: "acme-new", Location: "US-CENTRAL1", ProjectNumber: acmeNumber, UniformAccess: true, PublicAccessPrevention: "enforced",
			Labels: map[string]string{"managed-by": "wifctl"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if err := w.CreateBucket(ctx, acme, Bucket{Name: "acme-new"}); !is(err, AlreadyExists) {
			t.Errorf("made twice: %v", err)
		}

		hello := Object{Name: "hello.txt", Metadata: map[string]string{"by": "us"}}
		must(t, w.CreateObject(ctx, "acme-new", hello, "hello"))
		if err := w.CreateObject(ctx, "acme-new", hello, "again"); !is(err, ConditionNotMet) {
			t.Errorf("written over: %v", err)
		}
		objects, err := w.Objects(ctx, "acme-new")
		must(t, err)
		hello.MD5, hello.Generation = "XUFAKrxLKna5cZ2REBfFkg==", objects[0].Generation
		if diff := cmp.Diff([]Object{hello}, objects); diff != "" {
			t.Error(diff)
		}

		if err := w.DeleteBucket(ctx, "acme-new"); !is(err, AlreadyExists) {
			t.Errorf("deleted with something in it: %v", err)
		}
		stale := hello
		stale.Generation++
		if err := w.DeleteObject(ctx, "acme-new", stale); !is(err, ConditionNotMet) {
			t.Errorf("deleted another generation: %v", err)
		}
		must(t, w.DeleteObject(ctx, "acme-new", hello))
		must(t, w.DeleteBucket(ctx, "acme-new"))
		if _, found, err := w.Bucket(ctx, "acme-new"); found || err != nil {
			t.Errorf("still there: %v", err)
		}
	})
}

func TestABucketIsRefusedForWhatItIs(t *testing.T) {
	inWorld(t, emulator.Options{}, func(t *testing.T, w world) {
		if err := w.CreateBucket(t.Context(), acme, Bucket{Name: "acme-new", Location: "ATLANTIS"}); !is(err, Invalid) {
			t.Errorf("no such location: %v", err)
		}
		for _, reason := range []string{"accountDisabled", "userProjectAccountProblem"} {
			w.google.Inject(emulator.Fault{Match: "storage.buckets.insert", Times: 1, Status: 403, Reason: reason})
			if err := w.CreateBucket(t.Context(), acme, Bucket{Name: "acme-new"}); !is(err, BillingRequired) {
				t.Errorf("%s: %v", reason, err)
			}
		}
	})
}
