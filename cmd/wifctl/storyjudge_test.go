package main

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wifctl/wifctl/internal/gcp/discoverytest"
	"github.com/wifctl/wifctl/internal/gcp/emulator"
	"github.com/wifctl/wifctl/internal/kube/kubetest"
)

// The stories in testdata/mutation break the world in every way that the catalogue of
// verify knows, one at a time. Exactly the right check must fail or warn, what hangs on it
// must be skipped, and nothing else may cry wolf. Where gcloud and kubectl are installed,
// each is mended by the commands that verify printed.
func TestMutations(t *testing.T) {
	on := stage{kubetest.Need(t), discoverytest.Load(t), emulator.LagNone}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("..", "..", "testdata", "mutation"),
		Setup: func(e *testscript.Env) error {
			if err := on.setUpGcloud(e); err != nil {
				return err
			}
			st := e.Values[storyKey{}].(*story)
			return st.startGoogle(emulator.Options{StateFile: filepath.Join(e.WorkDir, savedGoogle)})
		},
		Cmds: gcloudCommands(),
	})
}

// savedGoogle is the file, in a story's folder, that snapshot keeps Google in.
const savedGoogle = ".google.json"

// judge [WIF511] [warn:WIF512]... reads the JSON that the last verify printed: these and no
// others failed or warned, in this order, and what was skipped hangs on them.
func cmdJudge(ts *testscript.TestScript, _ bool, want []string) {
	report := lastReport(ts)
	var got []string
	for _, c := range report.Checks {
		switch c.Result {
		case "fail":
			got = append(got, c.Code)
		case "warn":
			got = append(got, "warn:"+c.Code)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
		ts.Fatalf("failed and warned (-want +got):\n%s", diff)
	}
	explainSkips(ts, report)
}

// explainSkips holds every skipped check to its reason: what it needs failed, or was
// skipped before it.
func explainSkips(ts *testscript.TestScript, report printedReport) {
	var down []string
	for _, c := range report.Checks {
		if c.Result == "fail" || c.Result == "skip" {
			down = append(down, c.Code, c.ID)
		}
		if c.Result != "skip" {
			continue
		}
		missing, isNeed := strings.CutPrefix(c.Because, "needs ")
		isNeed = isNeed && !strings.Contains(missing, " ") // what it says in words, speaks for itself
		if c.Because == "" || isNeed && !slices.Contains(down, missing) {
			ts.Fatalf("%s was skipped because %q, and that is no reason: %v", c.Code, c.Because, down)
		}
	}
}

// dark CODE... reads the JSON that the last verify printed: nobody answered when these and no
// others were looked at, nothing failed or warned, and what is to be done is said of each.
func cmdDark(ts *testscript.TestScript, _ bool, want []string) {
	cmdJudge(ts, false, nil)
	var got []string
	for _, c := range lastReport(ts).Checks {
		if !c.Unanswered {
			continue
		}
		got = append(got, c.Code)
		if c.Result != "skip" || !strings.Contains(c.Because, "127.0.0.1:") || c.Remedy.Code == "" {
			ts.Fatalf("%s: %s because %q, remedy %+v", c.Code, c.Result, c.Because, c.Remedy)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		ts.Fatalf("not answered (-want +got):\n%s", diff)
	}
}

// broken WIF511 [warn:WIF512]... is verify and judge, and nothing may have been written.
func cmdBroken(ts *testscript.TestScript, neg bool, want []string) {
	status := "=0"
	for _, w := range want {
		if !strings.HasPrefix(w, "warn:") {
			status = "=1"
		}
	}
	if strings.HasPrefix(want[0], "=") {
		status, want = want[0], want[1:]
	}
	cmdMark(ts, false, nil)
	cmdWif(ts, neg, []string{status, "verify", "-o", "json"})
	cmdJudge(ts, false, want)
	cmdWrote(ts, true, nil)
}

// await-judge [CODE] [FLAGS] runs verify until CODE fails first, or nothing does: the API server
// learns of roles and admission policies by watching.
func cmdAwaitJudge(ts *testscript.TestScript, _ bool, args []string) {
	var want []string
	if len(args) > 0 && firstCode(args[0]) == args[0] {
		want, args = args[:1], args[1:]
	}
	args = append([]string{"verify", "--bucket=" + storyBucket, "--namespace=" + storyOf(ts).ns, "-o", "json"}, args...)
	for range 100 {
		_ = ts.Exec("wifctl", args...)
		if slices.Equal(firstFailed(lastReport(ts).Checks), want) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("what fails first is never %q", want)
}

// firstFailed is the code that failed first, if one did.
func firstFailed(checks []printedFinding) []string {
	for _, c := range checks {
		if c.Result == "fail" {
			return []string{c.Code}
		}
	}
	return nil
}

// whole sees that everything is as it should be.
func cmdWhole(ts *testscript.TestScript, _ bool, _ []string) {
	cmdWif(ts, false, []string{"verify", "-o", "json", "--strict", "--wait", "20s"})
	cmdJudge(ts, false, nil)
}

// mended runs the remedy that the last verify printed first, and sees everything whole
// again. Without gcloud and kubectl it undoes the harm by itself.
func cmdMended(ts *testscript.TestScript, _ bool, _ []string) {
	var run []string
	for _, c := range lastReport(ts).Checks {
		if c.Result == "fail" || c.Result == "warn" {
			run = c.Remedy.Run
			break
		}
	}
	foreign := slices.ContainsFunc(run, func(command string) bool {
		_, last, piped := strings.Cut(command, " | ")
		if !piped {
			last = command
		}
		tool, _, _ := strings.Cut(last, " ")
		_, err := exec.LookPath(tool)
		return tool != "wifctl" && err != nil
	})
	if foreign {
		cmdUndo(ts, false, nil)
	} else {
		runPrinted(ts, run)
	}
	cmdWhole(ts, false, nil)
}

// snapshot keeps Google as it is, for undo to come back to.
func cmdSnapshot(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(storyOf(ts).google.Load().Save())
}

// undo brings Google back to where snapshot kept it.
func cmdUndo(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(storyOf(ts).startGoogle(emulator.Options{StateFile: filepath.Join(ts.Getenv("WORK"), savedGoogle)}))
}
