package gcp

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options say where Google Cloud is and who we are there. The zero value is
// Google itself and Application Default Credentials.
type Options struct {
	// Endpoint is one base URL for every API, "" for Google's own. It is https,
	// or http on a loopback address: a token goes there.
	Endpoint string
	// AccessTokenFile holds a bearer token to use in place of Application Default
	// Credentials. It is read anew for each request, so that it may be renewed.
	AccessTokenFile string
	// ImpersonateServiceAccount is the e-mail of a service account to act as.
	ImpersonateServiceAccount string
	// QuotaProject is billed for requests; "" takes the one in the credentials.
	QuotaProject string
	UserAgent    string     // Google's own when empty
	Observe      func(Call) // called after every attempt, from several goroutines; may be nil
	// Transport carries the requests; nil is the network.
	Transport http.RoundTripper
}

// Call is one attempt of one request, without anything secret: no query, no
// header, no body.
type Call struct {
	Method   string // id in the discovery document: "iam.projects.serviceAccounts.get"; "" if it has none
	Verb     string // "GET"
	Path     string // "/v1/projects/acme-prod/serviceAccounts/…"
	Status   int    // 0 when there was no answer
	Duration time.Duration
	Write    bool // it may change something
}

// endpoints are the base URLs of the APIs, each with a slash at the end.
type endpoints struct {
	iam, resourceManager, serviceUsage, sts, credentials string
	storage                                              string // up to and with "storage/v1/"
}

func newEndpoints(base string) (endpoints, error) {
	if base == "" {
		return endpoints{
			iam:             "https://iam.googleapis.com/",
			resourceManager: "https://cloudresourcemanager.googleapis.com/",
			serviceUsage:    "https://serviceusage.googleapis.com/",
			sts:             "https://sts.googleapis.com/",
			credentials:     "https://iamcredentials.googleapis.com/",
			storage:         "https://storage.googleapis.com/storage/v1/",
		}, nil
	}
	if why := refuseEndpoint(base); why != "" {
		return endpoints{}, &Error{Op: "use endpoint", Resource: redactedURL(base), Reason: Invalid, Message: why}
	}
	base = strings.TrimSuffix(base, "/") + "/"
	return endpoints{iam: base, resourceManager: base, serviceUsage: base, sts: base, credentials: base, storage: base + "storage/v1/"}, nil
}

// refuseEndpoint says why a base URL can't be trusted with a token, or nothing.
func refuseEndpoint(base string) string {
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Host == "":
		return "not a URL like https://host/"
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "must have no user, query or fragment"
	case u.Scheme == "https", u.Scheme == "http" && loopback(u.Hostname()):
		return ""
	}
	return "must be https, or http on a loopback address: an access token is sent there"
}

func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// redactedURL leaves out what a URL may hold in secret.
func redactedURL(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	u.RawQuery = ""
	return u.Redacted()
}
