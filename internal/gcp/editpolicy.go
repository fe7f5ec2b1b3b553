package gcp

import (
	"context"
	"errors"
	"net/http"
)

// maxEdits is how often a policy is read and written before a busy one is given
// up: with the pauses between, about half a minute.
const maxEdits = 10

// EditPolicy is the one way to change a policy: read it, let edit change it, and
// write it back with the etag that was read, so that nobody's change is lost. If
// somebody else was first, or Google was busy, all of that is done again from a
// fresh read; edit must stand being called again. When edit returns false nothing
// is written.
//
// Bindings that edit leaves alone, their conditions, and fields that we have no
// name for go back as they came. Changed reports whether a write took effect.
//
// https://docs.cloud.google.com/iam/docs/allow-policies#etag
func (c *Client) EditPolicy(ctx context.Context, target PolicyTarget, edit func(*Policy) bool) (changed bool, err error) {
	var unsure bool // a write was sent and its answer lost
	for n := 0; ; n++ {
		p, err := c.Policy(ctx, target)
		if err != nil {
			return unsure, err
		}
		if !edit(&p) {
			return unsure, nil
		}
		err = c.writePolicy(ctx, target, p)
		if err == nil {
			return true, nil
		}
		unsure = unsure || is(err, Unavailable)
		if ClassOf(err) != Contention || n+1 == maxEdits || !sleep(ctx, pause(n)) {
			return false, err
		}
	}
}

func (c *Client) writePolicy(ctx context.Context, target PolicyTarget, p Policy) error {
	document, err := p.encode()
	if err != nil {
		r := target.asked("write", "setIamPolicy")
		return &Error{Op: r.op, Resource: r.resource, Reason: Invalid, Message: oneLine(err.Error()), Err: err}
	}
	_, err = c.send(ctx, target.writing(c.at, document))
	if e, ok := errors.AsType[*Error](err); ok && e.Status == http.StatusConflict {
		e.Reason = Aborted // a policy always exists: every 409 is about its etag
	}
	return err
}
