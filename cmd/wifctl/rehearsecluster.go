package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/trust"
)

const (
	// publicWithin bounds the look whether the cluster's issuer can be read by anybody.
	publicWithin = 4 * time.Second
	// strikeWithin bounds taking away what was made in a real cluster.
	strikeWithin = time.Minute
)

// kube are kubectl's flags for the cluster.
func (f *rehearseFlags) kube(s streams) *genericclioptions.ConfigFlags {
	flags := kubeFlags(s)
	flags.Context, flags.KubeConfig = &f.context, &f.kubeconfig
	return flags
}

func (f *rehearseFlags) completeFlags(cmd *cobra.Command, s streams) {
	l := looker{o: &options{kube: f.kube(s), formats: []string{""}}, s: s}
	complete(cmd, map[string]cobra.CompletionFunc{"context": l.live(l.contexts)})
	completeFiles(cmd, "kubeconfig")
}

// useCluster makes sure that the rehearsal touches nothing in a real cluster, and finds out
// where the keys of its tokens come from.
func (st *rehearsal) useCluster(ctx context.Context) error {
	k, err := kube.New(st.f.kube(st.inner), kube.Options{UserAgent: userAgent()})
	if err != nil {
		return err
	}
	_, found, err := k.Namespace(ctx, st.f.namespace)
	if err != nil {
		return err
	}
	if found {
		return &trust.InputError{Flag: "--namespace", Value: st.f.namespace,
			Rule: fmt.Sprintf("exists in this cluster, and a rehearsal touches nothing that exists: name another. "+
				"If a rehearsal that was killed has left it: kubectl --context=%s delete namespace %s", st.f.context, st.f.namespace)}
	}
	st.real = k
	note, err := st.readIssuer(ctx)
	if err != nil {
		return err
	}
	st.prologue = fmt.Sprintf(`A rehearsal on your cluster, with an emulated Google.

cluster  %s  %s
makes    namespace %s, ServiceAccount bar and a ConfigMap in it
removes  all of that at the end, also when it is interrupted
%s`, k.Target().Context, k.Target().Server, st.f.namespace, note)
	return nil
}

// readIssuer finds out whether the issuer's documents can be read as Google would read
// them. Where they can't, as with kind, the emulated Google is handed the cluster's own
// copies: the rest of the story can be rehearsed, and it is said what can't.
func (st *rehearsal) readIssuer(ctx context.Context) (note string, err error) {
	d, err := st.real.Discovery(ctx)
	if err != nil {
		return "", err
	}
	_, err = cks.Discover(ctx, cks.DiscoverOptions{UserAgent: userAgent(), Timeout: publicWithin}, d.Issuer)
	if err == nil {
		return "", nil
	}
	keys, kerr := st.real.PublishedKeys(ctx)
	if kerr != nil {
		return "", kerr
	}
	st.inner.issuer = copies{
		strings.TrimSuffix(d.Issuer, "/") + "/.well-known/openid-configuration": d.Raw,
		d.JWKSURI: keys,
	}
	return fmt.Sprintf(`
The cluster's issuer, %s,
can't be read from here without credentials:
  %v
So the emulated Google is given the keys that the cluster itself shows. The
real Google can't be given them: there, setup stops at cks-issuer with WIF113.
`, d.Issuer, err), nil
}

// copies answers for an issuer that can't be reached, by URL.
type copies map[string][]byte

func (c copies) RoundTrip(r *http.Request) (*http.Response, error) {
	body, ok := c[r.URL.String()]
	if !ok {
		return nil, fmt.Errorf("fetch %s: not a document of the rehearsed issuer", r.URL)
	}
	return &http.Response{
		StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}

// strike takes away what is still there of a rehearsal in a real cluster, whatever has
// stopped it. What is emulated goes with the process.
func (st *rehearsal) strike(ctx context.Context) error {
	if st.real == nil || !st.made || st.struck {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), strikeWithin)
	defer cancel()
	fmt.Fprintf(st.s.out, "\nTaking away what the rehearsal made in %s:\n\n", st.f.context)
	if st.wifctl(ctx, st.command("teardown", "--yes")) == exitOK {
		return nil
	}
	_, found, err := st.real.Namespace(ctx, st.f.namespace)
	if err == nil && !found {
		return nil
	}
	return errors.Join(err, fmt.Errorf("namespace %s may be left in the cluster: kubectl --context=%s delete namespace %s", st.f.namespace, st.f.context, st.f.namespace))
}
