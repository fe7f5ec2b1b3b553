package cks

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// A Query says which cluster is meant.
type Query struct {
	IDOrName string // wins over Server
	Zone     string // narrows a name, and must hold for an id; case does not matter
	Server   string // the kubeconfig's server URL; used when IDOrName is empty
}

// String says the query in words: `cluster "prod" in zone US-EAST-04A`.
func (q Query) String() string {
	s := fmt.Sprintf("cluster %q", q.IDOrName)
	if q.IDOrName == "" {
		s = "cluster with the API server " + oneLine(hostOf(q.Server), 120)
	}
	if q.Zone != "" {
		s += " in zone " + q.Zone
	}
	return s
}

// Find returns the one cluster that the query means: by id, else by exact
// name, else by the API server's host. It never guesses: two matches are an
// [*AmbiguousError], none is a [*NotFoundError].
func (c *Client) Find(ctx context.Context, q Query) (Cluster, error) {
	if q.IDOrName == "" && hostOf(q.Server) == "" {
		return Cluster{}, errors.New("find cluster: neither an id, nor a name, nor a server URL to look for")
	}
	if uuidForm.MatchString(q.IDOrName) {
		cl, err := c.Cluster(ctx, q.IDOrName)
		if err == nil && q.inZone(cl) {
			return cl, nil
		}
		var ae *APIError
		if err != nil && !(errors.As(err, &ae) && ae.Kind == KindNotFound) {
			return Cluster{}, err
		}
	}
	l, err := c.List(ctx)
	if err != nil {
		return Cluster{}, err
	}
	return q.pick(l)
}

func (q Query) pick(l ClusterList) (Cluster, error) {
	found := slices.DeleteFunc(slices.Clone(l.Clusters), func(cl Cluster) bool {
		return !q.inZone(cl) || !q.matches(cl)
	})
	switch len(found) {
	case 0:
		return Cluster{}, &NotFoundError{Query: q, Have: l.Clusters, Partial: l.Partial}
	case 1:
		found[0].Warning = strings.Join(l.Warnings, "; ")
		return found[0], nil
	}
	return Cluster{}, &AmbiguousError{Query: q, Matches: found}
}

func (q Query) inZone(cl Cluster) bool {
	return q.Zone == "" || strings.EqualFold(q.Zone, cl.Zone)
}

func (q Query) matches(cl Cluster) bool {
	if q.IDOrName != "" {
		return cl.Name == q.IDOrName || strings.EqualFold(cl.ID, q.IDOrName)
	}
	return cl.Serves(q.Server)
}

// Serves reports whether a kubeconfig's server URL leads to this cluster: its
// host is the API server's endpoint, with or without "api." in front (the
// managed and the unmanaged endpoint,
// https://docs.coreweave.com/products/cks/auth-access/unmanaged-auth/implement-unmanaged-auth),
// or one of the additional names. Ports are compared only where both have one.
func (c Cluster) Serves(server string) bool {
	want := hostOf(server)
	if want == "" {
		return false
	}
	for _, name := range append([]string{c.APIServerEndpoint}, c.AdditionalServerSANs...) {
		if sameHost(want, hostOf(name)) {
			return true
		}
	}
	return false
}

func sameHost(a, b string) bool {
	hostA, portA := splitPort(a)
	hostB, portB := splitPort(b)
	if hostA == "" || portA != "" && portB != "" && portA != portB {
		return false
	}
	return strings.TrimPrefix(hostA, "api.") == strings.TrimPrefix(hostB, "api.")
}

func splitPort(hostport string) (host, port string) {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		host, port = hostport, ""
	}
	return strings.TrimSuffix(strings.Trim(host, "[]"), "."), port
}

// hostOf returns the lower-case host, with its port if there is one, of a URL
// or of a bare host name, and nothing for what is neither.
func hostOf(s string) string {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

// A NotFoundError says that no cluster fits the query, and what there is.
type NotFoundError struct {
	Query   Query
	Have    []Cluster // every cluster that the token can see
	Partial bool      // there may be more than Have
}

// Error lists what there is, ten clusters at most.
func (e *NotFoundError) Error() string {
	s := "no " + e.Query.String()
	if len(e.Have) == 0 {
		return s + ": the token sees no clusters"
	}
	s += "; the token sees " + describe(e.Have)
	if e.Partial {
		s += " (and more: the API sent only its first page)"
	}
	return s
}

// An AmbiguousError says that the query fits more than one cluster.
type AmbiguousError struct {
	Query   Query
	Matches []Cluster
}

// Error lists the matches with what tells them apart.
func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%d clusters fit %s: %s; name one by its id or its zone", len(e.Matches), e.Query, describe(e.Matches))
}

func describe(cs []Cluster) string {
	const most = 10
	var out []string
	for _, c := range cs {
		out = append(out, oneLine(fmt.Sprintf("%s (%s, %s)", c.Name, c.ID, c.Zone), 160))
	}
	slices.Sort(out)
	if len(out) > most {
		out = append(out[:most], fmt.Sprintf("and %d more", len(out)-most))
	}
	return strings.Join(out, ", ")
}
