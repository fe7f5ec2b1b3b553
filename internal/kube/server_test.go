package kube_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/klog/v2"

	"github.com/wifctl/wifctl/internal/kube"
)

func testDiscoveryIsTheClustersOwn(t *testing.T) {
	got, err := admin(t).Discovery(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cluster := need(t)
	if got.Issuer != cluster.Issuer || got.JWKSURI != cluster.Issuer+"/openid/v1/jwks" {
		t.Errorf("got issuer %q and keys %q, want those of %q", got.Issuer, got.JWKSURI, cluster.Issuer)
	}
	if !json.Valid(got.Raw) {
		t.Errorf("the raw document is not JSON: %q", got.Raw)
	}
}

func testDiscoveryNeedsPermission(t *testing.T) {
	c := newClient(t, flags(need(t).NobodyKubeconfig))
	_, err := c.Discovery(t.Context())
	wantReason(t, err, kube.Forbidden)
	if kube.LoginRefused(err) {
		t.Errorf("a missing permission passes for a refused login: %v", err)
	}
}

func testIdentity(t *testing.T) {
	got, err := newClient(t, flags(need(t).NobodyKubeconfig)).Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := kube.Identity{User: "nobody", Groups: []string{"system:authenticated"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func testServersThatDoNotAnswerAsKubernetes(t *testing.T) {
	answer := func(status int, body string) string {
		return server(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		kubeconfig   string
		reason       kube.Reason
		loginRefused bool
	}{
		"nothing listens": {
			kubeconfig: kubeconfig(t, &api.Cluster{Server: "https://" + closed.Addr().String()}, &api.AuthInfo{}),
			reason:     kube.Unreachable,
		},
		"the host has no address": {
			kubeconfig: kubeconfig(t, &api.Cluster{Server: "https://cluster.invalid"}, &api.AuthInfo{}),
			reason:     kube.Unreachable,
		},
		"the certificate is not trusted": {
			kubeconfig: untrusting(t),
			reason:     kube.Untrusted,
		},
		"a web server that knows no such page": {
			kubeconfig: answer(http.StatusNotFound, "<h1>not here</h1>"),
			reason:     kube.NotKubernetes,
		},
		"a web server that says yes to everything": {
			kubeconfig: answer(http.StatusOK, "<h1>welcome</h1>"),
			reason:     kube.NotKubernetes,
		},
		"a proxy in front refuses the login": {
			kubeconfig:   answer(http.StatusForbidden, "token expired"),
			reason:       kube.Forbidden,
			loginRefused: true,
		},
		"the API server does not know the token": {
			kubeconfig:   withToken(t, "of nobody we know"),
			reason:       kube.Unauthorized,
			loginRefused: true,
		},
		"the server takes no such client certificate": {
			kubeconfig:   certificateWanted(t),
			reason:       kube.Unauthorized,
			loginRefused: true,
		},
		"the login helper of the kubeconfig fails": {
			kubeconfig:   withHelper(t, "false"),
			reason:       kube.LoginFailed,
			loginRefused: true,
		},
		"a proxy in front cannot reach the API server": {
			kubeconfig: answer(http.StatusBadGateway, "bad gateway"),
			reason:     kube.Unavailable,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, flags(tc.kubeconfig))
			_, found, err := c.Namespace(t.Context(), "foo")
			if found {
				t.Error("it found a namespace")
			}
			wantReason(t, err, tc.reason)
			if got := kube.LoginRefused(err); got != tc.loginRefused {
				t.Errorf("got login refused %t of %v, want %t", got, err, tc.loginRefused)
			}
			if err != nil && strings.Contains(err.Error(), "secret-token") {
				t.Errorf("the error quotes a token: %v", err)
			}
		})
	}
}

// certificateWanted is a kubeconfig of a server that ends the handshake without a client
// certificate that it takes.
func certificateWanted(t *testing.T) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return kubeconfig(t, &api.Cluster{Server: s.URL, InsecureSkipTLSVerify: true}, &api.AuthInfo{})
}

func TestAForeign404IsNotAnAbsentObject(t *testing.T) {
	c := newClient(t, flags(server(t, http.NotFound)))
	_, _, err := c.Namespace(t.Context(), "foo")
	wantReason(t, err, kube.NotKubernetes)
	if e, ok := errors.AsType[*kube.Error](err); !ok || !e.Foreign || e.Status != http.StatusNotFound {
		t.Errorf("got %+v", err)
	}
}

func TestLookingStopsWithItsContext(t *testing.T) {
	hangs := server(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	c := newClient(t, flags(hangs))
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	expired, cancel := context.WithTimeout(t.Context(), 1)
	defer cancel()
	for name, tc := range map[string]struct {
		ctx    context.Context
		reason kube.Reason
		is     error
	}{
		"canceled": {canceled, kube.Canceled, context.Canceled},
		"expired":  {expired, kube.Timeout, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := c.Namespace(tc.ctx, "foo")
			wantReason(t, err, tc.reason)
			if !errors.Is(err, tc.is) {
				t.Errorf("%v is no %v", err, tc.is)
			}
			_, err = c.NamespaceContents(tc.ctx, "foo")
			wantReason(t, err, tc.reason)
		})
	}
}

func testCallsAreReported(t *testing.T) {
	var mu sync.Mutex
	var calls []kube.Call
	c, err := kube.New(flags(need(t).Kubeconfig), kube.Options{Observe: func(call kube.Call) {
		mu.Lock()
		defer mu.Unlock()
		calls = append(calls, call)
	}})
	if err != nil {
		t.Fatal(err)
	}
	ns := namespace(t)
	for _, step := range []func() error{
		func() error { _, _, err := c.Namespace(t.Context(), ns); return err },
		func() error {
			_, err := c.Access(t.Context(), []kube.Access{{Verb: "get", Resource: "pods"}})
			return err
		},
		func() error { _, err := c.Identity(t.Context()); return err },
		func() error { _, err := c.CreateServiceAccount(t.Context(), ns, "bar", nil); return err },
		func() error { _, err := c.Token(t.Context(), ns, "bar", "aud", tenMinutes); return err },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	want := []kube.Call{
		{Verb: "GET", Path: "/api/v1/namespaces/" + ns, Status: 200},
		{Verb: "POST", Path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Status: 201},
		{Verb: "POST", Path: "/apis/authentication.k8s.io/v1/selfsubjectreviews", Status: 201},
		{Verb: "POST", Path: "/api/v1/namespaces/" + ns + "/serviceaccounts", Status: 201, Write: true},
		{Verb: "POST", Path: "/api/v1/namespaces/" + ns + "/serviceaccounts/bar/token", Status: 201},
	}
	for i := range calls {
		if calls[i].Duration <= 0 {
			t.Errorf("%s took no time", calls[i].Path)
		}
		calls[i].Duration = 0
	}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Error(diff)
	}
}

func TestNothingIsPrinted(t *testing.T) {
	config := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Warning", `299 - "this version is deprecated"`)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"foo"}}`)
	})
	printed := captureStderr(t)
	if _, found, err := newClient(t, flags(config)).Namespace(t.Context(), "foo"); err != nil || !found {
		t.Fatal(found, err)
	}
	klog.Error("something in client-go complains")
	klog.Flush()
	if got := printed(); got != "" {
		t.Errorf("got %q on stderr", got)
	}
}

