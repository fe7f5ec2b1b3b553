package emulator_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

func clientset(t *testing.T, w *world) *kubernetes.Clientset {
	t.Helper()
	config := rest.CopyConfig(w.users["admin"])
	config.QPS = -1
	c, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What an informer of client-go sees of a namespace's life is the same in both.
func TestInformersSeeWhatHappens(t *testing.T) {
	for _, open := range []func(*testing.T) *world{newReal, newEmulated} {
		var w *world
		t.Run("", func(t *testing.T) {
			w = open(t)
			got := watchedLife(t, clientset(t, w), "contract-informer")
			want := []string{"added before", "added after", "updated after: 2", "deleted before", "deleted after"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", w.name, diff)
			}
		})
	}
}

// watchedLife makes ConfigMaps before and after an informer has started, and gives what
// the informer told of.
func watchedLife(t *testing.T, c *kubernetes.Clientset, ns string) []string {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := c.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}}, metav1.CreateOptions{})
	must(err)
	t.Cleanup(func() { _ = c.CoreV1().Namespaces().Delete(t.Context(), ns, metav1.DeleteOptions{}) })
	configMaps := c.CoreV1().ConfigMaps(ns)
	make := func(name string) *corev1.ConfigMap {
		m := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"ours": "1"}}, Data: map[string]string{"n": "1"}}
		m, err := configMaps.Create(ctx, m, metav1.CreateOptions{})
		must(err)
		return m
	}
	make("before")

	told := newTold()
	factory := informers.NewSharedInformerFactoryWithOptions(c, 0, informers.WithNamespace(ns),
		informers.WithTweakListOptions(func(o *metav1.ListOptions) { o.LabelSelector = "ours=1" }))
	_, err = factory.Core().V1().ConfigMaps().Informer().AddEventHandler(told.handler())
	must(err)
	stop := t.Context().Done()
	factory.Start(stop)
	factory.WaitForCacheSync(stop)
	told.next(t)
	m := make("after")
	told.next(t)
	m.Data["n"] = "2"
	_, err = configMaps.Update(ctx, m, metav1.UpdateOptions{})
	must(err)
	told.next(t)
	for _, name := range []string{"before", "after"} {
		must(configMaps.Delete(ctx, name, metav1.DeleteOptions{}))
		told.next(t)
	}
	return told.all
}

// told collects what an informer tells.
type told struct {
	events chan string
	all    []string
}

func newTold() *told { return &told{events: make(chan string, 100)} }

func (h *told) handler() cache.ResourceEventHandlerFuncs {
	return cache.ResourceEventHandlerFuncs{
		AddFunc: func(o any) { h.events <- "added " + o.(*corev1.ConfigMap).Name },
		UpdateFunc: func(_, o any) {
			m := o.(*corev1.ConfigMap)
			h.events <- "updated " + m.Name + ": " + m.Data["n"]
		},
		DeleteFunc: func(o any) { h.events <- "deleted " + o.(*corev1.ConfigMap).Name },
	}
}

func (h *told) next(t *testing.T) {
	t.Helper()
	select {
	case e := <-h.events:
		h.all = append(h.all, e)
	case <-time.After(10 * time.Second):
		t.Fatalf("nothing more was told after %q", h.all)
	}
}

// Everything that the emulated one says it serves, the real one serves in the same way.
func TestDiscoveryPromisesNothingElse(t *testing.T) {
	served := func(w *world) map[string]metav1.APIResource {
		_, lists, err := clientset(t, w).Discovery().ServerGroupsAndResources()
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]metav1.APIResource{}
		for _, l := range lists {
			for _, r := range l.APIResources {
				r.StorageVersionHash, r.Categories = "", nil
				r.Verbs = slices.DeleteFunc(r.Verbs, func(v string) bool { return v == "deletecollection" }) // not modelled
				out[l.GroupVersion+" "+r.Name] = r
			}
		}
		return out
	}
	emulated, real := served(newEmulated(t)), served(newReal(t))
	maps.DeleteFunc(real, func(name string, _ metav1.APIResource) bool { _, ok := emulated[name]; return !ok })
	if diff := cmp.Diff(real, emulated); diff != "" {
		t.Errorf("(-real +emulated)\n%s", diff)
	}
}
