package federation

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	// fetchLimit bounds each of an issuer's two documents, in bytes.
	fetchLimit = 1 << 20
	// fetchTimeout bounds reading both of them.
	fetchTimeout = 10 * time.Second
	// keysFresh is how long fetched keys are believed. Google publishes no figure;
	// its users saw up to 10 minutes.
	keysFresh = 5 * time.Minute
	// keysRetry is the least time between two fetches for the sake of a key id
	// that the cached set lacks, so that made-up ids don't become traffic.
	keysRetry = 5 * time.Second
)

// Issuers fetches the keys of issuers and remembers them for a while. The zero value is
// ready; it is safe for concurrent use.
//
// https://docs.cloud.google.com/iam/docs/workload-identity-federation-with-other-providers
type Issuers struct {
	Client *http.Client     // whose transport, and with it roots of trust, is used; nil: the default
	Now    func() time.Time // by which fetched keys grow old; nil: time.Now

	mu      sync.Mutex
	fetched map[source]fetchedKeys
}

// source is where an issuer's keys are found.
type source struct{ issuer, document string }

// source is the issuer's own discovery document, unless the provider names another.
func (p Provider) source() source {
	return source{p.Issuer, cmp.Or(p.DiscoveryURI, strings.TrimSuffix(p.Issuer, "/")+"/.well-known/openid-configuration")}
}

type fetchedKeys struct {
	keys keySet
	at   time.Time
}

// find returns the keys of an issuer, fetched anew when those at hand are stale or
// lack kid. A fetch may take up to fetchTimeout: hold no lock over it.
func (i *Issuers) find(ctx context.Context, from source, kid string, now time.Time) (keySet, error) {
	i.mu.Lock()
	have, ok := i.fetched[from]
	i.mu.Unlock()

	age := now.Sub(have.at)
	if ok && age < keysFresh && (age < keysRetry || len(have.keys.withID(kid)) > 0) {
		return have.keys, nil
	}
	keys, err := fetchKeys(ctx, i.Client, from)
	if err != nil {
		return nil, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.fetched == nil {
		i.fetched = map[source]fetchedKeys{}
	}
	i.fetched[from] = fetchedKeys{keys: keys, at: now}
	return keys, nil
}

func (i *Issuers) now() time.Time {
	if i.Now == nil {
		return time.Now()
	}
	return i.Now()
}

// fetchKeys reads an issuer's discovery document and the key set it points to
// (https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig).
func fetchKeys(ctx context.Context, client *http.Client, from source) (keySet, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()

	body, err := fetch(ctx, client, from.document)
	if err != nil {
		return nil, err
	}
	var doc struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, fmt.Errorf("read discovery document of %s: %w", from.issuer, err)
	}
	if doc.Issuer != from.issuer {
		return nil, fmt.Errorf("discovery document of %s names issuer %q", from.issuer, doc.Issuer)
	}
	if body, err = fetch(ctx, client, doc.JWKSURI); err != nil {
		return nil, err
	}
	return parseKeySet(body)
}

// fetch gets one document over https. It follows no redirect: an issuer that
// answers from elsewhere is not the one the provider names.
func fetch(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	if u, err := url.Parse(address); err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("fetch %q: not an https address", address)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := withoutRedirects(client).Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch %s: %s", address, resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, fetchLimit+1))
	if err == nil && len(body) > fetchLimit {
		err = errors.New("longer than 1 MiB")
	}
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", address, err)
	}
	return body, nil
}

func withoutRedirects(client *http.Client) *http.Client {
	var c http.Client
	if client != nil {
		c = *client
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}
