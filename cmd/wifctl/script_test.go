package main

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/gcp/discoverytest"
	"github.com/wifctl/wifctl/internal/gcp/emulator"
	"github.com/wifctl/wifctl/internal/kube/kubetest"
	"github.com/wifctl/wifctl/internal/wif"
)

// The stories in testdata/script run wifctl, as a process of its own, against a real
// Kubernetes API server and the emulated Google Cloud. Each has a namespace and a Google
// of its own.

func TestMain(m *testing.M) {
	testscript.Main(withCluster{m}, map[string]func(){"wifctl": main, "pod-program": podProgram, "pod-gcloud": podGcloud})
}

// withCluster stops the shared API server when the tests have run.
type withCluster struct{ m *testing.M }

func (w withCluster) Run() int {
	// A story mostly waits, for a lag or another process, so two cores can tell four. The
	// command line, which is read later, may say otherwise.
	_ = flag.Set("test.parallel", "4")
	return kubetest.Main(w.m)
}

const (
	storyProject = "demo-project"
	storyNumber  = "123456789012"
	storyBucket  = "demo-bucket"
	storyToken   = "operator-token-of-the-story"
)

func TestStories(t *testing.T) { tellStories(t, emulator.LagNone) }

// TestStoriesWithLag tells the same stories where effects come late, as they do at
// Google, but for the scale of time: see startGoogle.
func TestStoriesWithLag(t *testing.T) { tellStories(t, emulator.LagTypical) }

func tellStories(t *testing.T, lag emulator.Lag) {
	on := stage{kubetest.Need(t), discoverytest.Load(t), lag}
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("..", "..", "testdata", "script"),
		Setup:         on.setUp,
		Cmds:          storyCommands,
		Condition:     on.condition,
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
	})
}

// stage is what the stories of one run share.
type stage struct {
	cluster   *kubetest.Cluster
	documents *discoverytest.Documents
	lag       emulator.Lag
}

// condition knows [lag]: effects come late in this run.
func (on stage) condition(name string) (bool, error) {
	if name != "lag" {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	return on.lag != emulator.LagNone, nil
}

// story is the world of one script.
type story struct {
	cluster *kubetest.Cluster
	lag     emulator.Lag
	google  atomic.Pointer[emulator.Server] // replaced by operator and own-cluster
	server  *httptest.Server
	schema  *discoverytest.Recorder // of what doesn't fit Google's documents
	ns      string
	since   kubetest.Mark
	node    *kubetest.Kubelet // of kubelet
}

type storyKey struct{}

func storyOf(ts *testscript.TestScript) *story { return ts.Value(storyKey{}).(*story) }

func (on stage) setUp(e *testscript.Env) error {
	// testscript names the folder after the script: "script-fresh".
	name := strings.TrimPrefix(filepath.Base(e.WorkDir), "script-")
	st := &story{cluster: on.cluster, lag: on.lag, ns: fmt.Sprintf("s%d-%s", on.lag, strings.ReplaceAll(name, "_", "-"))}
	st.holdTo(e, on.documents)
	if err := st.startGoogle(emulator.Options{StateFile: filepath.Join(e.WorkDir, savedGoogle)}); err != nil {
		return err
	}
	e.Defer(func() { st.cleanUp() })
	e.Values[storyKey{}] = st
	cluster, id := on.cluster, cks.ClusterID(on.cluster.Issuer)
	token := filepath.Join(e.WorkDir, ".token")
	if err := os.WriteFile(token, []byte(storyToken+"\n"), 0o600); err != nil {
		return err
	}
	e.Vars = append(e.Vars,
		"HOME="+e.WorkDir, "KUBECONFIG="+cluster.Kubeconfig, "NOBODY="+cluster.NobodyKubeconfig,
		"SSL_CERT_FILE="+cluster.IssuerCA, "ISSUER="+cluster.Issuer, "CLUSTER="+id, "PROVIDER="+wif.DefaultProvider(id), "NS="+st.ns,
		"WIFCTL_GCP_ENDPOINT="+st.server.URL, "WIFCTL_ACCESS_TOKEN_FILE="+token,
		"PROJECT="+storyProject, "NUMBER="+storyNumber, "BUCKET="+storyBucket,
		"GSA=gcs-reader@"+storyProject+".iam.gserviceaccount.com",
		"WI=projects/"+storyNumber+"/locations/global/workloadIdentityPools",
		"GOOGLE_CLOUD_PROJECT="+storyProject,
	)
	return nil
}

// holdTo fails the story, at its end, for all that doesn't fit Google's documents: also
// for what wifctl sent and Google refused.
func (st *story) holdTo(e *testscript.Env, documents *discoverytest.Documents) {
	st.schema = discoverytest.NewRecorder(documents, "wifctl/")
	e.Defer(func() {
		if found := st.schema.Violations(); len(found) > 0 {
			e.T().Fatal("not as Google's discovery documents have it:\n" + strings.Join(found, "\n"))
		}
	})
}

// lagDivisor makes a minute of Google's three seconds. That is still longer than a run
// of wifctl takes, so that it has to wait.
const lagDivisor = 20

// startGoogle gives the story a Google of its own.
func (st *story) startGoogle(opts emulator.Options) error {
	client, err := trusting(st.cluster.IssuerCA)
	if err != nil {
		return err
	}
	opts.Projects = []emulator.Project{{ID: storyProject, Number: storyNumber}}
	opts.Buckets = []string{storyBucket}
	client.Transport = ciIssuers{client.Transport}
	opts.OperatorToken, opts.IssuerClient = storyToken, client
	opts.Lag = st.lag
	if opts.LagDivisor == 0 {
		opts.LagDivisor = lagDivisor
	}
	google, err := emulator.New(opts)
	if err != nil {
		return err
	}
	st.google.Store(google)
	if st.server == nil {
		current := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { st.google.Load().ServeHTTP(w, r) })
		st.server = httptest.NewServer(st.schema.Wrap(current))
	}
	return nil
}

func (st *story) cleanUp() {
	st.server.Close()
	client, err := st.cluster.Clientset()
	if err != nil {
		return
	}
	_ = client.CoreV1().Namespaces().Delete(background, st.ns, deleteNow)
}

// writes are what was asked of either side that changes something, since the last mark.
func (st *story) writes() ([]string, error) {
	var out []string
	for _, r := range st.google.Load().Requests() {
		if r.Write {
			out = append(out, fmt.Sprintf("google %s %s", r.Method, r.Path))
		}
	}
	requests, err := st.cluster.Requests(st.since)
	for _, r := range requests {
		if r.Write() && (r.Namespace == st.ns || r.Name == st.ns) && strings.HasPrefix(r.Agent, "wifctl") {
			out = append(out, "kubernetes "+r.String())
		}
	}
	return out, err
}
