package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"

	"github.com/wifctl/wifctl/internal/gcp/emulator"
	"github.com/wifctl/wifctl/internal/kube"
	kubeemulator "github.com/wifctl/wifctl/internal/kube/emulator"
)

const (
	rehearsalProject = "demo-project"
	rehearsalNumber  = "123456789012"
	rehearsalBucket  = "demo-bucket"
	rehearsalContext = "rehearsal"
)

// rehearsal is where a rehearsal takes place: an emulated Google, and a cluster that is
// emulated too or somebody's.
type rehearsal struct {
	f        rehearseFlags
	s        streams // of the one who watches
	inner    streams // of the commands: the same, but that they see nothing of the real world
	prologue string

	dir      string
	endpoint string
	token    string
	google   *emulator.Server
	cluster  *kubeemulator.Cluster // nil: a real one
	real     *kube.Client          // nil: an emulated one
	wrote    atomic.Int64          // requests to a real cluster that change something
	made     bool                  // setup has begun
	struck   bool                  // teardown has gone well

	printed string   // what the last command printed
	said    bool     // how gcloud is done without
	closers []func() // in the order of opening
}

// open sets up everything, and asks nobody to change anything.
func (f rehearseFlags) open(ctx context.Context, s streams) (_ *rehearsal, err error) {
	st := &rehearsal{f: f, s: s, token: "emulated-operator-" + rand.Text()}
	defer func() {
		if err != nil {
			st.close()
		}
	}()
	if st.dir, err = emulatorFiles(st.token); err != nil {
		return nil, err
	}
	st.closers = append(st.closers, func() { _ = os.RemoveAll(st.dir) })
	st.inner = streams{
		in: s.in, out: s.out, err: s.out, outTerm: s.outTerm, errTerm: s.outTerm, outSize: s.outSize, errSize: s.outSize,
		env: st.env, asked: st.heard,
	}
	if f.context != "" {
		err = st.useCluster(ctx)
	} else {
		err = st.startCluster()
	}
	if err != nil {
		return nil, err
	}
	if err := st.startGoogle(ctx); err != nil {
		return nil, err
	}
	return st, nil
}

func (st *rehearsal) close() {
	for _, c := range slices.Backward(st.closers) {
		c()
	}
}

// env lets the commands see how to print, and nothing of whoever rehearses: no project, no
// login and no CoreWeave of theirs.
func (st *rehearsal) env(name string) string {
	switch name {
	case "NO_COLOR", "TERM", "CI":
		return st.s.env(name)
	case "WIFCTL_GCP_ENDPOINT":
		return st.endpoint
	case "WIFCTL_ACCESS_TOKEN_FILE":
		return filepath.Join(st.dir, "access-token")
	}
	return ""
}

// startCluster starts an emulated Kubernetes, and has its certificate trusted where its
// issuer is read: by the commands, and by the emulated Google.
func (st *rehearsal) startCluster() (err error) {
	if st.cluster, err = kubeemulator.Start(kubeemulator.Options{}); err != nil {
		return fmt.Errorf("start the emulated Kubernetes: %w", err)
	}
	st.closers = append(st.closers, func() { _ = st.cluster.Close() })
	raw, err := st.cluster.Kubeconfig(rehearsalContext, "admin")
	if err != nil {
		return err
	}
	st.inner.kubeconfig = filepath.Join(st.dir, "kubeconfig")
	for file, content := range map[string][]byte{st.inner.kubeconfig: raw, filepath.Join(st.dir, "issuer-ca.crt"): st.cluster.CA} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			return fmt.Errorf("write the files of the rehearsal: %w", err)
		}
	}
	st.inner.issuer = trustingTransport(st.cluster.Roots())
	st.prologue = `A rehearsal: the whole story, on stand-ins. Google Cloud and Kubernetes are
emulated in this process: nothing outside it is asked, and nothing stays of it.

The aim: pods of ServiceAccount foo/bar read gs://demo-bucket without a key.
`
	return nil
}

// startGoogle starts an emulated Google, which reads the issuer as the commands do.
func (st *rehearsal) startGoogle(ctx context.Context) (err error) {
	opts := emulator.Options{
		Projects: []emulator.Project{{ID: rehearsalProject, Number: rehearsalNumber}}, Buckets: []string{rehearsalBucket},
		OperatorToken: st.token,
	}
	if st.inner.issuer != nil {
		opts.IssuerClient = &http.Client{Transport: st.inner.issuer}
	}
	if st.google, err = emulator.New(opts); err != nil {
		return fmt.Errorf("start the emulated Google: %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("start the emulated Google: %w", err)
	}
	st.endpoint = "http://" + l.Addr().String()
	// It outlives an interrupt: what was made in a real cluster is taken away with its help.
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = serve(serving, l, st.google) // the commands tell when nobody answers
	}()
	st.closers = append(st.closers, func() { stop(); <-ended })
	return nil
}

// heard counts what the commands ask of the cluster: a real one keeps no list for us.
func (st *rehearsal) heard(c kube.Call) {
	if c.Write {
		st.wrote.Add(1)
	}
}

// writes counts what was asked of both sides that changes something.
func (st *rehearsal) writes() (n int) {
	for _, r := range st.google.Requests() {
		if r.Write {
			n++
		}
	}
	if st.cluster == nil {
		return n + int(st.wrote.Load())
	}
	for _, r := range st.cluster.Requests() {
		if r.Write {
			n++
		}
	}
	return n
}

// remains reports what is left on the emulated sides when all should be gone. Google keeps
// a deleted pool for 30 days.
func (st *rehearsal) remains() error {
	state := st.google.State()
	for _, a := range state.ServiceAccounts {
		if !a.Deleted {
			return fmt.Errorf("%s is still there", a.Email)
		}
	}
	if st.cluster != nil && st.cluster.Holds("namespaces", "", st.f.namespace) {
		return errors.New("the namespace is still there")
	}
	return nil
}
