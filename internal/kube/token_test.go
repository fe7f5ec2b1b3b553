package kube_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/wifctl/wifctl/internal/kube"
)

const (
	tenMinutes = 10 * time.Minute
	provider   = "https://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/k8s-pool/providers/cks"
)

func testTokenSaysWhoItIsFor(t *testing.T) {
	c, ns := admin(t), namespace(t)
	bar, err := c.CreateServiceAccount(t.Context(), ns, "bar", nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := c.Token(t.Context(), ns, "bar", provider, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	got, err := token.Claims()
	if err != nil {
		t.Fatal(err)
	}
	want := kube.Claims{
		Algorithm: "RS256", KeyID: got.KeyID,
		Issuer:   need(t).Issuer,
		Subject:  "system:serviceaccount:" + ns + ":bar",
		Audience: []string{provider},
		IssuedAt: got.IssuedAt, NotBefore: got.IssuedAt, Expires: got.IssuedAt.Add(time.Hour),
		Namespace: ns, ServiceAccount: "bar", ServiceAccountUID: bar.UID,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got.KeyID == "" || time.Since(got.IssuedAt).Abs() > time.Minute || !token.Expires.Equal(got.Expires) {
		t.Errorf("got key %q, issued %s, expiry %s and %s", got.KeyID, got.IssuedAt, got.Expires, token.Expires)
	}
}

func testTokenRefusals(t *testing.T) {
	c, ns := admin(t), namespace(t)
	for name, tc := range map[string]struct {
		client  *kube.Client
		account string
		expiry  time.Duration
		reason  kube.Reason
	}{
		"no such ServiceAccount":      {c, "nobody", tenMinutes, kube.NotFound},
		"less than ten minutes":       {c, "default", time.Minute, kube.Invalid},
		"a user who may not have one": {as(t, "stranger"), "default", tenMinutes, kube.Forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tc.client.Token(t.Context(), ns, tc.account, provider, tc.expiry)
			wantReason(t, err, tc.reason)
		})
	}
}

func testTokenShowsItselfToNobody(t *testing.T) {
	token, err := admin(t).Token(t.Context(), namespace(t), "default", provider, tenMinutes)
	if err != nil {
		t.Fatal(err)
	}
	secret := token.Reveal()
	if strings.Count(secret, ".") != 2 {
		t.Fatalf("Reveal gives %d bytes that are no JWT", len(secret))
	}
	var shown strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		fmt.Fprintf(&shown, verb+"\n", token)
		fmt.Fprintf(&shown, verb+"\n", &token)
		fmt.Fprintf(&shown, verb+"\n", struct{ T kube.Token }{token})
		fmt.Fprintf(&shown, verb+"\n", []kube.Token{token})
	}
	encode(t, &shown, json.Marshal, token)
	encode(t, &shown, yaml.Marshal, token)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("token", "token", token, "in", map[string]any{"t": token})
	slog.New(slog.NewJSONHandler(&log, nil)).Info("token", "token", token, "in", map[string]any{"t": token})
	shown.Write(log.Bytes())

	for _, part := range strings.Split(secret, ".") {
		for _, form := range []string{part, fmt.Sprintf("%x", part), fmt.Sprintf("%X", part)} {
			if strings.Contains(shown.String(), form) {
				t.Fatal("a part of the token is shown")
			}
		}
	}
	if !strings.Contains(shown.String(), "[token]") {
		t.Errorf("got %s", shown.String())
	}
}

func encode(t *testing.T, to *strings.Builder, marshal func(any) ([]byte, error), token kube.Token) {
	t.Helper()
	raw, err := marshal(map[string]any{"token": token, "list": []kube.Token{token}, "pointer": &token})
	if err != nil {
		t.Fatal(err)
	}
	to.Write(raw)
}
