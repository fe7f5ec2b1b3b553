package kube

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// CredentialConfig is what an external_account credential file is made of.
type CredentialConfig struct {
	// Audience is the provider with "//iam.googleapis.com/" in front.
	Audience string
	// TokenFile is where the pod finds its token.
	TokenFile string
	// Impersonate is the email of the Google service account to become. Empty:
	// the federated identity is used directly.
	Impersonate string
	// UniverseDomain is "googleapis.com" when empty.
	UniverseDomain string
	// Endpoint, when not empty, is the base URL that takes the place of both
	// Google's token service and its credentials service.
	Endpoint string
}

// credentialFile has the fields in the order in which gcloud writes them.
type credentialFile struct {
	UniverseDomain   string           `json:"universe_domain"`
	Type             string           `json:"type"`
	Audience         string           `json:"audience"`
	SubjectTokenType string           `json:"subject_token_type"`
	TokenURL         string           `json:"token_url"`
	CredentialSource credentialSource `json:"credential_source"`
	ImpersonationURL string           `json:"service_account_impersonation_url,omitempty"`
	TokenInfoURL     string           `json:"token_info_url,omitempty"`
}

type credentialSource struct {
	File string `json:"file"`
}

// CredentialFile returns the credential file for a workload, byte for byte what
// gcloud iam workload-identity-pools create-cred-config --credential-source-file
// writes: the same order, two spaces, no newline at the end
// (https://cloud.google.com/sdk/gcloud/reference/iam/workload-identity-pools/create-cred-config,
// https://google.aip.dev/auth/4117). It holds no secret.
func CredentialFile(c CredentialConfig) []byte {
	universe := or(c.UniverseDomain, "googleapis.com")
	sts, credentials := "https://sts."+universe, "https://iamcredentials."+universe
	if c.Endpoint != "" {
		sts = strings.TrimRight(c.Endpoint, "/")
		credentials = sts
	}
	f := credentialFile{
		UniverseDomain:   universe,
		Type:             "external_account",
		Audience:         c.Audience,
		SubjectTokenType: "urn:ietf:params:oauth:token-type:jwt",
		TokenURL:         sts + "/v1/token",
		CredentialSource: credentialSource{File: c.TokenFile},
	}
	if c.Impersonate == "" {
		f.TokenInfoURL = sts + "/v1/introspect"
	} else {
		f.ImpersonationURL = credentials + "/v1/projects/-/serviceAccounts/" + c.Impersonate + ":generateAccessToken"
	}
	return encodeAsPython(f)
}

// encodeAsPython encodes as Python's json.dumps(indent=2) does: HTML is not
// escaped, and everything beyond ASCII is.
func encodeAsPython(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		panic(err) // a struct of strings can always be encoded
	}
	raw := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	return escapeBeyondASCII(raw)
}

func escapeBeyondASCII(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		r, size := utf8.DecodeRune(raw)
		switch {
		case r <= '~': // Python escapes DEL, too
			out = append(out, byte(r))
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		raw = raw[size:]
	}
	return out
}