// captureStderr sends what is written to os.Stderr to a file until the returned
// function reads it.
func captureStderr(t *testing.T) (printed func() string) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stderr
	os.Stderr = f
	t.Cleanup(func() { os.Stderr = before; _ = f.Close() })
	return func() string {
		os.Stderr = before
		raw, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
}

// untrusting is the real API server for somebody who does not know its authority.
func untrusting(t *testing.T) string {
	t.Helper()
	return kubeconfig(t, &api.Cluster{Server: admin(t).Target().Server}, &api.AuthInfo{Token: "secret-token"})
}

// withToken is the real API server with another token.
func withToken(t *testing.T, token string) string {
	t.Helper()
	return kubeconfig(t, &api.Cluster{Server: admin(t).Target().Server, InsecureSkipTLSVerify: true}, &api.AuthInfo{Token: token})
}

// withHelper is the real API server with an exec plugin for a login.
func withHelper(t *testing.T, command string) string {
	t.Helper()
	return kubeconfig(t, &api.Cluster{Server: admin(t).Target().Server, InsecureSkipTLSVerify: true}, &api.AuthInfo{
		Exec: &api.ExecConfig{
			APIVersion: "client.authentication.k8s.io/v1", Command: command, InteractiveMode: api.NeverExecInteractiveMode,
		},
	})
}
