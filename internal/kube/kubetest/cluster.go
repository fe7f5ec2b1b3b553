package kubetest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	startTimeout = 2 * time.Minute
	stopTimeout  = 20 * time.Second
)

// Cluster is a running kube-testbed: a control plane without nodes, and the
// public issuer of its tokens.
type Cluster struct {
	Kubeconfig       string // file; may do everything; context "cks-demo"
	NobodyKubeconfig string // file; a user without any right, same context
	Issuer           string // https://127.0.0.1:PORT/id/<ClusterID>
	IssuerCA         string // file: the certificate that makes Issuer trusted
	ClusterID        string // a UUID
	Dir              string // everything it wrote; Dir/issuer is what the issuer publishes
	AuditLog         string // file: what was asked of the API server, see Requests

	process *exec.Cmd
	stderr  bytes.Buffer
}

// Start starts a cluster of its own, with flags of kube-testbed up such as
// "--port=6443". It takes some 3 s. The error is ErrNotBuilt where there is no
// kube-testbed. Most tests want Need instead.
func Start(flags ...string) (*Cluster, error) {
	path, err := binary()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "kubetest-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{Dir: dir}
	args := append([]string{"up", "--dir=" + dir, "--rm", "--exit-with-parent"}, flags...)
	c.process = exec.Command(path, args...)
	c.process.Stderr = &c.stderr
	stdout, err := c.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.process.Start(); err != nil {
		return nil, fmt.Errorf("start kube-testbed: %w", err)
	}
	if err := c.untilReady(stdout); err != nil {
		stopErr := c.Stop()
		return nil, fmt.Errorf("start kube-testbed: %w\n%s", errors.Join(err, stopErr), &c.stderr)
	}
	return c, nil
}

// Stop ends the cluster and removes its folder.
func (c *Cluster) Stop() error {
	defer func() { _ = os.RemoveAll(c.Dir) }() // kube-testbed has removed it, unless it was killed
	if err := c.process.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	stuck := time.AfterFunc(stopTimeout, func() { _ = c.process.Process.Signal(syscall.SIGKILL) })
	defer stuck.Stop()
	return c.process.Wait()
}

// Clientset is client-go's own client, as the administrator, for what tests
// arrange and assert apart from the code under test.
func (c *Cluster) Clientset() (*kubernetes.Clientset, error) {
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	config.WarningHandlerWithContext = rest.NoWarnings{}
	return kubernetes.NewForConfig(config)
}

// untilReady reads the exports that kube-testbed prints when everything works.
func (c *Cluster) untilReady(stdout io.Reader) error {
	late := time.AfterFunc(startTimeout, func() { _ = c.process.Process.Kill() })
	defer late.Stop()
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "# ready") {
			return nil
		}
		name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		if ok {
			c.set(name, strings.ReplaceAll(strings.Trim(value, "'"), `'\''`, "'"))
		}
	}
	return errors.Join(errors.New("it ended before it was ready"), lines.Err())
}

func (c *Cluster) set(name, value string) {
	switch name {
	case "KUBECONFIG":
		c.Kubeconfig = value
	case "TESTBED_KUBECONFIG_NOBODY":
		c.NobodyKubeconfig = value
	case "TESTBED_ISSUER":
		c.Issuer = value
	case "WIFCTL_ISSUER_CA":
		c.IssuerCA = value
	case "TESTBED_CLUSTER_ID":
		c.ClusterID = value
	case "TESTBED_AUDIT_LOG":
		c.AuditLog = value
	}
}

// IssuerFile is one of the documents that the issuer publishes, read anew at
// every request: "openid-configuration.json" or "jwks.json". A test may change or
// remove it, on a cluster of its own.
func (c *Cluster) IssuerFile(name string) string { return filepath.Join(c.Dir, "issuer", name) }
