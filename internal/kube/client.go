package kube

import (
	"net/http"
	"sync"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/discovery"
	authenticationv1 "k8s.io/client-go/kubernetes/typed/authentication/v1"
	authorizationv1 "k8s.io/client-go/kubernetes/typed/authorization/v1"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
)

// Options are what New needs beside kubectl's flags. The zero value is useful.
type Options struct {
	UserAgent string     // client-go's own when empty
	Observe   func(Call) // called after every request, from several goroutines; may be nil
	// Unattended is for a run behind a person's back: no credential plugin may ask
	// them anything. One that only works by asking fails then.
	Unattended bool
}

// Client speaks to one cluster as one user. Its methods may be called at the
// same time.
type Client struct {
	target    Target
	core      corev1.CoreV1Interface
	reviews   authorizationv1.AuthorizationV1Interface
	identity  authenticationv1.AuthenticationV1Interface
	discovery *discovery.DiscoveryClient
	metadata  metadata.Interface
	config    *rest.Config
	helped    bool // a login helper gives us credentials, and is started again by each request while it fails
}

// New reads the kubeconfig that the flags name, as kubectl does, and makes a
// client of it. It sends nothing. Its error is a *ConfigError.
func New(flags *genericclioptions.ConfigFlags, opts Options) (*Client, error) {
	quiet()
	config, target, err := load(flags)
	if err != nil {
		return nil, err
	}
	tune(config, opts)
	h, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, &ConfigError{Reason: BadKubeconfig, Context: target.Context, Err: err}
	}
	if config.ExecProvider != nil {
		h.Transport = patient{h.Transport, config.ExecProvider.Command}
	}
	c, err := newClient(config, h)
	if err != nil {
		return nil, &ConfigError{Reason: BadKubeconfig, Context: target.Context, Err: err}
	}
	c.target, c.config, c.helped = target, config, config.ExecProvider != nil
	return c, nil
}

// Target says which cluster this client speaks to, and as whom.
func (c *Client) Target() Target { return c.target }

func newClient(config *rest.Config, h *http.Client) (*Client, error) {
	core, err := corev1.NewForConfigAndClient(config, h)
	if err != nil {
		return nil, err
	}
	reviews, err := authorizationv1.NewForConfigAndClient(config, h)
	if err != nil {
		return nil, err
	}
	identity, err := authenticationv1.NewForConfigAndClient(config, h)
	if err != nil {
		return nil, err
	}
	disco, err := discovery.NewDiscoveryClientForConfigAndClient(config, h)
	if err != nil {
		return nil, err
	}
	meta, err := metadata.NewForConfigAndClient(config, h)
	if err != nil {
		return nil, err
	}
	return &Client{core: core, reviews: reviews, identity: identity, discovery: disco, metadata: meta}, nil
}

// tune turns off client-go's throttle, which makes a dozen parallel questions
// take seconds, and its warnings on stderr.
func tune(config *rest.Config, opts Options) {
	config.QPS = -1
	config.WarningHandlerWithContext = rest.NoWarnings{}
	if opts.Unattended && config.ExecProvider != nil {
		config.ExecProvider.StdinUnavailable = true
		config.ExecProvider.StdinUnavailableMessage = "nobody is there to be asked"
	}
	if opts.UserAgent != "" {
		config.UserAgent = opts.UserAgent
	}
	if opts.Observe != nil {
		config.Wrap(func(next http.RoundTripper) http.RoundTripper {
			return observer{next: next, report: opts.Observe}
		})
	}
}

// quiet drops what client-go's packages log through klog: stderr belongs to the
// command. klog is global, and so is this.
var quiet = sync.OnceFunc(func() {
	klog.SetLogger(klog.Logger{}) // the zero Logger drops everything
})
