package main

import (
	"fmt"
	"net/url"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

// etcd is the API server's storage, in this process.
type etcd struct {
	server *embed.Etcd
	url    string
}

// startEtcd starts a single member on loopback ports of its own choosing. It
// trades durability for speed: nothing here outlives a crash of the machine.
func startEtcd(dir string, verbose bool) (*etcd, error) {
	anyPort := []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	c := embed.NewConfig()
	c.Dir = dir
	c.ListenClientUrls, c.ListenPeerUrls = anyPort, anyPort
	c.UnsafeNoFsync = true
	// Alone, there is no rival to wait for.
	c.TickMs, c.ElectionMs = 10, 100
	c.LogOutputs = []string{"/dev/null"}
	if verbose {
		c.LogOutputs = []string{embed.StdErrLogOutput}
	}
	s, err := embed.StartEtcd(c)
	if err != nil {
		return nil, err
	}
	e := &etcd{server: s, url: "http://" + s.Clients[0].Addr().String()}
	select {
	case <-s.Server.ReadyNotify():
		return e, nil
	case err := <-s.Err():
		return nil, err
	case <-time.After(startTimeout):
		e.stop()
		return nil, fmt.Errorf("not ready after %s", startTimeout)
	}
}

// stop ends etcd at once: the API server holds watches open, which a graceful
// stop would wait for.
func (e *etcd) stop() { e.server.Server.HardStop() }
