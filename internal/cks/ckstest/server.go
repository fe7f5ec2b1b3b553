package ckstest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// DefaultToken is the token of a Server that names none.
const DefaultToken = "CW-SECRET-stand-in"

const listPath = "/v1beta1/cks/clusters"

// A Cluster is the JSON object the API answers with. A map, so that a test can
// give any member any shape.
type Cluster map[string]any

// NewCluster returns a running cluster with every member of the published
// sample, oidc.issuerUrl among them: that one belongs to the people's login and
// must not be taken for the ServiceAccount issuer
// (https://docs.coreweave.com/products/cks/reference/cks-api/clusterservice/create-cluster).
func NewCluster(id, name, zone string) Cluster {
	host := fmt.Sprintf("org-%.8s.k8s.%s.coreweave.com", id, strings.ToLower(zone))
	return Cluster{
		"id": id, "name": name, "zone": zone, "status": "STATUS_RUNNING", "version": "v1.34",
		"vpcId": "6e2b6f0e-0000-4000-8000-000000000001", "public": true,
		"apiServerEndpoint": host, "additionalServerSans": []any{},
		"disableOidcInfoPublication": false, "isUpgradeable": false,
		"createdAt": "2026-01-02T03:04:05Z", "updatedAt": "2026-01-02T03:04:05Z",
		"network": map[string]any{"podCidrName": "pods", "serviceCidrName": "services", "internalLbCidrNames": []any{"lb"}},
		"oidc":    map[string]any{"issuerUrl": "https://login.example.com", "clientId": "kubectl", "signingAlgorithms": []any{"SIGNING_ALGORITHM_RS256"}},
	}
}

// The forms that the body of an error may have: which one CoreWeave sends is
// not documented.
const (
	ErrorsRPC     = ""        // {"code":16,"message":"…","details":[]}
	ErrorsConnect = "connect" // {"code":"unauthenticated","message":"…"}
	ErrorsPlain   = "plain"   // text
)

// A Server is a strict stand-in for the reading half of the CKS API. The zero
// value is ready: it holds no clusters and accepts DefaultToken.
type Server struct {
	Token         string    `json:"token"`
	Clusters      []Cluster `json:"clusters"`
	ListKey       string    `json:"listKey"` // "items" when empty, as documented
	Bare          bool      `json:"bare"`    // one cluster comes without its "cluster" wrapper
	NextPageToken string    `json:"nextPageToken"`
	Errors        string    `json:"errors"`        // ErrorsRPC and so on
	UnknownStatus int       `json:"unknownStatus"` // for an id of nobody: 404 when zero, or 403

	mu       sync.Mutex
	requests []Request
	faults   []*Fault
}

// A Request is one line of the log; it holds no token.
type Request struct {
	Verb, Path string
	Status     int
}

// Load reads a Server from JSON, with the members of the type's tags. An unknown
// member is an error: a misspelt one would make a test prove nothing.
func Load(r io.Reader) (*Server, error) {
	s := new(Server)
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(s); err != nil {
		return nil, fmt.Errorf("read stand-in: %w", err)
	}
	return s, nil
}

// Requests returns what was asked so far, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// ServeHTTP answers like the API, refuses what the API does not document, and
// keeps a log.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := &statusRecorder{ResponseWriter: w}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.requests = append(s.requests, Request{r.Method, r.URL.Path, rec.status})
	}()
	if f := s.takeFault(r.URL.Path); f != nil {
		f.play(rec, r)
		return
	}
	s.serve(rec, r)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	token := s.Token
	if token == "" {
		token = DefaultToken
	}
	id, one := strings.CutPrefix(r.URL.Path, listPath+"/")
	switch {
	case !slices.Equal(r.Header["Authorization"], []string{"Bearer " + token}):
		s.refuse(w, http.StatusUnauthorized, 16, "unauthenticated", "invalid or missing token")
	case r.Method != http.MethodGet:
		s.refuse(w, http.StatusNotImplemented, 12, "unimplemented", "not modelled: "+r.Method)
	case r.URL.RawQuery != "" || r.ContentLength > 0:
		s.refuse(w, http.StatusBadRequest, 3, "invalid_argument", "not modelled: a query or a body")
	case r.URL.Path == listPath:
		s.list(w)
	case one && !strings.Contains(id, "/"):
		s.one(w, id)
	default:
		s.refuse(w, http.StatusNotFound, 5, "not_found", "no such route: "+r.URL.Path)
	}
}

func (s *Server) list(w http.ResponseWriter) {
	key := s.ListKey
	if key == "" {
		key = "items"
	}
	answer := map[string]any{}
	if len(s.Clusters) > 0 { // protobuf's JSON form leaves out an empty list
		answer[key] = s.Clusters
	}
	if s.NextPageToken != "" {
		answer["nextPageToken"] = s.NextPageToken
	}
	writeJSON(w, http.StatusOK, answer)
}

func (s *Server) one(w http.ResponseWriter, id string) {
	for _, c := range s.Clusters {
		if c["id"] != id {
			continue
		}
		if s.Bare {
			writeJSON(w, http.StatusOK, c)
			return
		}
		writeJSON(w, http.StatusOK, map[string]any{"cluster": c})
		return
	}
	if s.UnknownStatus == http.StatusForbidden {
		s.refuse(w, http.StatusForbidden, 7, "permission_denied", "permission denied")
		return
	}
	s.refuse(w, http.StatusNotFound, 5, "not_found", "cluster not found")
}

func (s *Server) refuse(w http.ResponseWriter, status, rpc int, connect, message string) {
	switch s.Errors {
	case ErrorsPlain:
		http.Error(w, message, status)
	case ErrorsConnect:
		writeJSON(w, status, map[string]any{"code": connect, "message": message})
	default:
		writeJSON(w, status, map[string]any{"code": rpc, "message": message, "details": []any{}})
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that has gone away is its own affair
}

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *statusRecorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}
