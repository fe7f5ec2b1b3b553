package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

// A talk is a text of blocks, with empty lines between them. A block of comments begins
// with #. "await METHOD PATH STATUS", with
// who asks behind the path if need be, asks until that is the status. All others are a
// request and its answer:
//
//	POST /api/v1/namespaces/$NS/configmaps as nobody
//	{"metadata": {"name": "a"}}
//	< 403
//	{...}
//
// After the path come, each with its value: as (admin if nobody is named; anonymous, or a
// token that was given before), type, accept, and act-as, for impersonation. "wording free"
// compares all but the message: it speaks of the server's innards.
type talk []block

type block struct {
	text string // of comments and of await, as they are
	head string // of a request
	body string
}

func parseTalk(t *testing.T, text string) (all talk) {
	t.Helper()
	for part := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if strings.HasPrefix(part, "#") || strings.HasPrefix(part, "await ") {
			all = append(all, block{text: part})
			continue
		}
		asked, _, _ := strings.Cut(part+"\n", "\n< ")
		head, body, _ := strings.Cut(asked, "\n")
		all = append(all, block{head: strings.TrimSpace(head), body: strings.TrimSpace(body)})
	}
	return all
}

// have has the talk, and writes it down as it went.
func (w *world) have(t *testing.T, all talk) string {
	t.Helper()
	var out strings.Builder
	for i, b := range all {
		if i > 0 {
			out.WriteString("\n")
		}
		switch {
		case strings.HasPrefix(b.text, "await "):
			w.await(t, b.text)
			out.WriteString(b.text + "\n")
		case b.text != "":
			out.WriteString(b.text + "\n")
		default:
			status, answer := w.ask(t, b)
			out.WriteString(b.head + "\n")
			if b.body != "" {
				out.WriteString(b.body + "\n")
			}
			fmt.Fprintf(&out, "< %d\n%s\n", status, answer)
		}
	}
	return out.String()
}

// await asks until the answer has the status.
func (w *world) await(t *testing.T, line string) {
	t.Helper()
	words := strings.Fields(line)
	last := len(words) - 1
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		resp, _ := w.send(t, block{head: strings.Join(words[1:last], " ")})
		if fmt.Sprint(resp.StatusCode) == words[last] {
			return
		}
		<-tick.C
	}
	t.Fatalf("%s: it does not come true", line)
}

// ask sends a request and gives the answer with placeholders for what differs each time.
func (w *world) ask(t *testing.T, b block) (status int, answer string) {
	t.Helper()
	resp, raw := w.send(t, b)
	var value any
	if json.Unmarshal(raw, &value) != nil {
		return resp.StatusCode, w.hide(strings.TrimSpace(string(raw)))
	}
	value = w.normal(value)
	if status, ok := value.(map[string]any); ok && strings.Contains(b.head, " wording free") {
		delete(status, "message")
	}
	for _, text := range resp.Header.Values("Warning") {
		value = map[string]any{"answer": value, "warning": text}
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(value); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(out.String())
}

func (w *world) send(t *testing.T, b block) (*http.Response, []byte) {
	t.Helper()
	words := strings.Fields(b.head)
	said := map[string]string{"as": "admin", "accept": "application/json", "type": "application/json"}
	for i := 2; i+1 < len(words); i += 2 {
		said[words[i]] = w.fill(words[i+1])
	}
	config := w.userConfig(said["as"])
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, words[0], config.Host+w.fill(words[1]), strings.NewReader(w.fill(b.body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", "contract/1.0 (tests)")
	req.Header.Set("Accept", said["accept"])
	if b.body != "" {
		req.Header.Set("Content-Type", said["type"])
	}
	if who := said["act-as"]; who != "" {
		req.Header.Set("Impersonate-User", who)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, raw
}

// userConfig is how somebody reaches the server: one of its users, nobody in particular,
// or whoever a token belongs to.
func (w *world) userConfig(who string) *rest.Config {
	if known := w.users[who]; known != nil {
		return known
	}
	config := rest.AnonymousClientConfig(w.users["admin"])
	if who != "anonymous" {
		config.BearerToken = who
	}
	return config
}

// cleanUp leaves nothing in a real server.
func (w *world) cleanUp() {
	client, err := rest.HTTPClientFor(w.users["admin"])
	if err != nil {
		return
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodDelete, w.users["admin"].Host+"/api/v1/namespaces/"+w.vars["$NS"], http.NoBody)
	if err != nil {
		return
	}
	if resp, err := client.Do(req); err == nil {
		_ = resp.Body.Close()
	}
}
