// Package emulator is a strict Kubernetes API server in memory: namespaces,
// ServiceAccounts and ConfigMaps, tokens of ServiceAccounts, access reviews, and
// the issuer that publishes the keys of those tokens, behind one http.Handler.
//
//	srv, err := emulator.New(emulator.Options{})   // to serve as you like
//	cluster, err := emulator.Start(emulator.Options{}) // or on https://127.0.0.1
//
// Objects live in client-go's own object tracker, the one with field management:
// server-side apply, its owners and its conflicts are upstream's code, and so are
// the validation of metadata, the patches and the bodies of errors. What is ours
// is the HTTP face, and what the tracker leaves to its users: versions, UIDs,
// preconditions, namespaces that end with what is in them, and watching.
//
// It means to be what a real API server is for these kinds, and nothing where it
// is not: an unknown route or resource is a loud 501 that says "not modelled".
// One suite of exchanges, testdata/contract, was recorded from a real
// kube-apiserver, and both are held to it.
//
// It shares no code with the client that it is compared with, so that the two
// can't share a mistake.
//
// What it is not: a cluster. There are no pods and nothing runs; of controllers,
// there are those that furnish a namespace and that empty it at its end. RBAC is
// a list of rules a user (User.Rules), with no objects behind it. Of OpenAPI
// there is what kubectl apply reads. Aggregated discovery, protobuf, pages of
// lists and status subresources are not modelled.
package emulator
