package cks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// A Cluster is what wifctl needs to know of a CKS cluster
// (https://docs.coreweave.com/products/cks/reference/cks-api/clusterservice/get-cluster).
//
// The API's oidc.issuerUrl is left out on purpose: it is the provider that
// people log in with, inbound, and not the issuer of ServiceAccount tokens.
// Use [Cluster.Issuer].
type Cluster struct {
	ID   string // a UUID
	Name string // not unique: the same name may exist in several zones
	Zone string // "US-EAST-04A"
	// Status is as sent: "STATUS_RUNNING", or the digits of a number whose
	// meaning is not documented, or empty.
	Status               string
	Version              string // of Kubernetes: "v1.34"
	Public               bool   // the API server answers on the internet
	APIServerEndpoint    string // a host name, without a scheme
	AdditionalServerSANs []string
	// OIDCInfoPublicationDisabled is the API's disableOidcInfoPublication:
	// the discovery document and keys are not published, so Google cannot
	// fetch them.
	OIDCInfoPublicationDisabled bool
	// Warning is something to tell the user about how this cluster was
	// found; nearly always empty.
	Warning string
}

// Running reports whether the API says so in words. Every other status, a
// number included, means: not known to be running.
func (c Cluster) Running() bool {
	return strings.TrimPrefix(c.Status, "STATUS_") == "RUNNING"
}

// A ClusterList is the answer to a list, with what the reader ought to know.
type ClusterList struct {
	Clusters []Cluster
	Warnings []string // for people, lower case
	Partial  bool     // the API said there is more (nextPageToken)
}

// List returns the clusters of the token's organization in all zones. Paging
// is not documented; an answer that has a next page is marked Partial.
func (c *Client) List(ctx context.Context) (ClusterList, error) {
	const op = "list clusters"
	body, err := c.get(ctx, op, "v1beta1", "cks", "clusters")
	var ae *APIError
	if errors.As(err, &ae) && ae.Kind == KindNotFound {
		ae.Kind = KindOther // the list always exists: this is not the CKS API
	}
	if err != nil {
		return ClusterList{}, err
	}
	l, err := parseList(body)
	if err != nil {
		return ClusterList{}, &APIError{Op: op, Status: http.StatusOK, Err: c.scrubErr(err)}
	}
	return l, nil
}

// Cluster returns the cluster with this id. An id that belongs to somebody
// else gives 403 or 404 (which one is not documented): both are KindNotFound.
func (c *Client) Cluster(ctx context.Context, id string) (Cluster, error) {
	op := fmt.Sprintf("get cluster %s", oneLine(id, 80))
	if id == "" || id == "." || id == ".." || strings.Contains(id, "/") {
		return Cluster{}, &APIError{Op: op, Err: errors.New("this is not a cluster id")}
	}
	body, err := c.get(ctx, op, "v1beta1", "cks", "clusters", id)
	var ae *APIError
	if errors.As(err, &ae) && ae.Kind == KindNotAllowed {
		ae.Kind = KindNotFound
	}
	if err != nil {
		return Cluster{}, err
	}
	cl, err := parseCluster(body)
	if err == nil && !strings.EqualFold(cl.ID, id) {
		err = fmt.Errorf("the answer is about another cluster, %s", oneLine(cl.ID, 80))
	}
	if err != nil {
		return Cluster{}, &APIError{Op: op, Status: http.StatusOK, Err: c.scrubErr(err)}
	}
	return cl, nil
}

// wireCluster names the members we read; all others are ignored.
type wireCluster struct {
	ID                   string          `json:"id"`
	Name                 string          `json:"name"`
	Zone                 string          `json:"zone"`
	Status               json.RawMessage `json:"status"` // string in use, integer in one page
	Version              string          `json:"version"`
	Public               bool            `json:"public"`
	APIServerEndpoint    string          `json:"apiServerEndpoint"`
	AdditionalServerSANs []string        `json:"additionalServerSans"`
	DisableOIDCInfo      bool            `json:"disableOidcInfoPublication"`
}

func (w wireCluster) cluster() Cluster {
	return Cluster{
		ID:                          w.ID,
		Name:                        w.Name,
		Zone:                        w.Zone,
		Status:                      scalar(w.Status),
		Version:                     w.Version,
		Public:                      w.Public,
		APIServerEndpoint:           w.APIServerEndpoint,
		AdditionalServerSANs:        w.AdditionalServerSANs,
		OIDCInfoPublicationDisabled: w.DisableOIDCInfo,
	}
}

// parseList accepts {"items":[…]} and {"clusters":[…]}. An empty object is an
// empty list: that is how protobuf's JSON form writes one.
func parseList(body []byte) (ClusterList, error) {
	var w struct {
		Items         []wireCluster `json:"items"`
		Clusters      []wireCluster `json:"clusters"`
		NextPageToken string        `json:"nextPageToken"`
	}
	members, err := unmarshalMembers(body, &w)
	if err != nil {
		return ClusterList{}, fmt.Errorf("parse the list of clusters: %w", err)
	}
	if members > 0 && w.Items == nil && w.Clusters == nil && w.NextPageToken == "" {
		return ClusterList{}, errors.New(`parse the list of clusters: there is neither "items" nor "clusters" in it`)
	}
	var l ClusterList
	for i, wc := range append(w.Items, w.Clusters...) {
		if wc.ID == "" {
			l.Warnings = append(l.Warnings, fmt.Sprintf("entry %d of the list of clusters has no id and is left out", i+1))
			continue
		}
		l.Clusters = append(l.Clusters, wc.cluster())
	}
	if w.NextPageToken != "" {
		l.Partial = true
		l.Warnings = append(l.Warnings, "the CoreWeave API sent only the first page of its list of clusters")
	}
	return l, nil
}

// parseCluster accepts {"cluster":{…}} and the bare object.
func parseCluster(body []byte) (Cluster, error) {
	var w struct {
		wireCluster
		Wrapped *wireCluster `json:"cluster"`
	}
	if _, err := unmarshalMembers(body, &w); err != nil {
		return Cluster{}, fmt.Errorf("parse the cluster: %w", err)
	}
	wc := w.wireCluster
	if w.Wrapped != nil {
		wc = *w.Wrapped
	}
	if wc.ID == "" {
		return Cluster{}, errors.New("parse the cluster: there is no id in it")
	}
	return wc.cluster(), nil
}

// unmarshalMembers reads a JSON object and says how many members it has. An
// unmarshal alone would take null for an object with nothing in it.
func unmarshalMembers(body []byte, into any) (int, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return 0, err
	}
	if members == nil {
		return 0, errors.New("null in place of an object")
	}
	return len(members), json.Unmarshal(body, into)
}
