package cks

import (
	"errors"
	"strings"
	"testing"

	"github.com/wifctl/wifctl/internal/cks/ckstest"
)

const thirdID = "3063bce6-6e5b-4b0a-b73a-7e6106b2a77c"

func threeClusters() []ckstest.Cluster {
	return []ckstest.Cluster{
		ckstest.NewCluster(prodID, "prod", "US-EAST-04A"),
		ckstest.NewCluster(otherID, "prod", "US-WEST-01B"),
		ckstest.NewCluster(thirdID, "dev", "US-WEST-01B"),
	}
}

func TestFind(t *testing.T) {
	const found, notFound, ambiguous, failed = "found", "not found", "ambiguous", "failed"
	tests := map[string]struct {
		query    Query
		outcome  string
		id       string
		requests int
	}{
		"an id":                                {Query{IDOrName: otherID}, found, otherID, 1},
		"an id in its zone":                    {Query{IDOrName: otherID, Zone: "us-west-01b"}, found, otherID, 1},
		"an id in another zone":                {Query{IDOrName: otherID, Zone: "US-EAST-04A"}, notFound, "", 2},
		"an id of nobody":                      {Query{IDOrName: "4063bce6-6e5b-4b0a-b73a-7e6106b2a77c"}, notFound, "", 2},
		"a name that one has":                  {Query{IDOrName: "dev"}, found, thirdID, 1},
		"a name that two have":                 {Query{IDOrName: "prod"}, ambiguous, "", 1},
		"a name that two have, and a zone":     {Query{IDOrName: "prod", Zone: "us-east-04a"}, found, prodID, 1},
		"a name that only begins like another": {Query{IDOrName: "de"}, notFound, "", 1},
		"a name in other letters":              {Query{IDOrName: "Dev"}, notFound, "", 1},
		"a name in the wrong zone":             {Query{IDOrName: "dev", Zone: "US-EAST-04A"}, notFound, "", 1},
		"the managed server":                   {Query{Server: "https://org-3063bce6.k8s.us-west-01b.coreweave.com"}, found, thirdID, 1},
		"the unmanaged server":                 {Query{Server: "https://api.org-3063bce6.k8s.us-west-01b.coreweave.com:443/"}, found, thirdID, 1},
		"a server of nobody":                   {Query{Server: "https://127.0.0.1:6443"}, notFound, "", 1},
		"a name beside another's server":       {Query{IDOrName: "dev", Server: "https://org-1063bce6.k8s.us-east-04a.coreweave.com"}, found, thirdID, 1},
		"nothing":                              {Query{}, failed, "", 0},
		"only a zone":                          {Query{Zone: "US-EAST-04A"}, failed, "", 0},
		"a server that is no URL":              {Query{Server: "https://%zz"}, failed, "", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, calls := newClient(t, &ckstest.Server{Clusters: threeClusters()})
			cl, err := c.Find(t.Context(), tt.query)
			outcome := failed
			var nf *NotFoundError
			var am *AmbiguousError
			switch {
			case err == nil:
				outcome = found
			case errors.As(err, &nf):
				outcome = notFound
			case errors.As(err, &am):
				outcome = ambiguous
			}
			if outcome != tt.outcome || cl.ID != tt.id {
				t.Errorf("got %s %q (%v), want %s %q", outcome, cl.ID, err, tt.outcome, tt.id)
			}
			if len(calls()) != tt.requests {
				t.Errorf("requests: got %d, want %d", len(calls()), tt.requests)
			}
		})
	}
}

func TestFindShowsWhatThereIs(t *testing.T) {
	c, _ := newClient(t, &ckstest.Server{Clusters: threeClusters()})
	_, err := c.Find(t.Context(), Query{IDOrName: "staging"})
	for _, part := range []string{`"staging"`, "dev (" + thirdID + ", US-WEST-01B)", "prod (" + prodID + ", US-EAST-04A)"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v: lacks %s", err, part)
		}
	}
	_, err = c.Find(t.Context(), Query{IDOrName: "prod"})
	for _, part := range []string{"2 clusters", prodID + ", US-EAST-04A", otherID + ", US-WEST-01B"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v: lacks %s", err, part)
		}
	}
	if strings.Contains(err.Error(), thirdID) {
		t.Errorf("%v: names a cluster that does not match", err)
	}
}

func TestFindInAPartialListWarns(t *testing.T) {
	c, _ := newClient(t, &ckstest.Server{Clusters: threeClusters(), NextPageToken: "more"})
	cl, err := c.Find(t.Context(), Query{IDOrName: "dev"})
	if err != nil || !strings.Contains(cl.Warning, "first page") {
		t.Errorf("got %+v, %v: want a warning that there may be another", cl, err)
	}
	_, err = c.Find(t.Context(), Query{IDOrName: "staging"})
	var nf *NotFoundError
	if !errors.As(err, &nf) || !nf.Partial || !strings.Contains(err.Error(), "first page") {
		t.Errorf("got %v: want it to say that there may be more", err)
	}
}

func TestFindKeepsTheErrorOfTheAPI(t *testing.T) {
	for _, q := range []Query{{IDOrName: prodID}, {IDOrName: "prod"}, {Server: "https://x"}} {
		c, _ := newClient(t, &ckstest.Server{Token: "another"})
		_, err := c.Find(t.Context(), q)
		var ae *APIError
		if !errors.As(err, &ae) || ae.Kind != KindUnauthenticated {
			t.Errorf("%v: got %v, want the 401", q, err)
		}
	}
}

func TestServes(t *testing.T) {
	tests := map[string]struct {
		endpoint string
		sans     []string
		server   string
		want     bool
	}{
		"the same host":                    {"a.k8s.example", nil, "https://a.k8s.example", true},
		"api. in the server":               {"a.k8s.example", nil, "https://api.a.k8s.example", true},
		"api. in the endpoint":             {"api.a.k8s.example", nil, "https://a.k8s.example", true},
		"capital letters, a dot, a path":   {"A.K8S.example.", nil, "https://a.k8s.EXAMPLE/x", true},
		"a scheme in the endpoint":         {"https://a.k8s.example/", nil, "https://a.k8s.example:443", true},
		"an additional name":               {"a.k8s.example", []string{"b.example"}, "https://b.example", true},
		"ports that differ":                {"127.0.0.1:6443", nil, "https://127.0.0.1:6444", false},
		"ports that are the same":          {"127.0.0.1:6443", nil, "https://127.0.0.1:6443", true},
		"an IPv6 address":                  {"[::1]:6443", nil, "https://[::1]:6443", true},
		"an IPv6 address without a port":   {"::1", nil, "https://[::1]", false}, // not a host name as the API writes them
		"another host":                     {"a.k8s.example", nil, "https://b.k8s.example", false},
		"a host that ends alike":           {"a.k8s.example", nil, "https://xa.k8s.example", false},
		"no endpoint":                      {"", nil, "https://a.k8s.example", false},
		"no server":                        {"a.k8s.example", nil, "", false},
		"neither":                          {"", nil, "", false},
		"an empty additional name":         {"a.k8s.example", []string{""}, "https://b.example", false},
		"just api. is not an empty host's": {"", nil, "https://api.", false},
		"a server without a scheme":        {"a.k8s.example", nil, "a.k8s.example:443", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := Cluster{APIServerEndpoint: tt.endpoint, AdditionalServerSANs: tt.sans}
			if got := c.Serves(tt.server); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
