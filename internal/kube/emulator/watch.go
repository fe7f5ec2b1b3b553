package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// watchFor bounds a watch that names no bound, as the real server does.
const watchFor = 30 * time.Minute

// frame is one line of a watch.
type frame struct {
	Type   string `json:"type"`
	Object any    `json:"object"`
}

// watch tells of changes until the client has gone
// (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes).
func (c *call) watch() error {
	k, choose, from, err := c.beginWatch()
	if err != nil {
		return err
	}
	end := time.NewTimer(c.watchBound())
	defer end.Stop()
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(http.StatusOK)
	flush := http.NewResponseController(c.w)
	_ = flush.Flush()
	for {
		frames, upTo, changed, err := c.framesSince(k, choose, from)
		from = upTo
		for _, f := range frames {
			if json.NewEncoder(c.w).Encode(f) != nil {
				return nil
			}
		}
		_ = flush.Flush()
		if err != nil {
			return nil //nolint:nilerr // it was the last frame
		}
		select {
		case <-changed:
		case <-end.C:
			return nil
		case <-c.r.Context().Done():
			return nil
		}
	}
}

// beginWatch reads what is to be watched, and from where.
func (c *call) beginWatch() (k *kind, choose selector, from uint64, err error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if err := c.authorize(); err != nil {
		return nil, choose, 0, err
	}
	if k = kindOf(c.info.resource); k == nil || c.info.group != "" || c.info.subresource != "" {
		return nil, choose, 0, c.unmodelled()
	}
	if c.query.Has("sendInitialEvents") {
		errs := field.ErrorList{field.Forbidden(field.NewPath("sendInitialEvents"), "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled")}
		return nil, choose, 0, apierrors.NewInvalid(schema.GroupKind{Group: metav1.GroupName, Kind: "ListOptions"}, "", errs)
	}
	if choose, err = c.selector(k); err != nil {
		return nil, choose, 0, err
	}
	if text := c.query.Get("resourceVersion"); text != "" && text != "0" {
		if from, err = strconv.ParseUint(text, 10, 64); err != nil {
			return nil, choose, 0, apierrors.NewBadRequest(fmt.Sprintf("resourceVersion: Invalid value: %q: %v", text, err))
		}
	}
	return k, choose, from, nil
}

func (c *call) watchBound() time.Duration {
	if n, err := strconv.Atoi(c.query.Get("timeoutSeconds")); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	return watchFor
}

// framesSince is what is to be told: from the start all that is there, and then what
// changed. An error means that too much was forgotten, and the last frame says so.
func (c *call) framesSince(k *kind, choose selector, from uint64) (frames []frame, upTo uint64, changed <-chan struct{}, err error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	h := &c.s.store.history
	upTo, changed = c.s.store.version, h.changed
	if from == 0 {
		for _, o := range c.s.store.list(k, c.namespaceOf(k)) {
			if choose.matches(o) {
				frames = append(frames, frame{"ADDED", c.form.shape(o)})
			}
		}
		return frames, upTo, changed, nil
	}
	if from < h.dropped {
		expired := apierrors.NewResourceExpired(fmt.Sprintf("too old resource version: %d (%d)", from, h.dropped))
		expired.ErrStatus.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
		return []frame{{"ERROR", &expired.ErrStatus}}, upTo, changed, expired
	}
	for _, e := range h.since(from) {
		elsewhere := k.namespaced && c.info.namespace != "" && e.object.GetNamespace() != c.info.namespace
		if e.kind == k && !elsewhere && choose.matches(e.object) {
			frames = append(frames, frame{e.how, c.form.shape(k.typed(e.object))})
		}
	}
	return frames, upTo, changed, nil
}
