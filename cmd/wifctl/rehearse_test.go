package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/kube/kubetest"
)

// The stories in testdata/rehearse need no cluster: they bring their own.
func TestRehearse(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join(root, "testdata", "rehearse"),
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars, "HOME="+e.WorkDir, "TMPDIR="+e.WorkDir+"/tmp")
			return os.Mkdir(e.WorkDir+"/tmp", 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"no-tokens": func(ts *testscript.TestScript, _ bool, _ []string) { noTokens(ts) },
			"narrow":    cmdNarrow,
		},
	})
}

// narrow asserts that the last output fits 80 columns, but for commands to paste and for
// addresses that nobody can shorten.
func cmdNarrow(ts *testscript.TestScript, _ bool, _ []string) {
	for line := range strings.SplitSeq(ts.ReadFile("stdout"), "\n") {
		paste := strings.Contains(line, "gcloud iam ") || strings.Contains(line, "https://") || strings.HasPrefix(line, "Updated IAM policy")
		if n := len([]rune(line)); n > 80 && !paste {
			ts.Fatalf("%d columns: %s", n, line)
		}
	}
}

// audience watches a rehearsal, and does something when it sees a text for the first time.
type audience struct {
	lockedBuffer

	cue string
	do  func()
}

func (a *audience) Write(p []byte) (int, error) {
	n, err := a.lockedBuffer.Write(p)
	if a.do != nil && strings.Contains(a.String(), a.cue) {
		do := a.do
		a.do = nil
		do()
	}
	return n, err
}

// rehearse runs wifctl rehearse until it ends; at the cue, do is called with what has been
// printed, and with what interrupts it.
func rehearse(t *testing.T, cue string, do func(printed string, interrupt func()), args ...string) (status int, printed, talk string) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	a := &audience{cue: cue}
	if do != nil {
		a.do = func() { do(a.String(), cancel) }
	}
	var stderr lockedBuffer
	s := streams{in: strings.NewReader(""), out: a, err: &stderr, env: func(string) string { return "" }}
	status = run(ctx, append([]string{"rehearse"}, args...), s)
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("files are left: %v, %v", left, err)
	}
	return status, a.String(), stderr.String()
}

func interrupt(_ string, interrupt func()) { interrupt() }

func TestAnInterruptedRehearsalEndsCleanly(t *testing.T) {
	for _, cue := range []string{"1. Make the trust", "gcp-pool", "4. Somebody", "8. Take it away"} {
		t.Run(cue, func(t *testing.T) {
			status, printed, talk := rehearse(t, cue, interrupt)
			if status != exitInterrupted || strings.Contains(printed, "whole story. For the real thing") || !strings.Contains(printed, "in this process, and is gone") {
				t.Errorf("got %d\n%s\n%s", status, printed, talk)
			}
		})
	}
}

