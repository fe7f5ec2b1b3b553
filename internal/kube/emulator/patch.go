package emulator

import (
	"encoding/json"
	"fmt"
	"mime"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"sigs.k8s.io/yaml"
)

// patch changes an object in part
// (https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply).
func (c *call) patch(k *kind) (*answer, error) {
	media, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	how := types.PatchType(media)
	opts := metav1.PatchOptions{DryRun: c.query["dryRun"], FieldManager: c.query.Get("fieldManager"), FieldValidation: c.query.Get("fieldValidation")}
	if c.query.Has("force") {
		force := isTrue(c.query, "force")
		opts.Force = &force
	}
	switch how {
	case types.JSONPatchType, types.MergePatchType, types.StrategicMergePatchType, types.ApplyYAMLPatchType:
	default:
		return nil, &apierrors.StatusError{ErrStatus: metav1.Status{
			Status: metav1.StatusFailure, Code: 415, Reason: metav1.StatusReasonUnsupportedMediaType,
			Message: "415: Unsupported Media Type", Details: &metav1.StatusDetails{},
		}}
	}
	if errs := metavalidation.ValidatePatchOptions(&opts, how); len(errs) > 0 {
		return nil, apierrors.NewInvalid(schema.GroupKind{Group: metav1.GroupName, Kind: "PatchOptions"}, "", errs)
	}
	if how == types.ApplyYAMLPatchType {
		return c.apply(c.key(k), opts)
	}
	at := c.key(k)
	before, err := c.s.store.get(at)
	if err != nil {
		return nil, err
	}
	o, err := c.patched(k, how, before)
	if err != nil {
		return nil, err
	}
	if err := c.sameName(k, o); err != nil {
		return nil, err
	}
	return c.replace(at, before, o)
}

// patched is what the patch makes of an object.
func (c *call) patched(k *kind, how types.PatchType, before object) (object, error) {
	old, err := json.Marshal(before)
	if err != nil {
		return nil, err
	}
	var raw []byte
	switch how {
	case types.JSONPatchType:
		raw, err = jsonPatched(old, c.body)
	case types.MergePatchType:
		raw, err = mergePatched(old, c.body)
	default:
		raw, err = strategicallyPatched(old, c.body, k)
	}
	if err != nil {
		return nil, err
	}
	o := k.empty()
	bad := func(err error) error { return apierrors.NewBadRequest(err.Error()) }
	return o, c.decodeStrictly(raw, o, bad)
}

func jsonPatched(old, body []byte) ([]byte, error) {
	patch, err := jsonpatch.DecodePatch(body)
	if err != nil {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("error decoding patch: %v", err))
	}
	raw, err := patch.Apply(old)
	if err != nil {
		return nil, apierrors.NewGenericServerResponse(422, "", schema.GroupResource{}, "", err.Error(), 0, false)
	}
	return raw, nil
}

func mergePatched(old, body []byte) ([]byte, error) {
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("error decoding patch: %v", err))
	}
	raw, err := jsonpatch.MergePatch(old, body)
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return raw, nil
}

func strategicallyPatched(old, body []byte, k *kind) ([]byte, error) {
	raw, err := strategicpatch.StrategicMergePatch(old, body, k.empty())
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return raw, nil
}

// apply is server-side apply. Owners and conflicts are the tracker's work
// (https://kubernetes.io/docs/reference/using-api/server-side-apply/).
func (c *call) apply(at key, opts metav1.PatchOptions) (*answer, error) {
	want := &unstructured.Unstructured{Object: map[string]any{}}
	if err := yaml.Unmarshal(c.body, &want.Object); err != nil {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("error decoding YAML: %v", err))
	}
	if err := c.appliable(at, want); err != nil {
		return nil, err
	}
	before := c.s.store.find(at)
	if err := c.s.applyTo(at, before, want); err != nil {
		return nil, err
	}
	after, err := c.s.store.write(at, change{dry: c.dry(), check: validate, do: func() error {
		return c.s.store.tracker.Apply(at.kind.gvr(), want, at.namespace, opts)
	}})
	if err != nil {
		return nil, err
	}
	if before != nil {
		c.s.finish(at)
		return ok(after)
	}
	if at.kind == namespaces && !c.dry() {
		if err := c.s.furnish(at.name); err != nil {
			return nil, err
		}
	}
	return created(after)
}

// appliable holds the body against the kind and against where it was sent.
func (c *call) appliable(at key, want *unstructured.Unstructured) error {
	if want.GroupVersionKind() != at.kind.gvk() {
		return apierrors.NewBadRequest(fmt.Sprintf("invalid object type: %v", want.GroupVersionKind()))
	}
	if want.GetName() == "" {
		want.SetName(at.name)
	}
	return c.sameName(at.kind, want.DeepCopy()) // which fills in the namespace, and this is not the applier's word
}

// applyTo holds what an apply expects against what is there.
func (s *Server) applyTo(at key, before object, want *unstructured.Unstructured) error {
	switch {
	case before != nil && want.GetResourceVersion() != "" && want.GetResourceVersion() != before.GetResourceVersion():
		return changedMeanwhile(at)
	case before != nil:
		return nil
	case want.GetUID() != "":
		return apierrors.NewConflict(at.kind.gr(), at.name, fmt.Errorf("uid mismatch: the provided object specified uid %s, and no existing object was found", want.GetUID()))
	}
	return s.admitted(at)
}
