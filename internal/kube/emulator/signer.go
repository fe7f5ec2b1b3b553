package emulator

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"sync"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// algorithm and keyBits are those of CoreWeave's clusters, and of most.
const (
	algorithm = jose.RS256
	keyBits   = 2048
)

// signer signs tokens with a key that is made when the server is, beside what else
// there is to do: it takes some tenths of a second.
type signer struct{ key func() (*signingKey, error) }

type signingKey struct {
	private *rsa.PrivateKey
	id      string
}

func newSigner() signer {
	s := signer{key: sync.OnceValues(newSigningKey)}
	go func() { _, _ = s.key() }() // who needs it is told the error
	return s
}

func newSigningKey() (*signingKey, error) {
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("make a key to sign tokens with: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return nil, fmt.Errorf("name the key that signs tokens: %w", err)
	}
	// As upstream names its keys: pkg/serviceaccount.keyIDFromPublicKey.
	sum := sha256.Sum256(der)
	return &signingKey{private: private, id: base64.RawURLEncoding.EncodeToString(sum[:])}, nil
}

func (s signer) sign(claims any) (string, error) {
	key, err := s.key()
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key.private, KeyID: key.id}}, nil)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return jwt.Signed(signer).Claims(claims).Serialize()
}

// verify reads a token of our own.
func (s signer) verify(token string, into any) error {
	key, err := s.key()
	if err != nil {
		return err
	}
	t, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{algorithm})
	if err != nil {
		return err
	}
	return t.Claims(key.private.Public(), into)
}

// published is the key set that anybody may read.
func (s signer) published() (jose.JSONWebKeySet, error) {
	key, err := s.key()
	if err != nil {
		return jose.JSONWebKeySet{}, err
	}
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Use: "sig", Key: key.private.Public(), KeyID: key.id, Algorithm: string(algorithm)},
	}}, nil
}