func TestAnActThatDoesNotEndAsToldEndsTheRehearsal(t *testing.T) {
	st := &rehearsal{f: rehearseFlags{namespace: "foo"}, s: streams{out: &lockedBuffer{}, env: os.Getenv}}
	st.inner = streams{out: &lockedBuffer{}, err: &lockedBuffer{}, env: os.Getenv}
	for name, a := range map[string]act{
		"its status":           {title: "x", run: []string{"version"}, want: exitFailed},
		"what it does not say": {title: "x", run: []string{"version"}, shows: []string{"something else"}},
		"what came of it":      {title: "x", run: []string{"version"}, then: func() error { return context.DeadlineExceeded }},
		"what it did":          {title: "x", do: func(context.Context) error { return context.DeadlineExceeded }},
	} {
		t.Run(name, func(t *testing.T) {
			err := st.perform(t.Context(), 3, a)
			if err == nil || !strings.HasPrefix(err.Error(), `act 3, "x", did not end as told: `) || statusOf(err) != exitFailed {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestOnlyTheCommandThatWasPromisedIsDone(t *testing.T) {
	good := addBinding + " " + rehearsalGSA + " --role=r --member=m --project=" + rehearsalProject + " --condition=None"
	if role, member, err := readBinding(good); role != "r" || member != "m" || err != nil {
		t.Errorf("got %q, %q, %v", role, member, err)
	}
	for _, bad := range []string{"", addBinding + " --role=r", good + " --quiet", strings.Replace(good, rehearsalGSA, "other@x", 1)} {
		if _, _, err := readBinding(bad); err == nil {
			t.Errorf("%q is done", bad)
		}
	}
}

// What --keep leaves running serves kubectl, gcloud, and wifctl in another process.
func TestAKeptRehearsalServesOtherPrograms(t *testing.T) {
	for _, tool := range []string{"kubectl", "gcloud"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("NOT TESTED: that a kept rehearsal serves kubectl and gcloud:", err)
		}
	}
	script, err := os.ReadFile(filepath.Join(root, "testdata", "rehearse", "keep.sh"))
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	wifctl := filepath.Join(t.TempDir(), "wifctl") // by this name, the test binary is wifctl
	if err := os.Symlink(self, wifctl); err != nil {
		t.Fatal(err)
	}
	status, printed, talk := rehearse(t, "That file says", func(printed string, interrupt func()) {
		defer interrupt()
		env := regexp.MustCompile(`\n  \. (\S+)\n`).FindStringSubmatch(printed)
		cmd := exec.CommandContext(t.Context(), "sh", "-euc", string(script))
		cmd.Env = append(os.Environ(), "WIFCTL="+wifctl, "ENV_FILE="+env[1], "HOME="+t.TempDir())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}, "--keep")
	if status != exitOK {
		t.Errorf("got %d\n%s\n%s", status, printed, talk)
	}
	for _, mark := range []string{"emulated-operator-", "emulated-user-", "eyJ"} {
		if strings.Contains(printed+talk, mark) {
			t.Errorf("a token is printed: %s…", mark)
		}
	}
}

const onCluster = "rehearse-on-a-cluster"

// onReal are the flags of a rehearsal on the real API server, and whether its namespace is
// there.
func onReal(t *testing.T) (flags []string, there func() bool) {
	t.Helper()
	cluster := kubetest.Need(t)
	f := rehearseFlags{kubeconfig: cluster.Kubeconfig, context: "cks-demo"}
	k, err := kube.New(f.kube(streams{}), kube.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return []string{"--kubeconfig", f.kubeconfig, "--context", f.context, "--namespace", onCluster}, func() bool {
		o, found, err := k.Namespace(background, onCluster)
		if err != nil {
			t.Fatal(err)
		}
		return found && o.Phase == kube.PhaseActive
	}
}

func TestARehearsalOnARealClusterLeavesNothing(t *testing.T) {
	flags, there := onReal(t)
	for _, cue := range []string{"", "7. And all is well", "created   ConfigMap"} {
		t.Run(cue, func(t *testing.T) {
			want, do := exitInterrupted, interrupt
			if cue == "" {
				want, do = exitOK, nil
			}
			status, printed, talk := rehearse(t, cue, do, flags...)
			if status != want || there() {
				t.Errorf("got %d, and the namespace is there: %t\n%s\n%s", status, there(), printed, talk)
			}
			// The issuer of the test cluster has a certificate that nobody knows.
			if !strings.Contains(printed, "makes    namespace "+onCluster) || !strings.Contains(printed, "setup stops at cks-issuer with WIF113") {
				t.Errorf("it does not say what it does:\n%s", printed)
			}
			awaitGone(t, there)
		})
	}
}

// What "writes nothing" is measured by on a real cluster must see its side, too.
func TestARehearsalCountsTheWritesToARealCluster(t *testing.T) {
	_, there := onReal(t)
	f := rehearseFlags{kubeconfig: kubetest.Need(t).Kubeconfig, context: "cks-demo", namespace: onCluster}
	st, err := f.open(background, streams{out: io.Discard, err: io.Discard, env: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	defer st.close()
	if status := st.wifctl(background, st.command("setup")); status != exitOK {
		t.Fatalf("setup ended with %d:\n%s", status, st.printed)
	}
	if n := st.wrote.Load(); n < 3 { // a namespace, a ServiceAccount, a ConfigMap
		t.Errorf("%d writes to the cluster were counted", n)
	}
	if all, cluster := st.writes(), int(st.wrote.Load()); all <= cluster {
		t.Errorf("of %d writes, %d were to the cluster: none to Google", all, cluster)
	}
	if err := st.strike(background); err != nil {
		t.Error(err)
	}
	awaitGone(t, there)
}

// awaitGone waits until a namespace that is ending has ended.
func awaitGone(t *testing.T, _ func() bool) {
	t.Helper()
	client, err := kubetest.Need(t).Clientset()
	if err != nil {
		t.Fatal(err)
	}
	k := kubeObject{client: client.CoreV1().RESTClient(), kind: "namespace", name: onCluster}
	if _, err := k.get(); err == nil {
		_ = k.delete() // waits; that it was deleted already is no error
	}
}

func TestARehearsalTouchesNothingThatExists(t *testing.T) {
	flags, _ := onReal(t)
	flags[len(flags)-1] = "default"
	since, err := kubetest.Need(t).Mark()
	if err != nil {
		t.Fatal(err)
	}
	status, printed, talk := rehearse(t, "", nil, flags...)
	if status != exitUsage || printed != "" || !strings.Contains(talk, "touches nothing that exists") {
		t.Errorf("got %d\n%s\n%s", status, printed, talk)
	}
	requests, err := kubetest.Need(t).Requests(since)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range requests {
		if r.Write() && strings.HasPrefix(r.Agent, "wifctl") {
			t.Errorf("it wrote: %s", r)
		}
	}
}
