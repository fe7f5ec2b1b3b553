// Package kubetest gives tests a real Kubernetes API server: the kube-testbed
// that "make kube" builds from upstream's sources. One is started for a test
// binary, at its first use, and it ends with the test binary. Tests keep apart by
// using a namespace each.
//
//	func TestMain(m *testing.M) { os.Exit(kubetest.Main(m)) }
//
//	func TestSomething(t *testing.T) {
//		cluster := kubetest.Need(t)
package kubetest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

const (
	// BinaryEnv names the kube-testbed to use, where it is not build/kube-testbed.
	BinaryEnv = "WIFCTL_KUBE_TESTBED"
	// RequireEnv makes a missing kube-testbed a failure instead of a skip. So does CI.
	RequireEnv = "WIFCTL_REQUIRE_KUBE"
)

// ErrNotBuilt is the error of Start where there is no kube-testbed.
var ErrNotBuilt = errors.New("the Kubernetes API server for tests is not built: run make kube (once, some minutes)")

// Required reports whether tests must not do without a cluster.
func Required() bool { return os.Getenv(RequireEnv) != "" || os.Getenv("CI") != "" }

var shared struct {
	sync.Mutex
	started bool
	cluster *Cluster
	err     error
}

// Need returns the cluster of this test binary. Where it is not built, the test
// is skipped, and fails if Required.
func Need(t testing.TB) *Cluster {
	t.Helper()
	c, err := Shared()
	if errors.Is(err, ErrNotBuilt) && !Required() {
		t.Skip("NOT TESTED: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Shared returns the cluster of this test binary, and starts it if need be.
func Shared() (*Cluster, error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.started {
		return shared.cluster, shared.err
	}
	shared.started = true
	shared.cluster, shared.err = Start()
	if errors.Is(shared.err, ErrNotBuilt) {
		fmt.Fprintf(os.Stderr, "\n*** NOT TESTED against a Kubernetes API server ***\n*** %v ***\n\n", shared.err)
	}
	return shared.cluster, shared.err
}

// Main runs the tests, stops the cluster if one was started, and returns the exit
// status.
func Main(m *testing.M) int {
	code := m.Run()
	shared.Lock()
	defer shared.Unlock()
	if shared.cluster == nil {
		return code
	}
	if err := shared.cluster.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop kube-testbed:", err)
		return max(code, 1)
	}
	return code
}

// binary finds kube-testbed: by the environment, or in the build folder of the
// module that this file belongs to.
func binary() (string, error) {
	path := os.Getenv(BinaryEnv)
	if path == "" {
		_, file, _, ok := runtime.Caller(0)
		if !ok || !filepath.IsAbs(file) {
			return "", fmt.Errorf("find the module's folder (set %s): %w", BinaryEnv, ErrNotBuilt)
		}
		path = filepath.Join(filepath.Dir(file), "..", "..", "..", "build", "kube-testbed")
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%w: %w", ErrNotBuilt, err)
	}
	return path, nil
}
