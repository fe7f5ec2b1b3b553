package main

import (
	"context"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/client-go/rest"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	apioptions "k8s.io/kubernetes/cmd/kube-apiserver/app/options"

	_ "k8s.io/component-base/metrics/prometheus/clientgo" // as upstream's main does
	_ "k8s.io/component-base/metrics/prometheus/version"
)

// auditPolicy records every request of a user, and leaves out what the cluster
// asks of itself. A write is recorded when it arrives (RequestReceived), before
// it is answered: a test that has the answer can rely on the record.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: None
  users: ["system:apiserver", "` + controllersUser + `"]
- level: None
  nonResourceURLs: ["/readyz*", "/livez*", "/healthz*"]
- level: Metadata
`

// flags are the API server's flags
// (https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/).
func (w *world) flags(etcdURL string) []string {
	flags := []string{
		"--etcd-servers=" + etcdURL,
		"--bind-address=127.0.0.1",
		"--cert-dir=" + w.path("pki"),
		// Loopback is refused as an address for other nodes, unless nobody is told.
		"--advertise-address=127.0.0.1",
		"--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=10.0.0.0/24",
		"--token-auth-file=" + w.path("pki", "tokens.csv"),
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--service-account-issuer=" + w.issuer.url,
		"--service-account-jwks-uri=" + w.issuer.url + jwksPath,
		"--service-account-key-file=" + w.path("pki", "sa.key"),
		"--service-account-signing-key-file=" + w.path("pki", "sa.key"),
		"--audit-log-path=" + w.path("audit.log"),
		"--audit-policy-file=" + w.path("pki", "audit-policy.yaml"),
		"--client-ca-file=" + w.path("pki", "client-ca.crt"),
		"--profiling=false",
	}
	said := map[string]bool{}
	for _, f := range w.apiServer {
		said[nameOf(f)] = true
	}
	flags = slices.DeleteFunc(flags, func(f string) bool { return said[nameOf(f)] })
	return append(flags, w.apiServer...)
}

// nameOf is the name of a flag, without its value.
func nameOf(flag string) string {
	name, _, _ := strings.Cut(flag, "=")
	return name
}

// startAPIServer runs kube-apiserver on l. The channel says why it stopped.
func (w *world) startAPIServer(ctx context.Context, l net.Listener, etcdURL string) (<-chan error, error) {
	if err := writeSigningKey(w.path("pki", "sa.key"), w.signingKey); err != nil {
		return nil, err
	}
	if _, err := selfSigned(w.path("pki", "client-ca.crt"), w.path("pki", "client-ca.key")); err != nil {
		return nil, err
	}
	if err := os.WriteFile(w.path("pki", "audit-policy.yaml"), []byte(auditPolicy), 0o600); err != nil {
		return nil, err
	}
	o := apioptions.NewServerRunOptions()
	fs := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	for _, f := range o.Flags().FlagSets {
		fs.AddFlagSet(f)
	}
	if err := fs.Parse(w.flags(etcdURL)); err != nil {
		return nil, err
	}
	o.SecureServing.Listener = l
	o.SecureServing.BindPort = l.Addr().(*net.TCPAddr).Port

	rest.SetDefaultWarningHandler(rest.NoWarnings{})
	if err := o.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return nil, err
	}
	completed, err := o.Complete(ctx)
	if err != nil {
		return nil, err
	}
	if errs := completed.Validate(); len(errs) > 0 {
		return nil, utilerrors.NewAggregate(errs)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- apiserver.Run(context.WithoutCancel(ctx), completed) }()
	return stopped, nil
}
