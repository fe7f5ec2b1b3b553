package emulator

import (
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/applyconfigurations"
	clienttesting "k8s.io/client-go/testing"
)

// store is client-go's object tracker, and what it leaves to others: UIDs,
// versions, and the history that watches read.
type store struct {
	tracker clienttesting.ObjectTracker
	now     func() time.Time
	version uint64 // of the last change
	history history
}

func newStore(now func() time.Time) store {
	scheme := newScheme()
	return store{
		tracker: clienttesting.NewFieldManagedObjectTracker(scheme,
			serializer.NewCodecFactory(scheme).UniversalDecoder(), applyconfigurations.NewTypeConverter(scheme)),
		now:     now,
		version: 1,
		history: history{changed: make(chan struct{})},
	}
}

// key names one object.
type key struct {
	kind      *kind
	namespace string
	name      string
}

// find is the object as it is stored, or nil. The caller may change what it got.
func (s *store) find(k key) object {
	o, err := s.tracker.Get(k.kind.gvr(), k.namespace, k.name)
	if err != nil {
		return nil
	}
	return k.kind.typed(asObject(o))
}

// get is find with the error of an absent object.
func (s *store) get(k key) (object, error) {
	if o := s.find(k); o != nil {
		return o, nil
	}
	return nil, apierrors.NewNotFound(k.kind.gr(), k.name)
}

// list are all objects of a kind, by name; of all namespaces if none is given.
func (s *store) list(k *kind, namespace string) []object {
	list, err := s.tracker.List(k.gvr(), k.gvk(), namespace)
	if err != nil {
		return nil // there was never one of the kind
	}
	var out []object
	_ = eachItem(list, func(o object) { out = append(out, k.typed(o)) })
	return out
}

// change is one write: what the tracker is to do, and what is to hold of what
// comes out of it.
type change struct {
	do    func() error
	check func(after, before object) error
	dry   bool
}

// write makes a change and settles what the tracker knows nothing of. A change
// that comes to nothing leaves the version as it was, and so does a dry run.
func (s *store) write(k key, c change) (object, error) {
	before := s.find(k)
	if err := c.do(); err != nil {
		return nil, err
	}
	after := s.find(k)
	if err := c.check(after, before); err != nil {
		s.put(k, before)
		return nil, err
	}
	if before == nil {
		s.born(after)
	}
	if before != nil && sameButForTimes(before, after) {
		s.put(k, before)
		return before, nil
	}
	if c.dry {
		s.put(k, before)
		return after, nil
	}
	s.commit(k, after, before)
	return after, nil
}

// born gives a new object what tells it from others of its name, and a namespace
// what only the server writes there: nobody owns those fields.
func (s *store) born(o object) {
	if n, ok := o.(*corev1.Namespace); ok {
		n.Spec.Finalizers = []corev1.FinalizerName{corev1.FinalizerKubernetes}
		n.Status.Phase = corev1.NamespaceActive
	}
	o.SetUID(uuid.NewUUID())
	o.SetCreationTimestamp(metav1.NewTime(s.now().UTC().Truncate(time.Second)))
	o.SetResourceVersion("")
}

// commit stores an object in a new version and tells the watches; nil: it is gone.
func (s *store) commit(k key, after, before object) {
	s.version++
	switch {
	case after == nil:
		gone := copyOf(before)
		gone.SetResourceVersion(s.current())
		s.put(k, nil)
		s.history.add(event{version: s.version, how: "DELETED", kind: k.kind, object: gone})
		return
	case before == nil:
		after.SetResourceVersion(s.current())
		s.history.add(event{version: s.version, how: "ADDED", kind: k.kind, object: copyOf(after)})
	default:
		after.SetResourceVersion(s.current())
		s.history.add(event{version: s.version, how: "MODIFIED", kind: k.kind, object: copyOf(after)})
	}
	s.put(k, after)
}

// put stores an object as it is, or removes it. Tracker.Update would take the
// server itself for one of the managers; what is added new is left as it is.
func (s *store) put(k key, o object) {
	_ = s.tracker.Delete(k.kind.gvr(), k.namespace, k.name) // it may not be there
	if o == nil {
		return
	}
	if err := s.tracker.Add(o); err != nil {
		panic(err) // of a kind that newScheme knows, and just deleted: it can't be
	}
}

// current is the version of the last change, as it is on the wire.
func (s *store) current() string { return strconv.FormatUint(s.version, 10) }

// sameButForTimes compares two states of an object. A write that changes nothing
// but the time of a manager's entry is none
// (k8s.io/apiserver: managedfields.IgnoreManagedFieldsTimestampsTransformer).
func sameButForTimes(a, b object) bool {
	return equality.Semantic.DeepEqual(timeless(a), timeless(b))
}

func timeless(o object) object {
	o = copyOf(o)
	fields := slices.Clone(o.GetManagedFields())
	for i := range fields {
		fields[i].Time = nil
	}
	o.SetManagedFields(fields)
	o.SetResourceVersion("")
	return o
}

// sameUID reports whether a UID that somebody named is the object's.
func sameUID(named, have types.UID) bool { return named == "" || named == have }
