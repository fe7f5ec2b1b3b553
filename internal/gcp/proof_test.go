package gcp

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/gcp/emulator"
)

// prove walks the way of a pod: token, exchange, impersonation, read.
func (w world) prove(t *testing.T, audience ExchangeAudience, token string) (Reading, error) {
	t.Helper()
	federated, err := w.Exchange(t.Context(), audience, token)
	if err != nil {
		return Reading{}, err
	}
	account, err := w.Impersonate(t.Context(), federated, acmeReader, time.Hour)
	if err != nil {
		return Reading{}, err
	}
	return w.ReadBucket(t.Context(), account, acmeBucket)
}

const acmeAudience = ExchangeAudience("//iam.googleapis.com/" + acmeCKS)

func TestATokenOfTheClusterReadsTheBucket(t *testing.T) {
	inWorld(t, emulator.Options{}, func(t *testing.T, w world) {
		w.build(t)
		got, err := w.prove(t, acmeAudience, w.issuer.token(t, nil))
		must(t, err)
		if got.Objects != 1 || got.Object != "hello.txt" || got.Bytes == 0 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestEveryOtherTokenIsRefusedForItsOwnReason(t *testing.T) {
	claim := func(name string, value any) func(map[string]any) {
		return func(claims map[string]any) { claims[name] = value }
	}
	for _, tc := range []struct {
		name     string
		audience ExchangeAudience
		edit     func(map[string]any)
		want     Reason
	}{
		{"for another audience", acmeAudience, claim("aud", []string{"https://kubernetes.default.svc"}), AudienceMismatch},
		{"of another issuer", acmeAudience, claim("iss", issuer+"/"), IssuerMismatch},
		{"that has expired", acmeAudience, claim("exp", time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC).Unix()), StaleToken},
		{"of another namespace", acmeAudience, claim("kubernetes.io", map[string]any{"namespace": "other"}), ConditionRejected},
		{"with a name beyond 127 bytes", acmeAudience, claim("sub", "system:serviceaccount:foo:"+string(make([]byte, 120))), SubjectTooLong},
		{"sent to a provider that is not there", acmeAudience + "x", nil, InvalidTarget},
		{"sent to a malformed audience", "https:" + acmeAudience, nil, InvalidAudience},
		{"of a ServiceAccount that is not bound", acmeAudience, claim("sub", "system:serviceaccount:foo:other"), PermissionDenied},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inWorld(t, emulator.Options{}, func(t *testing.T, w world) {
				w.build(t)
				_, err := w.prove(t, tc.audience, w.issuer.token(t, tc.edit))
				if ReasonOf(err) != tc.want {
					t.Errorf("got %v, want reason %q", err, tc.want)
				}
			})
		})
	}
	t.Run("with another key", func(t *testing.T) {
		forger := newIssuer(t)
		inWorld(t, emulator.Options{}, func(t *testing.T, w world) {
			w.build(t)
			if _, err := w.prove(t, acmeAudience, forger.token(t, nil)); !is(err, BadSignature) {
				t.Errorf("got %v", err)
			}
		})
	})
}

func TestAGrantTakesItsTime(t *testing.T) {
	inWorld(t, emulator.Options{}, func(t *testing.T, w world) {
		w.build(t)
		_, err := w.EditPolicy(t.Context(), BucketPolicy(acmeBucket), RemoveMember(viewer, "serviceAccount:"+acmeReader))
		must(t, err)
		_, err = w.prove(t, acmeAudience, w.issuer.token(t, nil))
		if e, ok := errors.AsType[*Error](err); !ok || e.Reason != PermissionDenied || e.Permission != "storage.objects.list" || ClassOf(err) != Propagation {
			t.Errorf("got %v", err)
		}
	})
}

func TestForeignBindingsSurviveOurEdits(t *testing.T) {
	inWorld(t, emulator.Options{}, func(t *testing.T, w world) {
		foreign := Binding{Role: viewer, Members: []string{"user:colleague@acme.example"}, Condition: &Condition{Title: "weekdays", Expression: "request.time.getDayOfWeek() < 6 && true"}}
		add := func(p *Policy) bool { p.Bindings = append(p.Bindings, foreign); return true }
		for _, target := range []PolicyTarget{BucketPolicy(acmeBucket), ProjectPolicy(acme)} {
			ctx := t.Context()
			_, err := w.EditPolicy(ctx, target, add)
			must(t, err)
			before, err := w.Policy(ctx, target)
			must(t, err)
			_, err = w.EditPolicy(ctx, target, AddMember(viewer, "user:new@acme.example"))
			must(t, err)
			_, err = w.EditPolicy(ctx, target, RemoveMember(viewer, "user:new@acme.example"))
			must(t, err)
			after, err := w.Policy(ctx, target)
			must(t, err)
			if diff := cmp.Diff(before.Bindings, after.Bindings); diff != "" {
				t.Errorf("%s: -before +after:\n%s", target, diff)
			}
		}
	})
}

func TestPolicyWritesSurviveOneFault(t *testing.T) {
	for _, f := range []emulator.Fault{
		{Match: "storage.buckets.setIamPolicy", Status: 412, Reason: "conditionNotMet"},
		{Match: "storage.buckets.setIamPolicy", Status: 503},
		{Match: "storage.buckets.setIamPolicy", Status: 429},
		{Match: "storage.buckets.setIamPolicy", Status: 503, Lost: true},
		{Match: "storage.buckets.setIamPolicy", Lost: true},
		{Match: "storage.buckets.setIamPolicy", Reset: true},
		{Match: "storage.buckets.setIamPolicy", Truncate: true},
		{Match: "storage.buckets.getIamPolicy", Truncate: true},
		{Match: "storage.buckets.getIamPolicy", Reset: true, Times: 3},
	} {
		t.Run(f.String(), func(t *testing.T) {
			inWorld(t, emulator.Options{}, func(t *testing.T, w world) {
				w.google.Inject(f)
				changed, err := w.EditPolicy(t.Context(), BucketPolicy(acmeBucket), AddMember(viewer, "user:new@acme.example"))
				if !changed || err != nil {
					t.Errorf("changed %v, %v", changed, err)
				}
				p, err := w.Policy(t.Context(), BucketPolicy(acmeBucket))
				must(t, err)
				if !p.Has(viewer, "user:new@acme.example") {
					t.Error("the grant is not there")
				}
			})
		})
	}
}

// Every request that only reads may meet one fault of any kind, and nobody
// notices.
func TestReadsSurviveOneFault(t *testing.T) {
	kinds := []emulator.Fault{{Status: 503}, {Status: 429}, {Reset: true}, {Truncate: true}}
	var asked []Call
	walk := func(t *testing.T, w world) {
		t.Helper()
		w.build(t)
		_, err := w.prove(t, acmeAudience, w.issuer.token(t, nil))
		must(t, err)
	}
	inWorld(t, emulator.Options{}, func(t *testing.T, w world) {
		walk(t, w)
		asked = w.all
	})
	tried := map[string]bool{}
	for _, call := range asked {
		if call.Write || tried[call.Method] {
			continue
		}
		if call.Method == "" {
			t.Errorf("%s %s has no name", call.Verb, call.Path)
		}
		tried[call.Method] = true
		for _, f := range kinds {
			f.Match = call.Method
			t.Run(f.String(), func(t *testing.T) {
				inWorld(t, emulator.Options{}, func(t *testing.T, w world) {
					w.google.Inject(f)
					walk(t, w)
				})
			})
		}
	}
}
