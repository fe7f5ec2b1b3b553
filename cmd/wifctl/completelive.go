package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/trust"
)

// completionTime is how long somebody who pressed the tab key is kept waiting.
const completionTime = 2 * time.Second

// looker looks up what the values of flags can be, in the cluster and the project that
// the rest of the command line names. Completion is a courtesy: it reads, is silent about
// what goes wrong, and is over soon.
type looker struct {
	o *options
	s streams
}

// names looks up names that begin with a prefix, or that can be sifted for it.
type names func(ctx context.Context, cfg trust.Config, prefix string) ([]string, error)

// live makes a completion of a look-up. Finding credentials may take longer than we have
// and can't be stopped, so that nobody waits for it to end.
func (l looker) live(look names) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
		const done = cobra.ShellCompDirectiveNoFileComp
		cfg, err := l.o.config(cmd)
		if err != nil {
			return nil, done
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), completionTime)
		defer cancel()
		found := make(chan []string, 1)
		go func() {
			some, _ := look(ctx, cfg, prefix) // some are better than none
			found <- some
		}()
		select {
		case some := <-found:
			return slices.DeleteFunc(some, func(name string) bool { return !strings.HasPrefix(name, prefix) }), done
		case <-ctx.Done():
			return nil, done
		}
	}
}

func (l looker) contexts(context.Context, trust.Config, string) ([]string, error) {
	return kube.Contexts(l.o.kube)
}

// inCluster makes a look-up of one that asks the cluster.
func (l looker) inCluster(look func(ctx context.Context, c *kube.Client, namespace string) ([]string, error)) names {
	return func(ctx context.Context, cfg trust.Config, _ string) ([]string, error) {
		c, err := kube.New(l.o.kube, kube.Options{UserAgent: userAgent(), Unattended: true})
		if err != nil {
			return nil, err
		}
		return look(ctx, c, cfg.Workloads[0].Namespace)
	}
}

func (l looker) namespaces(ctx context.Context, c *kube.Client, _ string) ([]string, error) {
	return c.NamespaceNames(ctx)
}

func (l looker) serviceAccounts(ctx context.Context, c *kube.Client, namespace string) ([]string, error) {
	return c.ServiceAccountNames(ctx, namespace)
}

// place is where at Google a name is looked up.
type place struct{ project, pool, prefix string }

// atGoogle makes a look-up of one that asks the project.
func (l looker) atGoogle(look func(context.Context, *gcp.Client, place) ([]string, error)) names {
	return func(ctx context.Context, cfg trust.Config, prefix string) ([]string, error) {
		c, err := gcp.New(ctx, l.o.google())
		if err != nil {
			return nil, err
		}
		at := place{or(cfg.Project, c.DefaultProject()), cfg.Pool, prefix}
		if at.project == "" {
			return nil, nil
		}
		return look(ctx, c, at)
	}
}

func (l looker) pools(ctx context.Context, c *gcp.Client, at place) ([]string, error) {
	return c.PoolIDs(ctx, at.project)
}

func (l looker) providers(ctx context.Context, c *gcp.Client, at place) ([]string, error) {
	return c.ProviderIDs(ctx, at.project, at.pool)
}

func (l looker) accounts(ctx context.Context, c *gcp.Client, at place) ([]string, error) {
	return c.AccountIDs(ctx, at.project)
}

func (l looker) buckets(ctx context.Context, c *gcp.Client, at place) ([]string, error) {
	return c.BucketNames(ctx, at.project, at.prefix)
}

// clusters are the ids that the CoreWeave API knows, with their names.
func (l looker) clusters(ctx context.Context, _ trust.Config, _ string) ([]string, error) {
	c, err := cks.New(cks.Options{
		Endpoint: l.s.env("COREWEAVE_API_ENDPOINT"), Token: l.s.env("COREWEAVE_API_TOKEN"), UserAgent: userAgent(),
	})
	if err != nil {
		return nil, err
	}
	list, err := c.List(ctx)
	ids := make([]string, len(list.Clusters))
	for i, cl := range list.Clusters {
		ids[i] = cl.ID + "\t" + cl.Name
	}
	return ids, err
}
