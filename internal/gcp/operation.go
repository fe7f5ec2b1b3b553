package gcp

import (
	"context"
	"encoding/json"
	"time"

	"google.golang.org/api/googleapi"
	iam "google.golang.org/api/iam/v1"
	serviceusage "google.golang.org/api/serviceusage/v1"
)

const (
	firstPoll       = 200 * time.Millisecond
	longestPoll     = 5 * time.Second
	longestWaitedOn = 2 * time.Minute
)

// operation is the state of a long-running operation, the same for every API.
// Google leaves the resource out of it for pools and providers, against its own
// documentation, so nobody here looks for it.
type operation struct {
	name string
	done bool
	err  *rpcStatus
}

type rpcStatus struct {
	Code    int // google.rpc.Code
	Message string
	Details []json.RawMessage
}

func newStatus(code int64, message string, details []googleapi.RawMessage) *rpcStatus {
	s := &rpcStatus{Code: int(code), Message: message}
	for _, d := range details {
		s.Details = append(s.Details, json.RawMessage(d))
	}
	return s
}

// await polls an operation until it is done, failed, or two minutes have
// passed: StillRunning. It starts with the answer that began the operation.
func (r request) await(ctx context.Context, o operation, poll func(name string) (operation, error)) error {
	bounded, cancel := context.WithTimeout(ctx, longestWaitedOn)
	defer cancel()
	for pause := firstPoll; !o.done; pause = min(pause*3/2, longestPoll) {
		if !sleep(bounded, pause) {
			return r.unfinished(ctx, o.name)
		}
		next, err := poll(o.name)
		if err != nil {
			return r.fail(err)
		}
		o = next
	}
	if o.err != nil {
		return r.refused(statusAnswer(o.err), nil)
	}
	return nil
}

func (r request) unfinished(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return r.fail(err)
	}
	return &Error{Op: r.op, Resource: r.resource, Reason: StillRunning, Message: name}
}

func iamOperation(o *iam.Operation) operation {
	if o == nil {
		return operation{}
	}
	out := operation{name: o.Name, done: o.Done}
	if o.Error != nil {
		out.err = newStatus(o.Error.Code, o.Error.Message, o.Error.Details)
	}
	return out
}

func usageOperation(o *serviceusage.Operation) operation {
	if o == nil {
		return operation{}
	}
	out := operation{name: o.Name, done: o.Done}
	if o.Error != nil {
		out.err = newStatus(o.Error.Code, o.Error.Message, o.Error.Details)
	}
	return out
}
