package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
)

const (
	discoveryPath = "/.well-known/openid-configuration"
	// jwksPath is Kubernetes' own. Where CoreWeave publishes its keys is not
	// documented: clients have to read jwks_uri.
	jwksPath = "/openid/v1/jwks"
)

// issuer publishes what anybody may know about the cluster's tokens, on an https
// host of its own and below /id/<cluster>, as CoreWeave does for its clusters
// (https://docs.coreweave.com/products/cks/auth-access/workload-identity/introduction).
type issuer struct {
	url    string // https://127.0.0.1:PORT/id/<cluster>
	dir    string // what is published, one file a document
	server *http.Server
}

func startIssuer(o options) (*issuer, error) {
	cert, err := selfSigned(o.path("issuer-ca.crt"), o.path("pki", "issuer.key"))
	if err != nil {
		return nil, err
	}
	l, err := listen(o.issuerPort)
	if err != nil {
		return nil, err
	}
	base := "/id/" + o.clusterID
	i := &issuer{url: "https://" + l.Addr().String() + base, dir: o.path("issuer")}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+discoveryPath, i.document("openid-configuration.json"))
	mux.HandleFunc("GET "+base+jwksPath, i.document("jwks.json"))
	i.server = &http.Server{Handler: mux, TLSConfig: cert, ErrorLog: discard()}
	go i.server.ServeTLS(l, "", "") //nolint:errcheck // it always ends with an error: stop's
	return i, nil
}

// document serves a file as it is at the moment of the request. A file that was
// removed is a 404.
func (i *issuer) document(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		raw, err := os.ReadFile(filepath.Join(i.dir, name))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(raw) //nolint:errcheck // the client has gone
	}
}

// publish copies the two documents from the API server, where anonymous callers
// may not read them.
func (i *issuer) publish(ctx context.Context, api rest.Interface) error {
	for path, name := range map[string]string{discoveryPath: "openid-configuration.json", jwksPath: "jwks.json"} {
		raw, err := api.Get().AbsPath(path).DoRaw(ctx)
		if apierrors.IsNotFound(err) {
			continue // of an issuer that is no https URL, the API server says nothing
		}
		if err != nil {
			return fmt.Errorf("publish %s: %w", path, err)
		}
		if err := os.WriteFile(filepath.Join(i.dir, name), raw, 0o644); err != nil {
			return fmt.Errorf("publish %s: %w", path, err)
		}
	}
	return nil
}

func (i *issuer) stop() {
	if err := i.server.Close(); err != nil && !errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintln(os.Stderr, "kube-testbed: stop issuer:", err)
	}
}
