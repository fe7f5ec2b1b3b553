package pipeline

import "context"

// A look may itself take long, where what it looks at has to happen first. Then it tells
// what it waits for.

type tellKey struct{}

// telling gives ctx to a look, so that it may Tell.
func (r Run) telling(ctx context.Context, id ID) context.Context {
	return context.WithValue(ctx, tellKey{}, func(w Wait) { r.emit(Event{Kind: Waiting, ID: id, Wait: w}) })
}

// Tell says what the look that was given ctx waits for. It may be called again and again.
func Tell(ctx context.Context, w Wait) {
	if tell, ok := ctx.Value(tellKey{}).(func(Wait)); ok {
		tell(w)
	}
}
