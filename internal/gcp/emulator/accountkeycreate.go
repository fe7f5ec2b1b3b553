package emulator

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/url"
	"time"
)

const (
	noKeyCreation = "constraints/iam.disableServiceAccountKeyCreation"
	keyFileType   = "TYPE_GOOGLE_CREDENTIALS_FILE"
)

// createAccountKey is the only answer that has a private key in it. It makes the
// key before it takes the lock, because that takes time.
//
// not modelled: PKCS#12 files, RSA keys of 1024 bits, uploading a key, getting an access token with a key.
func (c *call) createAccountKey() (any, error) {
	var body struct {
		Type      string `json:"privateKeyType"`
		Algorithm string `json:"keyAlgorithm"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	if err := checkKeyForm(body.Type, body.Algorithm); err != nil {
		return nil, err
	}
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	a, err := c.accountOf()
	if err != nil {
		return nil, err
	}
	if _, inForce := c.s.opts.OrgPolicies[noKeyCreation]; inForce {
		const why = "Key creation is not allowed on this service account."
		return nil, orgPolicyViolated(why, noKeyCreation, a.name()+"?configvalue="+url.QueryEscape(a.email), why)
	}
	if len(a.keys) >= maxAccountKeys {
		return nil, failedPrecondition("Precondition check failed.") // seen: it says no more
	}
	return a.addKey(private, c.now)
}

func checkKeyForm(kind, algorithm string) error {
	switch kind {
	case "", "TYPE_UNSPECIFIED", keyFileType:
	case "TYPE_PKCS12_FILE":
		return notModelled("PKCS#12 files")
	default:
		return invalidArgument("Invalid value at 'private_key_type' (type.googleapis.com/google.iam.admin.v1.ServiceAccountPrivateKeyType), %q", kind)
	}
	switch algorithm {
	case "", "KEY_ALG_UNSPECIFIED", "KEY_ALG_RSA_2048":
		return nil
	case "KEY_ALG_RSA_1024":
		return notModelled("RSA keys of 1024 bits")
	}
	return invalidArgument("Invalid value at 'key_algorithm' (type.googleapis.com/google.iam.admin.v1.ServiceAccountKeyAlgorithm), %q", algorithm)
}

// addKey keeps the public half and answers with both.
func (a *serviceAccount) addKey(private *rsa.PrivateKey, now time.Time) (any, error) {
	certificate, err := certificateOf(private, a.uniqueID, now)
	if err != nil {
		return nil, err
	}
	k := &accountKey{id: keyID(private.N.Bytes()), created: now, certificate: certificate}
	file, err := a.keyFile(k.id, private)
	if err != nil {
		return nil, err
	}
	a.keys = append(a.keys, k)
	doc := a.keyDoc(k)
	doc.PrivateKeyType, doc.PrivateKeyData = keyFileType, base64.StdEncoding.EncodeToString(file)
	return doc, nil
}

// certificateOf is the form in which Google publishes keys of accounts.
func certificateOf(private *rsa.PrivateKey, name string, now time.Time) (string, error) {
	form := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: now, NotAfter: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, private.Public(), private)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), nil
}

// keyFile is a credential file of type service_account, with the addresses that
// Google writes into every one.
func (a *serviceAccount) keyFile(id string, private *rsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(struct {
		Type         string `json:"type"`
		ProjectID    string `json:"project_id"`
		PrivateKeyID string `json:"private_key_id"`
		PrivateKey   string `json:"private_key"`
		ClientEmail  string `json:"client_email"`
		ClientID     string `json:"client_id"`
		AuthURI      string `json:"auth_uri"`
		TokenURI     string `json:"token_uri"`
		CertURL      string `json:"auth_provider_x509_cert_url"`
		ClientCert   string `json:"client_x509_cert_url"`
		Universe     string `json:"universe_domain"`
	}{
		"service_account", a.project.id, id, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		a.email, a.uniqueID, "https://accounts.google.com/o/oauth2/auth", "https://oauth2.googleapis.com/token",
		"https://www.googleapis.com/oauth2/v1/certs", "https://www.googleapis.com/robot/v1/metadata/x509/" + url.QueryEscape(a.email),
		"googleapis.com",
	}, "", "  ")
}
