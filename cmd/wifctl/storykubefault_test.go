package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// kube-fault PATH HOW KUBECONFIG writes a kubeconfig of the story's cluster by way of somebody
// who misbehaves where a request's path ends so: busy answers 503, page with a web page, cut
// with half of what the cluster said, and reset breaks the connection.
func cmdKubeFault(ts *testscript.TestScript, _ bool, args []string) {
	config, err := clientcmd.BuildConfigFromFlags("", storyOf(ts).cluster.Kubeconfig)
	ts.Check(err)
	transport, err := rest.TransportFor(config)
	ts.Check(err)
	target, err := url.Parse(config.Host)
	ts.Check(err)
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Header.Del("Accept-Encoding") },
		Transport: transport,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, args[0]) {
			w = misbehave(w, args[1])
		}
		if w != nil {
			proxy.ServeHTTP(w, r)
		}
	}))
	ts.Defer(server.Close)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), fmt.Appendf(nil, `{"apiVersion":"v1","kind":"Config","current-context":"c",
"clusters":[{"name":"c","cluster":{"server":%q}}],"users":[{"name":"admin","user":{"token":"unread"}}],
"contexts":[{"name":"c","context":{"cluster":"c","user":"admin"}}]}`, server.URL), 0o600))
}

// misbehave answers by itself, or gives what the cluster's answer is to go through.
func misbehave(w http.ResponseWriter, how string) http.ResponseWriter {
	switch how {
	case "busy":
		http.Error(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"etcdserver: leader changed","code":503}`, http.StatusServiceUnavailable)
	case "page":
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!DOCTYPE html><title>Log in to the network</title>")
	case "cut":
		return halved{w}
	default:
		panic(http.ErrAbortHandler)
	}
	return nil
}

// halved lets half of an answer through, and breaks off.
type halved struct{ http.ResponseWriter }

func (h halved) Write(b []byte) (int, error) {
	_, _ = h.ResponseWriter.Write(b[:len(b)/2])
	_ = http.NewResponseController(h.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}
