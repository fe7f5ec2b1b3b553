// Command wifctl lets pods of a CoreWeave Kubernetes cluster read Google Cloud Storage
// without a stored key: it sets the trust up, proves it and takes it down.
package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"github.com/wifctl/wifctl/internal/kube"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal ends the run in good order, the second at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], streams{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv,
		asks:    term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stderr.Fd())),
		outTerm: term.IsTerminal(int(os.Stdout.Fd())),
		errTerm: term.IsTerminal(int(os.Stderr.Fd())),
		outSize: sizeOf(os.Stdout),
		errSize: sizeOf(os.Stderr),
	}))
}

// streams are the edge of the program: everything it reads from and writes to.
type streams struct {
	in  io.Reader
	out io.Writer // the answer
	err io.Writer // the conversation
	env func(string) string

	asks             bool // somebody is there to answer a question
	outTerm, errTerm bool
	outSize, errSize func() (columns, rows int)

	// Of a rehearsal, which is in a process with what it talks to.
	kubeconfig string            // wins over $KUBECONFIG
	issuer     http.RoundTripper // fetches the issuer's documents; nil: the network
	asked      func(kube.Call)   // hears what is asked of the cluster; may be nil
}

// plain reports whether somebody wants no escape sequence, on a terminal either:
// https://no-color.org.
func (s streams) plain() bool {
	return s.env("NO_COLOR") != "" || s.env("TERM") == "dumb" || s.env("CI") != ""
}

// colour reports whether standard output wants colour.
func (s streams) colour() bool { return s.outTerm && !s.plain() }

// live reports whether lines on standard error may be written over.
func (s streams) live() bool { return s.errTerm && !s.plain() }

// sizeOf tells how large a terminal is at the moment. Some don't know.
func sizeOf(f *os.File) func() (columns, rows int) {
	return func() (columns, rows int) {
		columns, rows, err := term.GetSize(int(f.Fd()))
		if err != nil || columns <= 0 || rows <= 0 {
			return 80, 24
		}
		return columns, rows
	}
}

// mayAsk reports whether a question makes sense.
func (s streams) mayAsk() bool { return s.asks && s.env("CI") == "" }

// run is main without os.Exit.
func run(ctx context.Context, args []string, s streams) int {
	root := newRoot(s)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	return conclude(cmd, args, s, err)
}
