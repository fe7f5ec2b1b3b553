package kubetest

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// output is what a container wrote so far.
type output struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.Write(p)
}

func (k *Kubelet) outputOf(namespace, pod, container string) *output {
	k.mu.Lock()
	defer k.mu.Unlock()
	key := namespace + "/" + pod + "/" + container
	if k.output[key] == nil {
		k.output[key] = new(output)
	}
	return k.output[key]
}

// logHandler serves logs where the API server looks for them when it is asked for pods/log
// (k8s.io/kubernetes/pkg/registry/core/pod: LogLocation).
func (k *Kubelet) logHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", func(w http.ResponseWriter, r *http.Request) {
		o := k.outputOf(r.PathValue("namespace"), r.PathValue("pod"), r.PathValue("container"))
		o.mu.Lock()
		text := o.all.String()
		o.mu.Unlock()
		for name, values := range r.URL.Query() {
			n, err := strconv.Atoi(values[0])
			switch {
			case err == nil && name == "tailLines":
				text = tail(text, n)
			case err == nil && name == "limitBytes":
				text = text[:min(n, len(text))]
			default:
				http.Error(w, name+" is not modelled", http.StatusBadRequest)
				return
			}
		}
		_, _ = w.Write([]byte(text)) //nolint:gosec // plain text of a test's own program
	})
	return mux
}

func tail(text string, n int) string {
	lines := strings.SplitAfter(text, "\n")
	if len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines[max(0, len(lines)-n):], "")
}
