// Package ckstest stands in for CoreWeave in tests: a strict server of the CKS
// API and an issuer that publishes a discovery document and keys. It shares no
// code with package cks, so that the two cannot share a mistake.
//
// Not modelled: everything that writes (POST, PATCH, DELETE), the Connect and
// gRPC forms of the API, rate limits by themselves (inject a [Fault]).
package ckstest
