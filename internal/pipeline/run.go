package pipeline

import (
	"context"
	"sync"
	"time"
)

// Run is one use of a list of steps. Only Steps is needed.
type Run struct {
	Steps []Step
	// Emit is told what happens, one call at a time. Nil: nobody is told.
	Emit func(Event)
	// Wait bounds how long Look waits for what may still come true. Zero: it does not.
	Wait time.Duration
	// Grace is how long a change under way may go on when the run is stopped, so that
	// it ends as done or as not done and not as unknown. Zero: five seconds.
	Grace time.Duration

	mu *sync.Mutex
}

const defaultGrace = 5 * time.Second

// prepare validates the list and gives a Run whose Emit is never called twice at once.
func (r Run) prepare() (Run, error) {
	if err := Validate(r.Steps); err != nil {
		return r, err
	}
	if r.Grace == 0 {
		r.Grace = defaultGrace
	}
	r.mu = new(sync.Mutex)
	return r, nil
}

func (r Run) emit(e Event) {
	if r.Emit == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Emit(e)
}

// each runs do for every step at the same time, each as soon as those that it waits for
// are done, and tells of every result as an event of the given kind in the order of the list.
func (r Run) each(kind EventKind, after func(Step) []ID, do func(i int) Result) []Result {
	results := make([]Result, len(r.Steps))
	done := make(map[ID]chan struct{}, len(r.Steps))
	for _, s := range r.Steps {
		done[s.ID] = make(chan struct{})
	}
	for i, s := range r.Steps {
		go func() {
			defer close(done[s.ID])
			for _, id := range after(s) {
				<-done[id]
			}
			r.emit(Event{Kind: Begun, ID: s.ID})
			results[i] = do(i)
			r.emit(Event{Kind: Ended, ID: s.ID, Result: results[i]})
		}()
	}
	for i, s := range r.Steps {
		<-done[s.ID]
		r.emit(Event{Kind: kind, ID: s.ID, Result: results[i]})
	}
	return results
}

// graceful gives a context that outlives ctx by grace, and a function that releases it.
func graceful(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		t := time.NewTimer(grace)
		defer t.Stop()
		select {
		case <-t.C:
			cancel()
		case <-out.Done():
		}
	})
	return out, func() { stop(); cancel() }
}

func start(s Step) Result {
	return Result{ID: s.ID, Claim: s.Claim, Claims: s.Claims, Thing: s.Thing}
}

func (r Run) index() map[ID]int {
	at := make(map[ID]int, len(r.Steps))
	for i, s := range r.Steps {
		at[s.ID] = i
	}
	return at
}
