package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/wifctl/wifctl/internal/gcp/emulator"
	"github.com/wifctl/wifctl/internal/trust"
)

// options reads the flags.
func (f emulatorFlags) options(log io.Writer) (emulator.Options, error) {
	opts := emulator.Options{StateFile: f.state, Buckets: f.buckets, OperatorRoles: f.roles, Latency: f.latency, Skew: f.skew}
	for _, p := range f.projects {
		id, number, _ := strings.Cut(p, "=")
		opts.Projects = append(opts.Projects, emulator.Project{ID: id, Number: number})
	}
	switch f.lag {
	case "none":
	case "typical":
		opts.Lag = emulator.LagTypical
	default:
		return opts, &trust.InputError{Flag: "--lag", Value: f.lag, Rule: "must be none or typical"}
	}
	switch f.log {
	case "requests":
		opts.Log = func(r emulator.Request) { fmt.Fprintf(log, "%3d %s\n", r.Status, or(r.Method, r.Verb+" "+r.Path)) }
	case "all":
		opts.Log = func(r emulator.Request) {
			fmt.Fprintf(log, "%3d %s %s %s %s\n", r.Status, or(r.Method, "-"), or(r.Principal, "-"), r.Verb, r.Path+queryOf(r))
		}
	default:
		return opts, &trust.InputError{Flag: "--log", Value: f.log, Rule: "must be requests or all"}
	}
	if f.issuerCA == "" {
		return opts, nil
	}
	client, err := trusting(f.issuerCA)
	opts.IssuerClient = client
	return opts, err
}

func queryOf(r emulator.Request) string {
	if len(r.Query) == 0 {
		return ""
	}
	return "?" + r.Query.Encode()
}

// trusting is a client that believes the authorities of a PEM file too.
func trusting(file string) (*http.Client, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, &trust.InputError{Flag: "--issuer-ca", Value: file, Rule: err.Error()}
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, &trust.InputError{Flag: "--issuer-ca", Value: file, Rule: "holds no certificate in PEM form"}
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}, nil
}
