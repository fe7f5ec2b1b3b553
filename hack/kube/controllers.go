package main

import (
	"context"
	"errors"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/certificates/rootcacertpublisher"
	"k8s.io/kubernetes/pkg/controller/namespace/deletion"
	"k8s.io/kubernetes/pkg/controller/serviceaccount"
)

// runControllers starts the three parts of kube-controller-manager without which
// a namespace never gets its furniture and never goes away, and waits until they
// have furnished the namespace "default". The whole manager would take twice the
// memory and make the binary a third larger, for nothing that is used here.
func (w *world) runControllers(ctx context.Context, admin *kubernetes.Clientset, stopped <-chan error) error {
	config := rest.CopyConfig(w.server)
	config.BearerToken, config.QPS = w.tokens.controllers, -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	meta, err := metadata.NewForConfig(config)
	if err != nil {
		return err
	}
	ca, err := os.ReadFile(w.path("pki", "apiserver.crt"))
	if err != nil {
		return err
	}
	shared := informers.NewSharedInformerFactory(client, 0)
	core := shared.Core().V1()
	accounts, err := serviceaccount.NewServiceAccountsController(klog.FromContext(ctx),
		core.ServiceAccounts(), core.Namespaces(), client, serviceaccount.DefaultServiceAccountsControllerOptions())
	if err != nil {
		return err
	}
	roots, err := rootcacertpublisher.NewPublisher(core.ConfigMaps(), core.Namespaces(), client, ca)
	if err != nil {
		return err
	}
	ends := newTerminator(ctx, client, meta, w.terminationDelay)
	if _, err := core.Namespaces().Informer().AddEventHandler(ends.handler()); err != nil {
		return err
	}
	shared.Start(ctx.Done())
	go accounts.Run(ctx, 2)
	go roots.Run(ctx, 2)
	go ends.run(ctx)
	return poll(ctx, stopped, func() error {
		_, err := admin.CoreV1().ServiceAccounts("default").Get(ctx, "default", metav1.GetOptions{})
		return err
	})
}

// terminator empties and ends deleted namespaces with upstream's own deleter. It
// stands in for upstream's controller around it, which waits 5 s before it looks
// at a deleted namespace, so that API servers that run side by side have seen it.
type terminator struct {
	deleter deletion.NamespacedResourcesDeleterInterface
	queue   workqueue.TypedRateLimitingInterface[string]
	delay   time.Duration
}

func newTerminator(ctx context.Context, client *kubernetes.Clientset, meta metadata.Interface, delay time.Duration) *terminator {
	return &terminator{
		deleter: deletion.NewNamespacedResourcesDeleter(ctx, client.CoreV1().Namespaces(), meta, client.CoreV1(),
			client.Discovery().ServerPreferredNamespacedResources, corev1.FinalizerKubernetes),
		queue: workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]()),
		delay: delay,
	}
}

func (t *terminator) handler() cache.ResourceEventHandlerFuncs {
	see := func(obj any) {
		if n := obj.(*corev1.Namespace); n.DeletionTimestamp != nil {
			t.queue.AddAfter(n.Name, t.delay)
		}
	}
	return cache.ResourceEventHandlerFuncs{AddFunc: see, UpdateFunc: func(_, obj any) { see(obj) }}
}

func (t *terminator) run(ctx context.Context) {
	for {
		name, quit := t.queue.Get()
		if quit {
			return
		}
		t.end(ctx, name)
		t.queue.Done(name)
	}
}

// end tries once, and comes back later if something is still in the namespace.
func (t *terminator) end(ctx context.Context, name string) {
	err := t.deleter.Delete(ctx, name)
	remaining, ok := errors.AsType[*deletion.ResourcesRemainingError](err)
	switch {
	case err == nil:
		t.queue.Forget(name)
	case ok:
		t.queue.AddAfter(name, time.Duration(remaining.Estimate/2+1)*time.Second)
	default:
		klog.FromContext(ctx).Error(err, "delete namespace", "namespace", name)
		t.queue.AddRateLimited(name)
	}
}
