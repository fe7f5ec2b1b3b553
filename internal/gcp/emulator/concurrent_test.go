package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
)

// Thirty-two clients each add a member to one bucket's policy, reading again when they
// were too late. The etag must lose none of them.
func TestConcurrentWritesOfABucketPolicyLoseNone(t *testing.T) {
	const clients = 32
	c := start(t, Options{Buckets: []string{"acme-data"}})
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			for range clients { // each round, one of them wins
				if c.addMember(t, fmt.Sprintf("user:u%d@example.com", i)) == http.StatusOK {
					return
				}
			}
			t.Errorf("client %d never got its turn", i)
		})
	}
	wg.Wait()

	p := c.bucketPolicy(t)
	last := p.Bindings[len(p.Bindings)-1]
	if got := len(last.Members); got != clients || p.Etag != bucketEtag(clients+1) {
		t.Errorf("%d members and etag %s, want %d and %s", got, p.Etag, clients, bucketEtag(clients+1))
	}
}

func (c *cloud) bucketPolicy(t *testing.T) bucketPolicyDoc {
	t.Helper()
	var p bucketPolicyDoc
	if err := json.Unmarshal([]byte(c.do(t, "GET /storage/v1/b/acme-data/iam?optionsRequestedPolicyVersion=3", "").text), &p); err != nil {
		t.Error(err)
	}
	return p
}

func (c *cloud) addMember(t *testing.T, member string) (status int) {
	t.Helper()
	p := c.bucketPolicy(t)
	p.Bindings = append(p.Bindings, bindingDoc{Role: "roles/storage.objectViewer", Members: []string{member}})
	body, err := json.Marshal(p)
	if err != nil {
		t.Error(err)
	}
	return c.do(t, "PUT /storage/v1/b/acme-data/iam", string(body)).status
}

// An issuer that takes its time holds up nobody but the exchange that waits for it.
func TestASlowIssuerHoldsUpNobodyElse(t *testing.T) {
	w := newWorld(t)
	asked, release := make(chan struct{}), make(chan struct{})
	honest := w.issuer.Discovery
	w.issuer.Discovery = func(rw http.ResponseWriter, r *http.Request) {
		close(asked)
		<-release
		honest(rw, r)
	}
	exchanged := make(chan outcome)
	go func() { exchanged <- w.walkIn() }()

	<-asked
	if r := w.do(t, "GET "+poolPath, ""); r.status != http.StatusOK {
		t.Errorf("meanwhile: %d %s", r.status, r.text)
	}
	close(release)
	if got := <-exchanged; got.Status != http.StatusOK {
		t.Errorf("the exchange itself: %+v", got)
	}
}

// A pool that is disabled while its issuer is asked gives no token.
func TestAPoolDisabledMeanwhileGivesNoToken(t *testing.T) {
	w := newWorld(t)
	honest := w.issuer.Discovery
	w.issuer.Discovery = func(rw http.ResponseWriter, r *http.Request) {
		w.do(t, "PATCH "+poolPath+"?updateMask=disabled", `{"disabled":true}`)
		honest(rw, r)
	}
	if got := w.walkIn(); got.Code != "invalid_target" {
		t.Errorf("got %+v", got)
	}
}
