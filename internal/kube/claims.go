package kube

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Claims are what a ServiceAccount token says about itself. They are read, not
// verified: good for comparing with what was asked for, not for trusting.
// (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#schema-for-service-account-private-claims)
type Claims struct {
	Algorithm string // "alg" of the header: "RS256"
	KeyID     string // "kid" of the header

	Issuer    string
	Subject   string // "system:serviceaccount:foo:bar"
	Audience  []string
	IssuedAt  time.Time
	NotBefore time.Time
	Expires   time.Time

	Namespace         string
	ServiceAccount    string
	ServiceAccountUID string
}

type header struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
}

type payload struct {
	Issuer     string   `json:"iss"`
	Subject    string   `json:"sub"`
	Audience   audience `json:"aud"`
	IssuedAt   seconds  `json:"iat"`
	NotBefore  seconds  `json:"nbf"`
	Expires    seconds  `json:"exp"`
	Kubernetes struct {
		Namespace      string `json:"namespace"`
		ServiceAccount struct {
			Name string `json:"name"`
			UID  string `json:"uid"`
		} `json:"serviceaccount"`
	} `json:"kubernetes.io"`
}

// Claims parses the token locally. Its errors never quote the token.
func (t Token) Claims() (Claims, error) {
	parts := strings.Split(t.raw, ".")
	if len(parts) != 3 {
		return Claims{}, errors.New("not a token: a token has three parts, with dots between them")
	}
	var h header
	if err := decodePart(parts[0], &h); err != nil {
		return Claims{}, fmt.Errorf("parse token header: %w", err)
	}
	var p payload
	if err := decodePart(parts[1], &p); err != nil {
		return Claims{}, fmt.Errorf("parse token claims: %w", err)
	}
	return Claims{
		Algorithm:         h.Algorithm,
		KeyID:             h.KeyID,
		Issuer:            p.Issuer,
		Subject:           p.Subject,
		Audience:          p.Audience,
		IssuedAt:          p.IssuedAt.time(),
		NotBefore:         p.NotBefore.time(),
		Expires:           p.Expires.time(),
		Namespace:         p.Kubernetes.Namespace,
		ServiceAccount:    p.Kubernetes.ServiceAccount.Name,
		ServiceAccountUID: p.Kubernetes.ServiceAccount.UID,
	}, nil
}

// Payload gives all claims of the token as they are, for judging a condition on them.
func (t Token) Payload() (map[string]any, error) {
	parts := strings.Split(t.raw, ".")
	if len(parts) != 3 {
		return nil, errors.New("not a token: a token has three parts, with dots between them")
	}
	var claims map[string]any
	if err := decodePart(parts[1], &claims); err != nil {
		return nil, fmt.Errorf("parse token claims: %w", err)
	}
	return claims, nil
}

// decodePart reads one part of a JWT. The errors of the decoders are dropped,
// because they can quote what they were given.
func decodePart(part string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return errors.New("not base64url")
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return errors.New("not the JSON of a ServiceAccount token")
	}
	return nil
}

// audience is a string or a list of them
// (https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3).
type audience []string

func (a *audience) UnmarshalJSON(raw []byte) error {
	var one string
	if err := json.Unmarshal(raw, &one); err == nil {
		*a = audience{one}
		return nil
	}
	var many []string
	err := json.Unmarshal(raw, &many)
	*a = many
	return err
}

// seconds is a NumericDate, which may have a fraction
// (https://www.rfc-editor.org/rfc/rfc7519#section-2).
type seconds float64

// time is the zero time where the claim is missing.
func (s seconds) time() time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}
