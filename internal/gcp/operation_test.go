package gcp

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

const (
	poolName     = "projects/1/locations/global/workloadIdentityPools/k8s-pool"
	providerName = poolName + "/providers/cks-1063bce6"
	opName       = `"name":"` + poolName + `/operations/op1"`
	getOp        = iamPools + "operations.get"
)

func TestWritesWaitForTheirOperation(t *testing.T) {
	began := answerTo{method: iamPools + "create", body: `{` + opName + `}`}
	pending := answerTo{method: getOp, body: `{` + opName + `}`}
	done := answerTo{method: getOp, body: `{` + opName + `,"done":true}`}
	for _, tc := range []struct {
		name    string
		answers []answerTo
		want    Error
	}{
		{"an operation is polled until it is done, and never read", []answerTo{began, pending, pending, done}, Error{}},
		{"one that is done at once is not polled", []answerTo{{method: iamPools + "create", body: `{` + opName + `,"done":true}`}}, Error{}},
		{"one that failed is classified like an answer",
			[]answerTo{began, {method: getOp, body: `{` + opName + `,"done":true,"error":{"code":7,"message":"Permission 'iam.workloadIdentityPools.create' denied"}}`}},
			Error{Reason: PermissionDenied, Permission: "iam.googleapis.com/workloadIdentityPools.create"}},
		{"a code that we don't know is the server's failure", []answerTo{began, {method: getOp, body: `{` + opName + `,"done":true,"error":{"code":2,"message":"?"}}`}}, Error{Reason: Unavailable}},
		{"an id that is taken is the caller's to look at", []answerTo{{method: iamPools + "create", status: 409, body: refusal(409, "ALREADY_EXISTS", "Requested entity already exists")}}, Error{Reason: AlreadyExists}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _, _ := follow(t, tc.answers...)
				err := c.CreatePool(t.Context(), Pool{Name: poolName})
				var got Error
				if e, ok := errors.AsType[*Error](err); ok {
					got = Error{Reason: e.Reason, Permission: e.Permission}
				}
				if got != tc.want || (err != nil) != (tc.want.Reason != Unknown) {
					t.Errorf("got %v, want %+v", err, tc.want)
				}
			})
		})
	}
}

func TestAnOperationIsNotWaitedForForever(t *testing.T) {
	endless := memory{http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{` + opName + `}`))
	})}
	for _, tc := range []struct {
		name   string
		within time.Duration
		cancel bool
		want   Reason
		took   time.Duration
	}{
		{"two minutes is the most", time.Hour, false, StillRunning, longestWaitedOn},
		{"the caller's deadline comes first", 20 * time.Second, false, StillRunning, 20 * time.Second},
		{"a caller who gives up is obeyed at once", 20 * time.Second, true, Canceled, 10 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _ := clientOf(t, endless)
				ctx, cancel := context.WithTimeout(t.Context(), tc.within)
				defer cancel()
				if tc.cancel {
					time.AfterFunc(10*time.Second, cancel)
				}
				began := time.Now()
				err := c.DeletePool(ctx, poolName)
				if ReasonOf(err) != tc.want {
					t.Errorf("got %v, want reason %q", err, tc.want)
				}
				if took := time.Since(began); took > tc.took || took < tc.took-longestPoll {
					t.Errorf("took %s, want about %s", took, tc.took)
				}
			})
		})
	}
}

func TestPatchesSendWhatIsEmpty(t *testing.T) {
	done := `{"name":"x","done":true}`
	t.Run("of a pool", func(t *testing.T) {
		c, s, _ := follow(t, answerTo{method: iamPools + "patch", body: done})
		if err := c.PatchPool(t.Context(), Pool{Name: poolName, DisplayName: "not in the mask"}, FieldDescription, FieldDisabled); err != nil {
			t.Fatal(err)
		}
		sent(t, s, "description,disabled", `{"description":"","disabled":false,"displayName":"not in the mask"}`)
	})
	t.Run("of a provider", func(t *testing.T) {
		c, s, _ := follow(t, answerTo{method: iamProviders + "patch", body: done})
		p := Provider{Name: providerName, Issuer: "https://issuer", Condition: "true"}
		if err := c.PatchProvider(t.Context(), p, FieldIssuer, FieldJWKS, FieldAudiences, FieldCondition); err != nil {
			t.Fatal(err)
		}
		sent(t, s, "oidc.issuerUri,oidc.jwksJson,oidc.allowedAudiences,attributeCondition",
			`{"attributeCondition":"true","oidc":{"issuerUri":"https://issuer","jwksJson":"","allowedAudiences":[]}}`)
	})
	t.Run("of a provider that may not be ours to know", func(t *testing.T) {
		c, s, _ := follow(t, answerTo{method: iamProviders + "patch", body: done})
		if err := c.PatchProvider(t.Context(), Provider{Name: providerName}, FieldDisabled); err != nil {
			t.Fatal(err)
		}
		sent(t, s, "disabled", `{"disabled":false}`)
	})
}

func sent(t *testing.T, s *script, mask, body string) {
	t.Helper()
	if got := s.seen[0].URL.Query().Get("updateMask"); got != mask {
		t.Errorf("mask: got %s, want %s", got, mask)
	}
	sameJSON(t, body, s.bodies[0])
}
