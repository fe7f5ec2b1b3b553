package emulator

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func (c *call) create(k *kind) (*answer, error) {
	if c.info.name != "" {
		return nil, c.unmodelled()
	}
	opts := metav1.CreateOptions{DryRun: c.query["dryRun"], FieldManager: c.query.Get("fieldManager"), FieldValidation: c.query.Get("fieldValidation")}
	if errs := metavalidation.ValidateCreateOptions(&opts); len(errs) > 0 {
		return nil, apierrors.NewInvalid(schema.GroupKind{Group: metav1.GroupName, Kind: "CreateOptions"}, "", errs)
	}
	o := k.empty()
	if err := c.decode(k.gvk(), o); err != nil {
		return nil, err
	}
	if err := c.sameNamespace(k, o); err != nil {
		return nil, err
	}
	if o.GetName() == "" && o.GetGenerateName() != "" {
		o.SetName(generated(o.GetGenerateName()))
	}
	if o.GetResourceVersion() != "" {
		return nil, errors.New("resourceVersion should not be set on objects to be created") // as a real server: 500
	}
	made, err := c.s.insert(k, o, c.manager(), len(opts.DryRun) > 0)
	if err != nil {
		return nil, err
	}
	return created(made)
}

// insert stores a new object. What its maker says of UID and time is not heard.
func (s *Server) insert(k *kind, o object, manager string, dry bool) (object, error) {
	at := key{kind: k, name: o.GetName(), namespace: o.GetNamespace()}
	prepare(o)
	if err := s.admit(k, at, o); err != nil {
		return nil, err
	}
	if there := s.store.find(at); there != nil {
		taken := apierrors.NewAlreadyExists(k.gr(), at.name)
		if there.GetDeletionTimestamp() != nil {
			taken.ErrStatus.Message = "object is being deleted: " + taken.ErrStatus.Message
		}
		return nil, taken
	}
	made, err := s.store.write(at, change{dry: dry, check: keep, do: func() error {
		return s.store.tracker.Create(k.gvr(), o, at.namespace, metav1.CreateOptions{FieldManager: manager})
	}})
	if err != nil {
		return nil, err
	}
	if k == namespaces && !dry {
		return made, s.furnish(at.name)
	}
	return made, nil
}

// keep finds nothing wrong.
func keep(object, object) error { return nil }

func (c *call) update(k *kind) (*answer, error) {
	o := k.empty()
	if err := c.decode(k.gvk(), o); err != nil {
		return nil, err
	}
	if err := c.sameName(k, o); err != nil {
		return nil, err
	}
	at := c.key(k)
	before, err := c.s.store.get(at)
	if err != nil {
		return nil, err
	}
	return c.replace(at, before, o)
}

// replace puts a new state of an object in the place of the one before.
func (c *call) replace(at key, before, o object) (*answer, error) {
	if version := o.GetResourceVersion(); version != "" && version != before.GetResourceVersion() {
		return nil, changedMeanwhile(at)
	}
	if !sameUID(o.GetUID(), before.GetUID()) {
		return nil, apierrors.NewConflict(at.kind.gr(), at.name, fmt.Errorf("Precondition failed: UID in precondition: %v, UID in object meta: %v", o.GetUID(), before.GetUID()))
	}
	inherit(o, before)
	after, err := c.s.store.write(at, change{dry: c.dry(), check: validate, do: func() error {
		return c.s.store.tracker.Update(at.kind.gvr(), o, at.namespace, metav1.UpdateOptions{FieldManager: c.manager()})
	}})
	if err != nil {
		return nil, err
	}
	if !c.dry() {
		c.s.finish(at)
	}
	if c.s.store.find(at) == nil {
		after.SetResourceVersion(before.GetResourceVersion()) // it went instead of being written
	}
	return ok(after)
}

func changedMeanwhile(at key) error {
	return apierrors.NewConflict(at.kind.gr(), at.name, fmt.Errorf("the object has been modified; please apply your changes to the latest version and try again"))
}

