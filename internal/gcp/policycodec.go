package gcp

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// policyVersion is the one that has conditions. It is sent back always: Google
// refuses a policy with conditions under an older one, and drops it to 1 itself
// where there are none.
const policyVersion = 3

var errNoEtag = errors.New("the policy was read without an etag, and to write it would overwrite other changes")

func decodePolicy(document json.RawMessage) (Policy, error) {
	var wire struct {
		Version  int       `json:"version"`
		Etag     string    `json:"etag"`
		Bindings []Binding `json:"bindings"`
	}
	if err := json.Unmarshal(document, &wire); err != nil {
		return Policy{}, fmt.Errorf("read policy: %w", err)
	}
	return Policy{Version: wire.Version, Etag: wire.Etag, Bindings: wire.Bindings, document: document}, nil
}

// encode writes a policy into the document it was read from.
func (p Policy) encode() (json.RawMessage, error) {
	if p.Etag == "" {
		return nil, errNoEtag
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(p.document, &fields); err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	bindings, err := p.encodeBindings(fields["bindings"])
	if err != nil {
		return nil, err
	}
	// An empty list, never none: a bucket without the field loses all bindings,
	// and here that must be what is meant.
	for name, value := range map[string]any{"bindings": bindings, "etag": p.Etag, "version": policyVersion} {
		if fields[name], err = json.Marshal(value); err != nil {
			return nil, err
		}
	}
	return json.Marshal(fields)
}

// original is a binding as it was read, and whether one of ours was made of it.
type original struct {
	raw  json.RawMessage
	was  Binding
	used bool
}

func (p Policy) encodeBindings(read json.RawMessage) ([]json.RawMessage, error) {
	originals, err := readOriginals(read)
	if err != nil {
		return nil, err
	}
	out := make([]json.RawMessage, len(p.Bindings))
	// What is unchanged finds itself first, so that what was changed can't take
	// its place when two bindings are alike.
	for i, b := range p.Bindings {
		out[i] = take(originals, func(o Binding) bool { return reflect.DeepEqual(o, b) })
	}
	for i, b := range p.Bindings {
		if out[i] != nil {
			continue
		}
		from := take(originals, func(o Binding) bool { return o.Role == b.Role && reflect.DeepEqual(o.Condition, b.Condition) })
		if out[i], err = b.encode(from); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func readOriginals(read json.RawMessage) ([]original, error) {
	if read == nil {
		return nil, nil
	}
	var raws []json.RawMessage
	if err := json.Unmarshal(read, &raws); err != nil {
		return nil, fmt.Errorf("read bindings: %w", err)
	}
	out := make([]original, len(raws))
	for i, raw := range raws {
		out[i].raw = raw
		if err := json.Unmarshal(raw, &out[i].was); err != nil {
			return nil, fmt.Errorf("read binding: %w", err)
		}
	}
	return out, nil
}

// take returns the first unused original that fits, and nil if there is none.
func take(originals []original, fits func(Binding) bool) json.RawMessage {
	for i, o := range originals {
		if !o.used && fits(o.was) {
			originals[i].used = true
			return o.raw
		}
	}
	return nil
}

// encode changes the members of a binding and nothing else that it was read with.
func (b Binding) encode(from json.RawMessage) (json.RawMessage, error) {
	if from == nil {
		return json.Marshal(b)
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(from, &fields); err != nil {
		return nil, fmt.Errorf("read binding: %w", err)
	}
	members, err := json.Marshal(b.Members)
	if err != nil {
		return nil, err
	}
	fields["members"] = members
	return json.Marshal(fields)
}
