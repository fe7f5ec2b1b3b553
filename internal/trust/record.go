package trust

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// addedAnnotation lists, one a line, the policy members that setup added. It is written
// before they are, so that a run that dies in between leaves nothing unlisted.
//
// It only narrows which of the members that we compute anyway teardown may remove. It is
// never believed about what exists, and it can name nothing else: whoever administers the
// namespace can write anything into it.
const addedAnnotation = kube.AnnotationPrefix + "added"

// A change of a policy is enforced everywhere "typically within 2 minutes, potentially 7
// minutes or more".
//
// https://docs.cloud.google.com/iam/docs/access-change-propagation
const enforced = 10 * time.Minute

// record keeps the annotation. Two steps write it at the same time, and so may a colleague.
type record struct {
	trust *Trust
	mu    sync.Mutex
}

func (r *record) entries() []string {
	text := r.trust.facts.credentials.Annotations[addedAnnotation]
	return strings.FieldsFunc(text, func(c rune) bool { return c == '\n' })
}

func (r *record) has(entry string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(r.entries(), entry)
}

// recent reports whether something was listed so lately that its effect may be on its way.
func (r *record) recent() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.trust.facts.credentials.Applied
	return len(r.entries()) > 0 && !at.IsZero() && time.Since(at) < enforced
}

func (r *record) add(ctx context.Context, entry string) error {
	return r.edit(ctx, func(entries []string) []string {
		if slices.Contains(entries, entry) {
			return entries
		}
		return append(entries, entry)
	})
}

func (r *record) drop(ctx context.Context, entry string) error {
	return r.edit(ctx, func(entries []string) []string {
		return slices.DeleteFunc(entries, func(e string) bool { return e == entry })
	})
}

// edit changes the list. Where somebody wrote the ConfigMap in between, it reads it again
// and starts over.
func (r *record) edit(ctx context.Context, change func([]string) []string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	const tries = 5
	var err error
	for range tries {
		before := r.entries()
		after := change(slices.Clone(before))
		if slices.Equal(before, after) {
			return nil
		}
		var m kube.ConfigMap
		if m, err = r.trust.applyConfigMap(ctx, after, false); err == nil {
			r.trust.facts.credentials = m
			return nil
		}
		if kube.ReasonOf(err) != kube.Conflict {
			return r.trust.kubeFailed(err)
		}
		m, found, rerr := r.trust.kube.ConfigMap(ctx, r.trust.w.Namespace, r.trust.configMap())
		if rerr != nil || !found {
			return r.trust.kubeFailed(rerr)
		}
		r.trust.facts.credentials = m
	}
	return pipeline.Pending(err)
}
