package gcp

import (
	"context"
	"strings"

	iam "google.golang.org/api/iam/v1"
	storage "google.golang.org/api/storage/v1"
)

// The lists of names are for people who choose. Each gives what it has when it ends, and
// is no proof that something else is not there.

// PoolIDs are the ids of a project's workload identity pools, without deleted ones.
func (c *Client) PoolIDs(ctx context.Context, project string) ([]string, error) {
	var ids []string
	r := request{op: "list pools of", resource: project, permission: longPrefix + "s.list"}
	err := c.pools().List("projects/"+project+"/locations/global").PageSize(1000).Pages(ctx,
		func(page *iam.ListWorkloadIdentityPoolsResponse) error {
			for _, p := range page.WorkloadIdentityPools {
				ids = append(ids, lastPart(p.Name))
			}
			return nil
		})
	return ids, r.fail(err)
}

// ProviderIDs are the ids of a pool's providers, without deleted ones.
func (c *Client) ProviderIDs(ctx context.Context, project, pool string) ([]string, error) {
	providers, err := c.Providers(ctx, "projects/"+project+"/locations/global/workloadIdentityPools/"+pool, false)
	ids := make([]string, len(providers))
	for i, p := range providers {
		ids[i] = lastPart(p.Name)
	}
	return ids, err
}

// AccountIDs are what stands before the @ of the service accounts of a project. Those that
// Google made there for itself are of other domains, and left out.
func (c *Client) AccountIDs(ctx context.Context, project string) ([]string, error) {
	var ids []string
	r := request{op: "list service accounts of", resource: project, permission: "iam.serviceAccounts.list"}
	err := c.iam.Projects.ServiceAccounts.List("projects/"+project).PageSize(100).Pages(ctx,
		func(page *iam.ListServiceAccountsResponse) error {
			for _, a := range page.Accounts {
				if id, host, _ := strings.Cut(a.Email, "@"); strings.HasSuffix(host, ".iam.gserviceaccount.com") {
					ids = append(ids, id)
				}
			}
			return nil
		})
	return ids, r.fail(err)
}

// BucketNames are the buckets of a project whose names begin with a prefix.
func (c *Client) BucketNames(ctx context.Context, project, prefix string) ([]string, error) {
	var names []string
	r := request{op: "list buckets of", resource: project, permission: "storage.buckets.list"}
	err := c.buckets.Buckets.List(project).Prefix(prefix).Projection("noAcl").Fields("nextPageToken", "items/name").Pages(ctx,
		func(page *storage.Buckets) error {
			for _, b := range page.Items {
				names = append(names, b.Name)
			}
			return nil
		})
	return names, r.fail(err)
}

// lastPart is the id at the end of a resource name.
func lastPart(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
