// Package gcp is Google Cloud in our words: a project, a workload identity pool
// and its providers, a service account, a bucket, the policies that tie them
// together, and the exchange that proves them. It speaks through Google's own
// Go libraries, knows no steps and prints nothing.
//
// Methods give up when their context ends and answer errors of type *[Error],
// whose Reason is decided once, where the answer arrives. Absence is no error:
// what looks for one object answers it and whether it was found.
//
// Reads are repeated a few times when Google asks for it; writes are sent once,
// because only the caller can look whether a lost one took effect. The exception
// is [Client.EditPolicy], which repeats the whole read-modify-write.
package gcp
