// Package trust holds this tool's one pipeline: what must be true so that the pods of
// one Kubernetes ServiceAccount can read one bucket without a stored key.
package trust
