// Package emulator is a strict Google Cloud in memory: the parts of IAM, STS,
// IAM Credentials, Resource Manager, Service Usage and Cloud Storage that a
// workload identity federation touches, behind one http.Handler and one base
// URL.
//
//	srv, err := emulator.New(emulator.Options{Projects: []emulator.Project{{ID: "acme-prod"}}})
//	http.ListenAndServe("127.0.0.1:8080", srv)
//
// It means to be stricter than the real thing. An unknown route is a loud 405,
// an unknown JSON field or query parameter a 400, a policy written with an old
// etag is refused, and every permission is checked against the allow policies
// held here. Signatures, mappings and conditions are evaluated, not assumed: that is
// what package federation is for.
//
// It shares no code with the client it is compared with, so that the two can't
// share a mistake. Each handler names the page it implements; a shortcut says
// "not modelled: ...".
//
// What it is not: a Google Cloud for other purposes. There are no folders and
// organisations, no custom roles and no quotas. A binding with a condition is stored and shown, and grants nothing.
//
// Weather. Options.Lag says how late effects are: with LagTypical an operation
// needs a few polls, a policy takes effect more than a minute after it was
// written, and a new account is not found at first. Faults (Inject, ParseFault)
// have names and counts; nothing here is random except tokens.
//
// Under /_emulator/ the server answers about itself: requests, state, clock and
// faults.
package emulator
