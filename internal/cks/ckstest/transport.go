package ckstest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// Transport carries requests straight to a handler, whatever their host, with no
// network in between. Unlike a listening server it works in a testing/synctest
// bubble. Bodies are streamed: a handler that writes without end is read just
// as far as the client cares to. A handler should stop when a write fails.
func Transport(h http.Handler) http.RoundTripper { return transport{h} }

type transport struct{ handler http.Handler }

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(req.Context())
	r := req.Clone(ctx)
	r.Host, r.RequestURI = req.URL.Host, req.URL.RequestURI()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	pr, pw := io.Pipe()
	w := &pipeWriter{header: http.Header{}, pipe: pw, started: make(chan struct{})}
	go func() {
		defer func() {
			switch v := recover(); v {
			case nil:
				w.finish(nil)
			case http.ErrAbortHandler:
				w.finish(syscall.ECONNRESET)
			default:
				panic(v)
			}
		}()
		t.handler.ServeHTTP(w, r)
	}()
	select {
	case <-w.started:
	case <-ctx.Done():
		cancel()
		return nil, req.Context().Err()
	}
	if w.err != nil && w.status == 0 {
		cancel()
		return nil, w.err
	}
	return &http.Response{
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		StatusCode: w.status, Status: http.StatusText(w.status), Header: w.sent, ContentLength: -1, Request: req,
		Body: &pipeBody{PipeReader: pr, cancel: cancel},
	}, nil
}

// pipeBody ends the handler's context when the client closes the body, as a
// server does when the connection goes away.
type pipeBody struct {
	*io.PipeReader
	cancel context.CancelFunc
}

func (b *pipeBody) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}

type pipeWriter struct {
	header  http.Header
	sent    http.Header // as of WriteHeader
	pipe    *io.PipeWriter
	once    sync.Once
	started chan struct{} // closed when status, or err, is set
	status  int
	err     error
}

func (w *pipeWriter) Header() http.Header { return w.header }

func (w *pipeWriter) WriteHeader(status int) {
	w.once.Do(func() {
		if w.header.Get("Date") == "" {
			w.header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
		}
		w.status, w.sent = status, w.header.Clone()
		close(w.started)
	})
}

func (w *pipeWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.pipe.Write(b)
}

func (w *pipeWriter) finish(err error) {
	if err == nil {
		w.WriteHeader(http.StatusOK)
		_ = w.pipe.Close() // always nil
		return
	}
	w.once.Do(func() {
		w.err = err
		close(w.started)
	})
	_ = w.pipe.CloseWithError(errors.Join(err, io.ErrUnexpectedEOF)) // always nil
}
