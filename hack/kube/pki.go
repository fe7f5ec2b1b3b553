package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"math/big"
	"net"
	"os"
	"time"

	"k8s.io/client-go/util/keyutil"
)

const (
	keyRSA  = "rsa"
	keyP256 = "p256"
)

// writeSigningKey makes the key that signs ServiceAccount tokens, unless an
// earlier run left one.
func writeSigningKey(path, kind string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var key crypto.Signer
	var err error
	switch kind {
	case keyRSA:
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	case keyP256:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		return fmt.Errorf("--signing-key %q is neither %s nor %s", kind, keyRSA, keyP256)
	}
	if err != nil {
		return err
	}
	return writeKey(path, key)
}

// selfSigned is a certificate, such as that of the issuer, which is its own authority:
// who trusts certPath trusts it. It is kept from run to run.
func selfSigned(certPath, keyPath string) (*tls.Config, error) {
	if _, err := os.Stat(certPath); errors.Is(err, fs.ErrNotExist) {
		if err := makeSelfSigned(certPath, keyPath); err != nil {
			return nil, err
		}
	}
	pair, err := tls.LoadX509KeyPair(certPath, keyPath)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

func makeSelfSigned(certPath, keyPath string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(now.UnixNano()),
		Subject:               pkix.Name{CommonName: "kube-testbed issuer"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.AddDate(1, 0, 0),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	if err := writeKey(keyPath, key); err != nil {
		return err
	}
	return os.WriteFile(certPath, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644)
}

// writeKey writes a key in the older form of its kind: of EC keys, the API server
// reads no other.
func writeKey(path string, key crypto.Signer) error {
	raw, err := keyutil.MarshalPrivateKeyToPEM(key)
	if err != nil {
		return err
	}
	return keyutil.WriteKey(path, raw)
}

// discard is a logger for handshakes that clients break off.
func discard() *log.Logger { return log.New(io.Discard, "", 0) }
