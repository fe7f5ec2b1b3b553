package main

import (
	"context"
	"os"
	"time"
)

// untilParentEnds returns a context that ends when the process that started this
// one does. A test binary that is killed cannot stop its children; they would
// stay, with some 300 MB each.
func untilParentEnds(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	parent := os.Getppid()
	go func() {
		defer cancel()
		tick := time.NewTicker(250 * time.Millisecond)
		defer tick.Stop()
		for os.Getppid() == parent {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx
}