func (c *call) delete(k *kind) (*answer, error) {
	var opts metav1.DeleteOptions
	if len(strings.TrimSpace(string(c.body))) > 0 {
		raw, err := c.jsonBody(&opts)
		if err != nil {
			return nil, err
		}
		if err := c.decodeStrictly(raw, &opts, func(err error) error { return apierrors.NewBadRequest(err.Error()) }); err != nil {
			return nil, err
		}
	}
	if len(opts.DryRun) == 0 {
		opts.DryRun = c.query["dryRun"]
	}
	at := c.key(k)
	o, err := c.s.store.get(at)
	if err != nil {
		return nil, err
	}
	if err := expected(at, o, opts.Preconditions); err != nil {
		return nil, err
	}
	if k == namespaces && slices.Contains(immortal, at.name) {
		return nil, apierrors.NewForbidden(k.gr(), at.name, fmt.Errorf("this namespace may not be deleted"))
	}
	left := c.s.remove(at, o, len(opts.DryRun) > 0)
	if left || k.returned {
		return ok(k.typed(o))
	}
	return ok(&metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusSuccess,
		Details: &metav1.StatusDetails{Name: at.name, Kind: k.resource, UID: o.GetUID()},
	})
}

// expected compares an object with what a delete expects it to be.
func expected(at key, o object, p *metav1.Preconditions) error {
	if p == nil {
		return nil
	}
	if p.UID != nil && *p.UID != o.GetUID() {
		return unexpected(at, "UID", "deleted and then recreated", *p.UID, o.GetUID())
	}
	if p.ResourceVersion != nil && *p.ResourceVersion != o.GetResourceVersion() {
		return unexpected(at, "ResourceVersion", "modified", *p.ResourceVersion, o.GetResourceVersion())
	}
	return nil
}

// unexpected has two wordings in a real server: namespaces are deleted by code of their own.
func unexpected(at key, what, happened string, want, have any) error {
	if at.kind == namespaces {
		return apierrors.NewConflict(at.kind.gr(), at.name, fmt.Errorf("Precondition failed: %s in precondition: %v, %s in object meta: %v", what, want, what, have))
	}
	return apierrors.NewConflict(schema.GroupResource{Resource: at.kind.name}, at.name,
		fmt.Errorf("the %s in the precondition (%v) does not match the %s in record (%v). The object might have been %s", what, want, what, have, happened))
}

func (c *call) dry() bool { return len(c.query["dryRun"]) > 0 }

// manager is who writes: as they say, or by the name of their program
// (k8s.io/apiserver: pkg/endpoints/handlers.managerOrUserAgent).
func (c *call) manager() string {
	if m := c.query.Get("fieldManager"); m != "" {
		return m
	}
	program, _, _ := strings.Cut(c.r.UserAgent(), "/")
	return program[:min(len(program), metavalidation.FieldManagerMaxLength)]
}

// sameNamespace holds what a body says against where it was sent.
func (c *call) sameNamespace(k *kind, o object) error {
	if !k.namespaced {
		o.SetNamespace("")
		return nil
	}
	if o.GetNamespace() == "" {
		o.SetNamespace(c.info.namespace)
	}
	if o.GetNamespace() != c.info.namespace {
		return errOtherNamespace()
	}
	return nil
}

func errOtherNamespace() error {
	return apierrors.NewBadRequest("the namespace of the provided object does not match the namespace sent on the request")
}

func (c *call) sameName(k *kind, o object) error {
	if o.GetName() != c.info.name {
		return apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s) does not match the name on the URL (%s)", o.GetName(), c.info.name))
	}
	return c.sameNamespace(k, o)
}

// generated ends a name as the real server does: with five characters that make no words.
func generated(base string) string {
	const letters = "bcdfghjklmnpqrstvwxz2456789"
	const most = 63 - 5
	var end strings.Builder
	for range 5 {
		end.WriteByte(letters[rand.IntN(len(letters))])
	}
	return base[:min(len(base), most)] + end.String()
}
