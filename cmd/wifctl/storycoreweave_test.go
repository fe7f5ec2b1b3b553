package main

import (
	"net/http/httptest"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wifctl/wifctl/internal/cks/ckstest"
)

// coreweave NAME=ID... starts a stand-in for the CoreWeave API that knows these clusters,
// all of them behind the story's API server, and sets the environment to use it.
func cmdCoreweave(ts *testscript.TestScript, _ bool, args []string) {
	server := &ckstest.Server{}
	for _, a := range args {
		name, id, _ := strings.Cut(a, "=")
		c := ckstest.NewCluster(id, name, "US-EAST-04A")
		c["apiServerEndpoint"] = "127.0.0.1"
		server.Clusters = append(server.Clusters, c)
	}
	api := httptest.NewServer(server)
	ts.Defer(api.Close)
	ts.Setenv("COREWEAVE_API_ENDPOINT", api.URL)
	ts.Setenv("COREWEAVE_API_TOKEN", ckstest.DefaultToken)
}
