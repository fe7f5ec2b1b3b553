package cks

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/cks/ckstest"
)

func prod() Cluster {
	return Cluster{
		ID: prodID, Name: "prod", Zone: "US-EAST-04A", Status: "STATUS_RUNNING", Version: "v1.34", Public: true,
		APIServerEndpoint: "org-1063bce6.k8s.us-east-04a.coreweave.com", AdditionalServerSANs: []string{},
	}
}

func TestListAndClusterInEveryShape(t *testing.T) {
	with := func(member string, value any) ckstest.Cluster {
		c := ckstest.NewCluster(prodID, "prod", "US-EAST-04A")
		c[member] = value
		return c
	}
	changed := func(change func(*Cluster)) Cluster {
		c := prod()
		change(&c)
		return c
	}
	tests := map[string]struct {
		server *ckstest.Server
		sent   ckstest.Cluster
		want   Cluster
	}{
		"as documented":           {&ckstest.Server{}, with("status", "STATUS_RUNNING"), prod()},
		"under clusters":          {&ckstest.Server{ListKey: "clusters"}, with("status", "STATUS_RUNNING"), prod()},
		"without a wrapper":       {&ckstest.Server{Bare: true}, with("status", "STATUS_RUNNING"), prod()},
		"a number for a status":   {&ckstest.Server{}, with("status", 2), changed(func(c *Cluster) { c.Status = "2" })},
		"a status of null":        {&ckstest.Server{}, with("status", nil), changed(func(c *Cluster) { c.Status = "" })},
		"a status of an object":   {&ckstest.Server{}, with("status", map[string]any{"phase": "x"}), changed(func(c *Cluster) { c.Status = "" })},
		"a member nobody knows":   {&ckstest.Server{}, with("serviceAccountIssuer", []any{1, "x"}), prod()},
		"publication is disabled": {&ckstest.Server{}, with("disableOidcInfoPublication", true), changed(func(c *Cluster) { c.OIDCInfoPublicationDisabled = true })},
		"more server names":       {&ckstest.Server{}, with("additionalServerSans", []any{"k.example"}), changed(func(c *Cluster) { c.AdditionalServerSANs = []string{"k.example"} })},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.server.Clusters = []ckstest.Cluster{tt.sent}
			c, _ := newClient(t, tt.server)
			l, err := c.List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]Cluster{tt.want}, l.Clusters); diff != "" {
				t.Errorf("list (-want +got):\n%s", diff)
			}
			one, err := c.Cluster(t.Context(), prodID)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, one); diff != "" {
				t.Errorf("one (-want +got):\n%s", diff)
			}
		})
	}
}

func TestListSaysWhatItLeavesOut(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		want ClusterList
	}{
		"an empty object is an empty list": {`{}`, ClusterList{}},
		"an empty list":                    {`{"items":[]}`, ClusterList{}},
		"an entry without an id": {`{"items":[{"name":"x"},{"id":"i"}]}`, ClusterList{
			Clusters: []Cluster{{ID: "i"}},
			Warnings: []string{"entry 1 of the list of clusters has no id and is left out"},
		}},
		"a next page": {`{"items":[{"id":"i"}],"nextPageToken":"p2"}`, ClusterList{
			Clusters: []Cluster{{ID: "i"}},
			Warnings: []string{"the CoreWeave API sent only the first page of its list of clusters"},
			Partial:  true,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &ckstest.Server{}
			s.Inject(ckstest.Fault{Body: tt.body})
			c, _ := newClient(t, s)
			got, err := c.List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("list (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOnlyTheWordRunningMeansRunning(t *testing.T) {
	for status, want := range map[string]bool{
		"STATUS_RUNNING": true, "RUNNING": true, "STATUS_UPDATING": false, "STATUS_NEW_WORD": false, "2": false, "": false,
	} {
		if got := (Cluster{Status: status}).Running(); got != want {
			t.Errorf("status %q: got %v, want %v", status, got, want)
		}
	}
}

func TestTheInboundProviderIsNotTheIssuer(t *testing.T) {
	s := &ckstest.Server{Clusters: []ckstest.Cluster{ckstest.NewCluster(prodID, "prod", "US-EAST-04A")}}
	c, _ := newClient(t, s)
	cl, err := c.Cluster(t.Context(), prodID)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := cl.Issuer(), "https://oidc.cks.coreweave.com/id/"+prodID; got != want {
		t.Errorf("issuer: got %q, want %q", got, want)
	}
}

// A body of any size is read just as far as the limit.
func TestAHugeAnswerIsNotRead(t *testing.T) {
	h := &endless{first: `{"items":[`}
	c, calls := newClient(t, h)
	_, err := c.List(t.Context())
	if err == nil || len(calls()) != 1 {
		t.Errorf("got %v after %d attempts, want an error after one", err, len(calls()))
	}
	if got := h.written.Load(); got > maxAPIBody+2*chunk {
		t.Errorf("%d bytes were taken, want hardly more than %d", got, maxAPIBody)
	}
}
