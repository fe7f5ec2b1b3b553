package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/trust"
)

// options are the flags of a command that looks at the trust.
type options struct {
	kube *genericclioptions.ConfigFlags
	cfg  trust.Config
	w    trust.Workload
	file string

	endpoint, tokenFile, impersonate, quotaProject string

	output         string
	formats        []string // that the command has
	wait, timeout  time.Duration
	quiet, verbose bool
}

// addFlags gives cmd the flags that all such commands share.
func addFlags(cmd *cobra.Command, s streams) *options {
	o := &options{kube: kubeFlags(s), formats: []string{"text", "json"}}
	f := cmd.Flags()
	o.kube.AddFlags(f)
	for name, usage := range kubeUsage {
		f.Lookup(name).Usage = usage
	}
	f.StringVarP(&o.w.Namespace, "namespace", "n", trust.DefaultNamespace, "the pods' namespace")
	f.StringVar(&o.w.ServiceAccount, "service-account", trust.DefaultServiceAccount, "the pods' Kubernetes ServiceAccount")
	f.StringVar(&o.cfg.Project, "project", s.env("GOOGLE_CLOUD_PROJECT"), "id or number of the Google Cloud project (default: $GOOGLE_CLOUD_PROJECT, then that of your Google login)")
	f.StringVar(&o.w.Bucket, "bucket", "", "the bucket that the pods read; required")
	f.StringVar(&o.cfg.Pool, "pool", trust.DefaultPool, "id of the workload identity pool")
	f.StringVar(&o.cfg.Provider, "provider", "", "id of the OIDC provider in the pool (default: cks- and the first 8 characters of the cluster id)")
	f.StringVar(&o.w.GSA, "gsa", trust.DefaultGSA, "account id of the Google service account (GSA) that the pods become")
	f.StringVar(&o.w.Role, "role", trust.DefaultRole, "the role that the GSA is given")
	f.StringVar((*string)(&o.w.Grant), "grant", string(trust.GrantBucket), "where the GSA is given it: on the bucket, or on the whole project")
	f.StringVar((*string)(&o.cfg.Principal), "principal", string(trust.PrincipalWorkload), "how the binding names the pods: workload (this ServiceAccount of this cluster) or subject (Google's plain form)")
	f.StringVar(&o.cfg.Cluster, "cluster", "", "CKS cluster id or name, looked up with $COREWEAVE_API_TOKEN (default: the one of the context's server)")
	f.StringVar(&o.cfg.Zone, "zone", "", "zone of --cluster, where two clusters have one name")
	f.StringVar(&o.cfg.Issuer, "issuer", "", "issuer of the cluster's tokens, or - to read it from standard input; must agree with what the cluster says")
	f.StringVarP(&o.file, "config", "f", "", "read these settings from a YAML file; flags win over it")
	f.StringVar(&o.endpoint, "gcp-endpoint", s.env("WIFCTL_GCP_ENDPOINT"), "one base URL for all of Google's APIs, such as that of wifctl emulator ($WIFCTL_GCP_ENDPOINT)")
	f.StringVar(&o.tokenFile, "access-token-file", s.env("WIFCTL_ACCESS_TOKEN_FILE"), "file with the access token to use instead of your Google login ($WIFCTL_ACCESS_TOKEN_FILE)")
	f.StringVar(&o.impersonate, "impersonate-service-account", "", "email of a service account to act as at Google")
	f.StringVar(&o.quotaProject, "quota-project", "", "project that requests are counted against (default: that of your Google login)")
	f.StringVarP(&o.output, "output", "o", "text", "text or json")
	f.DurationVar(&o.timeout, "timeout", 0, "bound on the whole command, waiting included, such as 15m (0: none)")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "say nothing when all is well")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "show every request on standard error")
	o.completeFlags(cmd, s)
	return o
}

