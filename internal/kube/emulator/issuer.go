package emulator

import (
	"net/http"
	"net/url"
	"strings"
)

const (
	discoveryPath = "/.well-known/openid-configuration"
	keysPath      = "/openid/v1/jwks"
)

// document is the issuer's account of itself
// (https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata).
type document struct {
	Issuer     string   `json:"issuer"`
	Keys       string   `json:"jwks_uri"`
	Responses  []string `json:"response_types_supported"`
	Subjects   []string `json:"subject_types_supported"`
	Algorithms []string `json:"id_token_signing_alg_values_supported"`
}

func (s *Server) document() document {
	return document{
		Issuer: s.opts.Issuer, Keys: strings.TrimSuffix(s.opts.Issuer, "/") + keysPath,
		Responses: []string{"id_token"}, Subjects: []string{"public"}, Algorithms: []string{string(algorithm)},
	}
}

// servePublished answers what anybody may read of the issuer, below the path of its
// URL, as CoreWeave publishes it. Where the issuer has no path, the API server itself
// answers, and only those who may.
func (c *call) servePublished() bool {
	u, err := url.Parse(c.s.opts.Issuer)
	if err != nil || strings.Trim(u.Path, "/") == "" {
		return false
	}
	path, below := strings.CutPrefix(c.r.URL.Path, strings.TrimSuffix(u.Path, "/"))
	if !below || c.r.Method != http.MethodGet {
		return false
	}
	switch path {
	case discoveryPath:
		c.send(http.StatusOK, c.s.document())
	case keysPath:
		keys, err := c.s.signer.published()
		if err != nil {
			c.fail(err)
			return true
		}
		c.send(http.StatusOK, keys)
	default:
		return false
	}
	return true
}
