// Package cks knows CoreWeave Kubernetes Service: which clusters a token can
// see, which issuer signs the ServiceAccount tokens of one, and whether that
// issuer's discovery document and keys can be read by anybody, as Google Cloud
// has to read them.
//
// It prints nothing and keeps nothing. A [Client] speaks the REST form of the
// CKS API (https://docs.coreweave.com/products/cks/reference/cks-api);
// [Discover] speaks to the issuer and needs no Client and no token.
//
// Where CoreWeave does not document an answer (numeric status values, bodies
// of errors, paging), this package accepts every shape that is plausible and
// never guesses a meaning.
package cks
