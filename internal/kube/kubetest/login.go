package kubetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"path/filepath"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// WriteLogin writes a kubeconfig with which a user logs in by a client certificate that is
// good for a while from now; a while that is negative is over already. The user has no
// rights of its own.
func (c *Cluster) WriteLogin(path, user string, good time.Duration) error {
	certificate, key, err := c.clientCertificate(user, good)
	if err != nil {
		return fmt.Errorf("make a client certificate for %s: %w", user, err)
	}
	config, err := clientcmd.LoadFromFile(c.Kubeconfig)
	if err != nil {
		return err
	}
	const login = "by-certificate" // a kubeconfig's name for a login is seldom the user's
	config.AuthInfos = map[string]*api.AuthInfo{login: {ClientCertificateData: certificate, ClientKeyData: key}}
	config.Contexts[config.CurrentContext].AuthInfo = login
	return clientcmd.WriteToFile(*config, path)
}

// clientCertificate signs what the API server takes for a user
// (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates).
func (c *Cluster) clientCertificate(user string, good time.Duration) (certificate, key []byte, err error) {
	pki := filepath.Join(c.Dir, "pki")
	authority, err := tls.LoadX509KeyPair(filepath.Join(pki, "client-ca.crt"), filepath.Join(pki, "client-ca.key"))
	if err != nil {
		return nil, nil, err
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: user},
		NotBefore:    now.Add(good).Add(-24 * time.Hour),
		NotAfter:     now.Add(good),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, authority.Leaf, private.Public(), authority.PrivateKey)
	if err != nil {
		return nil, nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	return encode("CERTIFICATE", signed), encode("PRIVATE KEY", secret), nil
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
