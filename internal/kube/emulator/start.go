package emulator

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// Cluster is a server that listens on https://127.0.0.1, with a certificate made on
// the spot.
type Cluster struct {
	*Server

	URL    string // of the API server
	Issuer string // URL/id/<a UUID>, as CoreWeave's are
	CA     []byte // PEM: the certificate that makes both trusted

	server *http.Server
}

// Start makes a cluster on a free port of the loopback address. Issuer and CA of the
// options are its own.
func Start(o Options) (*Cluster, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &Cluster{URL: "https://" + l.Addr().String()}
	c.Issuer = c.URL + "/id/" + string(uuid.NewUUID())
	certificate, err := c.certify(o.Now)
	if err != nil {
		_ = l.Close()
		return nil, err
	}
	o.Issuer, o.CA = c.Issuer, string(c.CA)
	if c.Server, err = New(o); err != nil {
		_ = l.Close()
		return nil, err
	}
	c.server = &http.Server{
		Handler: c.Server, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
	}
	go c.server.ServeTLS(l, "", "") //nolint:errcheck // it always ends with an error: Close's
	return c, nil
}

// Close ends the cluster, and with it everything in it.
func (c *Cluster) Close() error { return c.server.Close() }

// Roots are the certificates to trust when speaking to the cluster or its issuer.
func (c *Cluster) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(c.CA)
	return pool
}

// Kubeconfig is a kubeconfig for one of the users, in a context of the given name.
func (c *Cluster) Kubeconfig(context, user string) ([]byte, error) {
	for _, u := range c.Users() {
		if u.Name != user {
			continue
		}
		config := api.NewConfig()
		config.Clusters[context] = &api.Cluster{Server: c.URL, CertificateAuthorityData: c.CA}
		config.AuthInfos[user] = &api.AuthInfo{Token: u.Token}
		config.Contexts[context] = &api.Context{Cluster: context, AuthInfo: user}
		config.CurrentContext = context
		return clientcmd.Write(*config)
	}
	return nil, fmt.Errorf("kubeconfig of %s: there is no such user", user)
}

// certify makes the cluster's certificate.
func (c *Cluster) certify(now func() time.Time) (tls.Certificate, error) {
	if now == nil {
		now = time.Now
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make a certificate: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now().UnixNano()), Subject: pkix.Name{CommonName: "wifctl-emulated-kubernetes"},
		NotBefore: now().Add(-time.Hour), NotAfter: now().Add(365 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IsCA: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make a certificate: %w", err)
	}
	c.CA = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
