package kube

import (
	"context"
	"errors"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"

	"golang.org/x/sync/errgroup"
)

// Contents is what lives in a namespace beside what every namespace has and
// what the caller knows to be its own.
type Contents struct {
	Others     []string // "configmap/app-settings", "deployment.apps/web", sorted
	Unreadable []string // "secrets: not allowed": types that we can't tell about, sorted
}

// furniture is what Kubernetes itself puts into every namespace.
var furniture = []string{"serviceaccount/default", "configmap/kube-root-ca.crt"}

// page bounds one list. More names than this change nothing: the namespace is
// in use.
const page = 500

// NamespaceContents looks for every object of every kind in a namespace: built
// in kinds, custom ones, and those of aggregated API servers. Events, the
// furniture of every namespace, and the objects named in ignore (as Contents
// names them: "serviceaccount/bar") are left out. It errs only when the cluster
// says nothing at all; a kind that can't be listed is in Unreadable.
func (c *Client) NamespaceContents(ctx context.Context, namespace string, ignore ...string) (Contents, error) {
	kinds, unreadable, err := c.listable(ctx)
	if err != nil {
		return Contents{}, err
	}
	found := make([]Contents, len(kinds))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(16)
	for i, k := range kinds {
		g.Go(func() error {
			found[i] = c.names(gctx, namespace, k, ignore)
			return nil
		})
	}
	_ = g.Wait() // the goroutines put what went wrong into found
	if err := ctx.Err(); err != nil {
		return Contents{}, fail("list", "the contents of "+describe(kindNamespace, "", namespace), Access{}, err)
	}
	all := Contents{Unreadable: unreadable}
	for _, f := range found {
		all.Others = append(all.Others, f.Others...)
		all.Unreadable = append(all.Unreadable, f.Unreadable...)
	}
	slices.Sort(all.Others)
	slices.Sort(all.Unreadable)
	return all, nil
}

// kind is a type of objects that live in namespaces and can be listed.
type kind struct {
	resource schema.GroupVersionResource
	name     string // "deployment.apps", or "configmap" in the core group
}

// listable discovers the kinds that the cluster serves, and the groups that it
// names but cannot describe because their API server is down.
func (c *Client) listable(ctx context.Context) (kinds []kind, down []string, err error) {
	lists, err := c.discovery.ServerPreferredNamespacedResourcesWithContext(ctx)
	if partial, ok := errors.AsType[*discovery.ErrGroupDiscoveryFailed](err); ok {
		for gv := range partial.Groups {
			down = append(down, gv.String()+": "+string(Unavailable))
		}
	} else if err != nil {
		return nil, nil, fail("discover", "the kinds of objects", Access{Verb: "get", Resource: "/apis"}, err)
	}
	for _, l := range lists {
		gv, err := schema.ParseGroupVersion(l.GroupVersion)
		if err != nil {
			return nil, nil, fail("discover", "the kinds of objects", Access{}, err)
		}
		for _, r := range l.APIResources {
			if r.Name != "events" && slices.Contains(r.Verbs, "list") {
				name := schema.GroupKind{Group: gv.Group, Kind: strings.ToLower(r.Kind)}.String()
				kinds = append(kinds, kind{gv.WithResource(r.Name), name})
			}
		}
	}
	return kinds, down, nil
}

// names lists the objects of one kind, by their metadata only: nobody's Secrets
// travel.
func (c *Client) names(ctx context.Context, namespace string, k kind, ignore []string) Contents {
	l, err := c.metadata.Resource(k.resource).Namespace(namespace).List(ctx, metav1.ListOptions{Limit: page})
	if apierrors.IsMethodNotSupported(err) {
		return Contents{} // a virtual kind: nothing is stored
	}
	if err != nil {
		reason := ReasonOf(fail("list", k.name, Access{}, err))
		return Contents{Unreadable: []string{k.resource.GroupResource().String() + ": " + or(string(reason), err.Error())}}
	}
	var found Contents
	for _, o := range l.Items {
		name := k.name + "/" + o.Name
		if !slices.Contains(furniture, name) && !slices.Contains(ignore, name) {
			found.Others = append(found.Others, name)
		}
	}
	return found
}
