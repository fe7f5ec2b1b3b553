package kube

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// InCluster is Target.Context of a client that runs in a pod without a
// kubeconfig and uses the pod's own ServiceAccount.
const InCluster = "in-cluster"

// Target is the cluster and user that a kubeconfig and flags come to. It is
// shown before anything changes: the context's name alone proves nothing.
type Target struct {
	Context string // "cks-demo"
	Cluster string // the kubeconfig's name for the cluster
	Server  string // "https://org-hash.k8s.us-east-04a.coreweave.com"
	User    string // the kubeconfig's name for the user, or who is impersonated
}

// load resolves the flags as kubectl does.
func load(flags *genericclioptions.ConfigFlags) (*rest.Config, Target, error) {
	loader := flags.ToRawKubeConfigLoader()
	raw, err := loader.RawConfig()
	if err != nil {
		return nil, Target{}, configError(flags, loader, api.Config{}, err)
	}
	config, err := loader.ClientConfig()
	if err != nil {
		return nil, Target{}, configError(flags, loader, raw, err)
	}
	if err := unnamed(flags, raw, config); err != nil {
		return nil, Target{}, configError(flags, loader, raw, err)
	}
	return config, targetOf(flags, raw, config), nil
}

// unnamed is the error of a cluster that nothing names: no context, no flag and
// no pod around us. kubectl goes to localhost:8080 then, where API servers
// listened once.
func unnamed(flags *genericclioptions.ConfigFlags, raw api.Config, config *rest.Config) error {
	named := value(flags.APIServer) != "" || value(flags.ClusterName) != ""
	inCluster := config.BearerTokenFile != ""
	context := raw.Contexts[contextName(flags, raw)]
	switch {
	case context != nil:
		return dangling(flags, raw, context)
	case named, inCluster:
		return nil
	case len(raw.Contexts) == 0:
		return clientcmd.ErrEmptyConfig
	default:
		return clientcmd.ErrNoContext
	}
}

// dangling is the error of a context whose cluster or user is not in the kubeconfig. kubectl
// goes to localhost:8080 then, or asks for a password.
func dangling(flags *genericclioptions.ConfigFlags, raw api.Config, context *api.Context) error {
	cluster, user := or(value(flags.ClusterName), context.Cluster), or(value(flags.AuthInfoName), context.AuthInfo)
	switch {
	case value(flags.APIServer) == "" && raw.Clusters[cluster] == nil:
		return fmt.Errorf("context %q names cluster %q, which is not in it", contextName(flags, raw), cluster)
	case value(flags.BearerToken) == "" && user != "" && raw.AuthInfos[user] == nil:
		return fmt.Errorf("context %q names user %q, which is not in it", contextName(flags, raw), user)
	}
	return nil
}

func configError(flags *genericclioptions.ConfigFlags, loader clientcmd.ClientConfig, raw api.Config, err error) error {
	e := &ConfigError{
		Reason:   BadKubeconfig,
		Context:  contextName(flags, raw),
		Contexts: slices.Sorted(maps.Keys(raw.Contexts)),
		Files:    loader.ConfigAccess().GetLoadingPrecedence(),
		Err:      err,
	}
	_, exists := raw.Contexts[e.Context]
	switch {
	case len(raw.Contexts) == 0 && clientcmd.IsEmptyConfig(err):
		e.Reason = NoKubeconfig
	case len(raw.Contexts) > 0 && !exists:
		e.Reason = UnknownContext
	}
	return e
}

func targetOf(flags *genericclioptions.ConfigFlags, raw api.Config, config *rest.Config) Target {
	t := Target{Context: contextName(flags, raw), Server: config.Host}
	if c := raw.Contexts[t.Context]; c != nil {
		t.Cluster, t.User = c.Cluster, c.AuthInfo
	}
	if len(raw.Contexts) == 0 && config.BearerTokenFile != "" {
		t.Context, t.Cluster = InCluster, InCluster
	}
	t.Cluster = or(value(flags.ClusterName), t.Cluster)
	t.User = or(config.Impersonate.UserName, value(flags.AuthInfoName), t.User)
	return t
}

func contextName(flags *genericclioptions.ConfigFlags, raw api.Config) string {
	return or(value(flags.Context), raw.CurrentContext)
}

// value is the value of one of kubectl's flags, which a command may leave out.
func value(flag *string) string {
	if flag == nil {
		return ""
	}
	return *flag
}

// or is the first of its arguments that isn't empty.
func or(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// IsNoKubeconfig reports whether err says that there is no kubeconfig at all, which is a
// different thing from one that is wrong.
func IsNoKubeconfig(err error) bool {
	e, ok := errors.AsType[*ConfigError](err)
	return ok && e.Reason == NoKubeconfig
}

// IsConfigError reports whether err is about the kubeconfig and not about the
// cluster.
func IsConfigError(err error) bool {
	_, ok := errors.AsType[*ConfigError](err)
	return ok
}
