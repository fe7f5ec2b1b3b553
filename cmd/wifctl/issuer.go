package main

import (
	"context"
	"io"
	"strings"

	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/trust"
)

// fromStdin is the value of --issuer that stands for standard input.
const fromStdin = "-"

// maxIssuerInput is more than any issuer: a whole document was sent by mistake.
const maxIssuerInput = 4096

// readIssuer reads the issuer from standard input if that is where it is said to be, so
// that it can come from terraform output, from an API, or from the clipboard.
func (o *options) readIssuer(ctx context.Context, in io.Reader) error {
	if o.cfg.Issuer != fromStdin {
		return nil
	}
	text, err := readAll(ctx, io.LimitReader(in, maxIssuerInput+1))
	if err != nil {
		return err
	}
	issuer := strings.TrimSpace(text)
	if why := refuseIssuerInput(issuer); why != "" {
		return &trust.InputError{Flag: "--issuer", Value: fromStdin, Rule: why}
	}
	o.cfg.Issuer = issuer
	return nil
}

// refuseIssuerInput says why what came on standard input can't be an issuer, or nothing.
// What is a URL is left to those who know which URLs are issuers.
func refuseIssuerInput(text string) string {
	const wanted = "; wanted is one line, the issuer URL"
	switch {
	case text == "":
		return "standard input is empty" + wanted
	case len(text) > maxIssuerInput:
		return "standard input is longer than any URL" + wanted
	case strings.ContainsAny(text, "\r\n"):
		return "standard input holds more than one line" + wanted
	case strings.HasPrefix(text, `"`):
		return "standard input holds a quoted string; terraform output -raw and jq -r print it without quotes"
	}
	return ""
}

// readAll reads to the end, unless the run is stopped first.
func readAll(ctx context.Context, in io.Reader) (string, error) {
	type result struct {
		text []byte
		err  error
	}
	read := make(chan result, 1)
	go func() {
		text, err := io.ReadAll(in)
		read <- result{text, err}
	}()
	select {
	case r := <-read:
		if r.err != nil {
			return "", &trust.InputError{Flag: "--issuer", Value: fromStdin, Rule: "standard input cannot be read: " + r.err.Error()}
		}
		return string(r.text), nil
	case <-ctx.Done():
		return "", pipeline.ErrInterrupted
	}
}
