package main

import (
	"context"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/trust"
)

// clients makes what the steps speak through. A verify goes on with one side's credentials:
// what they let it see, it judges.
func (ss *session) clients(ctx context.Context, c *trust.Clients, purpose trust.Purpose) (err error) {
	c.Kube, err = kube.New(ss.o.kube, kube.Options{UserAgent: userAgent(), Observe: ss.kubeCall})
	switch {
	case err == nil:
		ss.target = c.Kube.Target()
	case purpose != trust.ToVerify || !kube.IsNoKubeconfig(err):
		return err
	}
	if c.CoreWeave, err = ss.coreweave(); err != nil {
		return err
	}
	c.Google, err = gcp.New(ctx, ss.googleOptions())
	if purpose == trust.ToVerify && gcp.ReasonOf(err) == gcp.NoCredentials {
		c.Google, err = gcp.NewWithoutLogin(ctx, ss.googleOptions(), err)
	}
	c.Anonymous = ss.anonymous()
	return err
}

func (ss *session) googleOptions() gcp.Options {
	at := ss.o.google()
	at.Observe = ss.googleCall
	return at
}

func (ss *session) anonymous() cks.DiscoverOptions {
	return cks.DiscoverOptions{UserAgent: userAgent(), Observe: ss.coreweaveCall}
}
