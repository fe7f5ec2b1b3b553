package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/google/uuid"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
)

// startTimeout is generous: ready after some 4 s on an idle machine.
const startTimeout = 2 * time.Minute

type options struct {
	dir              string
	port             int
	issuerPort       int
	clusterID        string
	signingKey       string
	apiServer        []string
	controllers      bool
	terminationDelay time.Duration
	exitWithParent   bool
	remove           bool
	verbose          bool
}

// world is one running testbed.
type world struct {
	options
	issuer *issuer
	tokens tokens
	server *rest.Config // the API server, as its administrator
}

// up starts every part, says so on stdout, and serves until ctx ends.
func up(ctx context.Context, o options, stdout io.Writer) error {
	if err := o.prepare(); err != nil {
		return err
	}
	if o.remove {
		defer os.RemoveAll(o.dir)
	}
	if !o.verbose {
		klog.SetLogger(klog.Logger{}) // the zero Logger drops everything
	}
	if o.exitWithParent {
		ctx = untilParentEnds(ctx)
	}
	etcd, err := startEtcd(o.path("etcd"), o.verbose)
	if err != nil {
		return fmt.Errorf("start etcd: %w", err)
	}
	defer etcd.stop()

	w, stopped, err := start(ctx, o, etcd.url)
	if err != nil {
		return err
	}
	defer w.issuer.stop()
	if err := w.untilReady(ctx, stopped); err != nil {
		return err
	}
	if err := w.announce(stdout); err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-stopped:
		return fmt.Errorf("kube-apiserver stopped: %w", err)
	}
}

// prepare makes the folder and fills in what wasn't said.
func (o *options) prepare() (err error) {
	if o.dir, err = filepath.Abs(o.dir); err != nil {
		return err
	}
	if o.clusterID == "" {
		o.clusterID = uuid.NewString()
	}
	if _, err := uuid.Parse(o.clusterID); err != nil {
		return fmt.Errorf("--cluster-id %q is not a UUID", o.clusterID)
	}
	for _, d := range []string{o.dir, o.path("pki"), o.path("issuer")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return err
		}
	}
	return nil
}

func (o *options) path(elem ...string) string {
	return filepath.Join(append([]string{o.dir}, elem...)...)
}

// start brings up the issuer and the API server. The issuer comes first, because
// its URL is a flag of the API server; it has nothing to publish yet.
func start(ctx context.Context, o options, etcdURL string) (*world, <-chan error, error) {
	iss, err := startIssuer(o)
	if err != nil {
		return nil, nil, fmt.Errorf("start issuer: %w", err)
	}
	toks, err := writeTokens(o.path("pki", "tokens.csv"))
	if err != nil {
		return nil, nil, fmt.Errorf("write tokens: %w", err)
	}
	l, err := listen(o.port)
	if err != nil {
		return nil, nil, err
	}
	w := &world{options: o, issuer: iss, tokens: toks}
	stopped, err := w.startAPIServer(ctx, l, etcdURL)
	if err != nil {
		return nil, nil, fmt.Errorf("start kube-apiserver: %w", err)
	}
	w.server = w.restConfig(l.Addr().String(), toks.admin)
	return w, stopped, nil
}

// untilReady waits for the API server, starts the controllers, and publishes
// what the API server says about its tokens on the issuer.
func (w *world) untilReady(ctx context.Context, stopped <-chan error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, errors.New("not ready in time"))
	defer cancel()
	client, err := kubernetes.NewForConfig(w.server)
	if err != nil {
		return err
	}
	if err := poll(ctx, stopped, func() error {
		return client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
	}); err != nil {
		return fmt.Errorf("wait for kube-apiserver: %w", err)
	}
	if w.controllers {
		if err := w.runControllers(context.WithoutCancel(ctx), client, stopped); err != nil {
			return fmt.Errorf("run controllers: %w", err)
		}
	}
	return w.issuer.publish(ctx, client.Discovery().RESTClient())
}

// poll asks until there is no error, the API server stops, or ctx ends.
func poll(ctx context.Context, stopped <-chan error, ask func() error) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		if last = ask(); last == nil {
			return nil
		}
		select {
		case <-tick.C:
		case err := <-stopped:
			return fmt.Errorf("it stopped: %w", err)
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", context.Cause(ctx), last)
		}
	}
}

func listen(port int) (net.Listener, error) {
	return net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}
