package emulator

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// immortal are the namespaces that can't be deleted.
var immortal = []string{"default", "kube-public", "kube-system"}

// controllerManager owns what the server does by itself.
const controllerManager = "kube-controller-manager"

const (
	defaultAccount = "default"
	rootCA         = "kube-root-ca.crt"
)

// seed makes a namespace that every cluster has.
func (s *Server) seed(name string) error {
	_, err := s.insert(namespaces, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, "kube-apiserver", false)
	return err
}

// furnish puts into a namespace what every namespace has. In a real cluster a
// controller does, a moment later.
func (s *Server) furnish(namespace string) error {
	if s.store.find(key{serviceAccounts, namespace, defaultAccount}) == nil {
		account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: defaultAccount}}
		if _, err := s.insert(serviceAccounts, account, controllerManager, false); err != nil {
			return err
		}
	}
	if s.store.find(key{configMaps, namespace, rootCA}) != nil {
		return nil
	}
	_, err := s.insert(configMaps, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: rootCA,
			Annotations: map[string]string{"kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."},
		},
		Data: map[string]string{"ca.crt": s.opts.CA},
	}, controllerManager, false)
	return err
}

// remove deletes an object, or marks it where finalizers hold it: then it is left,
// and o is how.
func (s *Server) remove(at key, o object, dry bool) (left bool) {
	n, isNamespace := o.(*corev1.Namespace)
	left = isNamespace || len(o.GetFinalizers()) > 0
	if left && o.GetDeletionTimestamp() != nil {
		return left // it is on its way already
	}
	if left {
		before := s.store.find(at)
		now := metav1.NewTime(s.store.now().UTC().Truncate(time.Second))
		o.SetDeletionTimestamp(&now)
		if isNamespace {
			n.Status.Phase = corev1.NamespaceTerminating
		} else {
			o.SetDeletionGracePeriodSeconds(new(int64))
		}
		if !dry {
			s.store.commit(at, copyOf(o), before)
			o.SetResourceVersion(s.store.current())
		}
	}
	if dry {
		return left
	}
	if !left {
		s.store.commit(at, nil, o)
		o.SetResourceVersion(s.store.current()) // as a real server answers
	}
	s.finish(at)
	return left
}

// finish goes on with what a change has made possible: an object whose last
// finalizer is gone goes, so does a namespace with nothing left in it, and a
// living one gets back what every namespace has.
func (s *Server) finish(at key) {
	if o := s.store.find(at); at.kind != namespaces && o != nil && o.GetDeletionTimestamp() != nil && len(o.GetFinalizers()) == 0 {
		s.store.commit(at, nil, o)
	}
	name := at.namespace
	if at.kind == namespaces {
		name = at.name
	}
	o := s.store.find(key{kind: namespaces, name: name})
	switch {
	case o == nil:
	case o.GetDeletionTimestamp() != nil:
		s.terminate(o)
	default:
		_ = s.furnish(name) // of a namespace that is there
	}
}

// terminate empties a namespace and, when it is empty, ends it. The real controller
// comes to it some seconds after; here it is gone by the next request, unless a
// finalizer holds something in it.
func (s *Server) terminate(n object) {
	empty := true
	for _, k := range kinds {
		if !k.namespaced {
			continue
		}
		for _, o := range s.store.list(k, n.GetName()) {
			at := key{k, n.GetName(), o.GetName()}
			switch {
			case len(o.GetFinalizers()) == 0:
				s.store.commit(at, nil, o)
			case o.GetDeletionTimestamp() == nil:
				s.mark(at, o)
				empty = false
			default:
				empty = false
			}
		}
	}
	if empty && len(n.GetFinalizers()) == 0 {
		s.store.commit(key{kind: namespaces, name: n.GetName()}, nil, n)
	}
}

// mark says of an object that it is to go.
func (s *Server) mark(at key, o object) {
	now := metav1.NewTime(s.store.now().UTC().Truncate(time.Second))
	o.SetDeletionTimestamp(&now)
	o.SetDeletionGracePeriodSeconds(new(int64))
	s.store.commit(at, o, s.store.find(at))
}
