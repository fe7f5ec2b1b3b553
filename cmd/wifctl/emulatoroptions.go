package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/wifctl/wifctl/internal/gcp/emulator"
	"github.com/wifctl/wifctl/internal/trust"
)

// options reads the flags.
func (f emulatorFlags) options(log io.Writer) (emulator.Options, error) {
	opts := emulator.Options{StateFile: f.state, Buckets: f.buckets, OperatorRoles: f.roles, OperatorPermissions: f.permissions, OtherRoles: f.otherRoles, Latency: f.latency, Skew: f.skew}
	for _, p := range f.projects {
		id, number, _ := strings.Cut(p, "=")
		opts.Projects = append(opts.Projects, emulator.Project{ID: id, Number: number})
	}
	if f.latency < 0 {
		return opts, &trust.InputError{Flag: "--latency", Value: f.latency.String(), Rule: "must not be negative"}
	}
	if err := f.setLag(&opts); err != nil {
		return opts, err
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

// setLag reads none, typical, or typical/N for lags N times shorter.
func (f emulatorFlags) setLag(opts *emulator.Options) error {
	name, text, divided := strings.Cut(f.lag, "/")
	n, err := strconv.Atoi(or(text, "1"))
	switch {
	case f.lag == "none":
		return nil
	case name == "typical" && err == nil && n >= 1 && divided == (text != ""):
		opts.Lag, opts.LagDivisor = emulator.LagTypical, n
		return nil
	}
	return &trust.InputError{Flag: "--lag", Value: f.lag, Rule: "must be none, typical, or typical/20 for lags 20 times shorter"}
}

func queryOf(r emulator.Request) string {
	if len(r.Query) == 0 {
		return ""
	}
	return "?" + r.Query.Encode()
}

// trusting is a client that believes the authorities of a PEM file too.
func trusting(file string) (*http.Client, error) {
	roots, err := rootsWith("--issuer-ca", file)
	if err != nil {
		return nil, err
	}
	return &http.Client{Transport: trustingTransport(roots)}, nil
}

func trustingTransport(roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true,
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}
}

// rootsWith are the system's certificate authorities and those of a PEM file, which a flag
// or a variable named.
func rootsWith(named, file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, &trust.InputError{Flag: named, Value: file, Rule: err.Error()}
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, &trust.InputError{Flag: named, Value: file, Rule: "holds no certificate in PEM form"}
	}
	return pool, nil
}
