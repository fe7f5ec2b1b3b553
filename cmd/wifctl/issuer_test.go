package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/trust"
)

// Nobody ends the input of a terminal but the person at it, who may rather end wifctl.
func TestReadingTheIssuerEndsWithTheRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	never, _ := io.Pipe()
	o := &options{cfg: trust.Config{Issuer: fromStdin}}
	if err := o.readIssuer(ctx, never); !errors.Is(err, pipeline.ErrInterrupted) {
		t.Errorf("%v, want %v", err, pipeline.ErrInterrupted)
	}
}

func TestOfMuchInputOnlyALittleIsRead(t *testing.T) {
	o := &options{cfg: trust.Config{Issuer: fromStdin}}
	in := strings.NewReader("https://example.com/" + strings.Repeat("x", 1<<20))
	err := o.readIssuer(t.Context(), in)
	if input, ok := errors.AsType[*trust.InputError](err); !ok || !strings.Contains(input.Rule, "longer than any URL") {
		t.Errorf("%v, want: longer than any URL", err)
	}
	if read := 1<<20 + 20 - in.Len(); read > 2*maxIssuerInput {
		t.Errorf("read %d bytes", read)
	}
}
