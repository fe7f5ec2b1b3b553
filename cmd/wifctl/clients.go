package main

import (
	"context"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/trust"
)

// clients makes what the steps speak through. A verify goes on with one side's credentials:
// what they let it see, it judges. So does a setup, to tell everything that is missing at
// once; a teardown needs both, since either alone would leave access behind.
func (ss *session) clients(ctx context.Context, c *trust.Clients, purpose trust.Purpose) (err error) {
	c.Kube, err = kube.New(ss.o.kube, kube.Options{UserAgent: userAgent(), Observe: ss.kubeCall})
	switch {
	case err == nil:
		ss.target = c.Kube.Target()
	case !oneSided(purpose) || !kube.IsNoKubeconfig(err):
		return err
	default:
		c.NoKube = err.Error()
	}
	if c.CoreWeave, err = ss.coreweave(); err != nil {
		return err
	}
	c.Google, err = gcp.New(ctx, ss.googleOptions())
	if oneSided(purpose) && (gcp.ReasonOf(err) == gcp.NoCredentials || gcp.ReasonOf(err) == gcp.NotLoggedIn) {
		c.Google, err = gcp.NewWithoutLogin(ctx, ss.googleOptions(), err)
	}
	if err != nil {
		return err
	}
	c.Anonymous, err = ss.anonymous()
	return err
}

// oneSided reports whether a run makes sense with the credentials of one side alone.
func oneSided(purpose trust.Purpose) bool {
	return purpose == trust.ToVerify || purpose == trust.ToSetUp
}

func (ss *session) googleOptions() gcp.Options {
	at := ss.o.google()
	at.Observe = ss.googleCall
	return at
}

// issuerCA names a file of certificate authorities to trust, beside the system's, when the
// issuer's documents are fetched. It is for issuers that stand in for public ones: Google
// trusts no such authority.
const issuerCA = "WIFCTL_ISSUER_CA"

func (ss *session) anonymous() (cks.DiscoverOptions, error) {
	at := cks.DiscoverOptions{UserAgent: userAgent(), Observe: ss.coreweaveCall, Transport: ss.s.issuer}
	file := ss.s.env(issuerCA)
	if at.Transport != nil || file == "" {
		return at, nil
	}
	roots, err := rootsWith(issuerCA, file)
	at.RootCAs = roots
	return at, err
}
