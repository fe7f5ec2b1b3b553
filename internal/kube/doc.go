// Package kube is what wifctl asks of and applies to a Kubernetes cluster,
// through client-go and with kubectl's own flags: one namespace, one
// ServiceAccount, one ConfigMap, the tokens of that ServiceAccount, and what the
// operator may do. It knows no steps and no Google, and it prints nothing: what
// client-go would write to stderr (warnings of the API server, klog) is dropped.
//
// Every method makes its requests at once, unthrottled, gives up when its
// context ends, and answers errors of type *[Error]. Absence is not an error:
// what looks for one object answers it and whether it was found.
package kube
