package emulator_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/wifctl/wifctl/internal/kube/emulator"
	"github.com/wifctl/wifctl/internal/kube/kubetest"
)

// The files in testdata/contract are talks with a real kube-apiserver, recorded. Both it
// and the emulator have to answer as they say, but for UIDs, versions and times. They are
// written anew, from the real one only, by
//
//	go test ./internal/kube/emulator -run TestContract -update

var update = flag.Bool("update", false, "record the contract anew, from the real API server")

func TestMain(m *testing.M) { os.Exit(kubetest.Main(m)) }

func TestContract(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "contract", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("no contract is recorded", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(name+"/real", func(t *testing.T) { hold(t, file, newReal(t)) })
		t.Run(name+"/emulated", func(t *testing.T) { hold(t, file, newEmulated(t)) })
	}
}

// hold has the talk of a file with a world, and compares.
func hold(t *testing.T, file string, w *world) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	talk := parseTalk(t, string(raw))
	w.vars = map[string]string{"$NS": "contract-" + strings.TrimSuffix(filepath.Base(file), ".txt"), "$ISSUER": w.issuer}
	t.Cleanup(func() { w.cleanUp() })
	got := w.have(t, talk)
	if *update && w.real {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(raw), got); diff != "" {
		t.Errorf("(-recorded +%s)\n%s", w.name, diff)
	}
}

// world is an API server to talk to.
type world struct {
	name   string
	real   bool
	issuer string
	users  map[string]*rest.Config // admin and nobody
	vars   map[string]string
	seen   *placeholders
}

func newReal(t *testing.T) *world {
	t.Helper()
	cluster := kubetest.Need(t)
	w := &world{name: "real", real: true, issuer: cluster.Issuer, users: map[string]*rest.Config{}, seen: newPlaceholders()}
	for user, file := range map[string]string{"admin": cluster.Kubeconfig, "nobody": cluster.NobodyKubeconfig} {
		config, err := clientcmd.BuildConfigFromFlags("", file)
		if err != nil {
			t.Fatal(err)
		}
		w.users[user] = config
	}
	return w
}

func newEmulated(t *testing.T) *world {
	t.Helper()
	cluster := start(t)
	w := &world{name: "emulated", issuer: cluster.Issuer, users: map[string]*rest.Config{}, seen: newPlaceholders()}
	for _, user := range []string{"admin", "nobody"} {
		raw, err := cluster.Kubeconfig("emulated", user)
		if err != nil {
			t.Fatal(err)
		}
		if w.users[user], err = clientcmd.RESTConfigFromKubeConfig(raw); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// start is an emulated cluster with the users of the real one.
func start(t *testing.T) *emulator.Cluster {
	t.Helper()
	c, err := emulator.Start(emulator.Options{Users: []emulator.User{
		{Name: "admin", Groups: []string{"system:masters"}}, {Name: "nobody"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}
