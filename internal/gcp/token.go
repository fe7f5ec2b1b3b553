package gcp

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

const redacted = "[token]"

// Token is an access token. It shows itself to nobody who does not call Reveal:
// not through any verb of fmt, not through slog, not in JSON.
type Token struct {
	raw     string
	Expires time.Time // zero if Google did not say
}

// Reveal returns the token itself, for the one request it is meant for.
func (t Token) Reveal() string { return t.raw }

// Format prints a mark in place of the token, whatever the verb.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String returns a mark in place of the token.
func (t Token) String() string { return redacted }

// MarshalText returns a mark in place of the token, for JSON and YAML.
func (t Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue logs a mark in place of the token.
func (t Token) LogValue() slog.Value { return slog.StringValue(redacted) }