// addSetupFlags gives cmd those of setup that decide what it would do.
func addSetupFlags(cmd *cobra.Command, o *options) {
	f := cmd.Flags()
	f.BoolVar(&o.cfg.Adopt, "adopt", false, "take over what somebody else made and differs (never another issuer)")
	f.BoolVar(&o.cfg.CreateBucket, "create-bucket", false, "make the bucket, with a hello.txt in it, if there is none of that name")
	f.StringVar(&o.cfg.Location, "location", "", "with --create-bucket: where to make it, such as EU or US-CENTRAL1 (default: US)")
	complete(cmd, map[string]cobra.CompletionFunc{"location": oneOf(locations...)})
}

// google says where Google is and who we are there.
func (o *options) google() gcp.Options {
	return gcp.Options{
		Endpoint: o.endpoint, AccessTokenFile: o.tokenFile, ImpersonateServiceAccount: o.impersonate,
		QuotaProject: o.quotaProject, UserAgent: userAgent(),
	}
}

// kubeUsage is what kubectl's flags are, in the words of ours.
var kubeUsage = map[string]string{
	"kubeconfig": "the kubeconfig file (default: $KUBECONFIG, then ~/.kube/config)",
	"context":    "context of the kubeconfig to use (default: its current one)",
	"as":         "user to act as in the cluster",
	"as-group":   "group to act as in the cluster; repeatable",
}

// kubeFlags are those of kubectl's flags that say which cluster and who we are there.
func kubeFlags(s streams) *genericclioptions.ConfigFlags {
	all := genericclioptions.NewConfigFlags(true)
	*all.KubeConfig = s.kubeconfig
	return &genericclioptions.ConfigFlags{
		KubeConfig: all.KubeConfig, Context: all.Context,
		Impersonate: all.Impersonate, ImpersonateGroup: all.ImpersonateGroup,
	}
}

// config is what the flags and the file come to, checked as far as possible without
// asking anybody.
func (o *options) config(cmd *cobra.Command) (trust.Config, error) {
	if !slices.Contains(o.formats, o.output) {
		return trust.Config{}, usage(cmd, fmt.Errorf("--output %q: must be %s", o.output, orList(o.formats)))
	}
	if o.timeout < 0 {
		return trust.Config{}, &trust.InputError{Flag: "--timeout", Value: o.timeout.String(), Rule: "must not be negative"}
	}
	if len(*o.kube.ImpersonateGroup) > 0 && *o.kube.Impersonate == "" {
		return trust.Config{}, usage(cmd, errors.New("--as-group says in which groups the user of --as is: it needs --as"))
	}
	if o.impersonate != "" && !strings.Contains(o.impersonate, "@") {
		return trust.Config{}, &trust.InputError{Flag: "--impersonate-service-account", Value: o.impersonate, Rule: "must be the whole email of a service account, which ends with .iam.gserviceaccount.com"}
	}
	cfg := o.cfg
	cfg.Workloads = []trust.Workload{o.w}
	if o.file != "" {
		var err error
		if cfg, err = mergeFile(o.file, cfg, cmd.Flags().Changed); err != nil {
			return trust.Config{}, err
		}
	}
	cfg.Context, cfg.Endpoint, cfg.TokenFile, cfg.Wait = *o.kube.Context, o.endpoint, o.tokenFile, o.wait
	if cmd.Flags().Changed("kubeconfig") {
		cfg.Kubeconfig = *o.kube.KubeConfig
	}
	cfg.Flags = givenFlags(cmd)
	return cfg, nil
}

// givenFlags are the flags that say who we are and whom we ask, where they were typed: a
// command to paste must say the same. What stands in the environment is there then, too.
func givenFlags(cmd *cobra.Command) (given []string) {
	for _, name := range []string{"as", "gcp-endpoint", "access-token-file", "impersonate-service-account", "quota-project"} {
		if f := cmd.Flags().Lookup(name); f != nil && f.Changed {
			given = append(given, "--"+name, f.Value.String())
		}
	}
	if groups, err := cmd.Flags().GetStringArray("as-group"); err == nil {
		for _, g := range groups {
			given = append(given, "--as-group", g)
		}
	}
	return given
}
