package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/wifctl/wifctl/internal/gcp/emulator"
)

var (
	background = context.Background()
	deleteNow  = metav1.DeleteOptions{}
)

// storyCommands are what scripts can do beside running wifctl.
var storyCommands = map[string]func(*testscript.TestScript, bool, []string){
	"wif":           cmdWif,
	"google":        cmdGoogle,
	"operator":      cmdOperator,
	"permitted":     cmdPermitted,
	"unhurried":     cmdUnhurried,
	"until-said":    cmdUntilSaid,
	"org-policy":    cmdOrgPolicy,
	"fault":         cmdFault,
	"advance":       cmdAdvance,
	"settle":        cmdSettle,
	"mark":          cmdMark,
	"await":         cmdAwait,
	"coreweave":     cmdCoreweave,
	"login":         cmdLogin,
	"own-cluster":   cmdOwnCluster,
	"publish":       cmdPublish,
	"wrote":         cmdWrote,
	"kube":          cmdKube,
	"kube-apply":    cmdKubeApply,
	"kubelet":       cmdKubelet,
	"kubelet-dies":  cmdKubeletDies,
	"pods":          cmdPods,
	"run-cronjob":   cmdRunCronJob,
	"codes":         cmdCodes,
	"until-refused": cmdUntilRefused,
	"until-made":    cmdUntilMade,
	"wrote-only":    cmdWroteOnly,
	"same":          cmdSame,
	"same-bindings": cmdSameBindings,
	"same-but":      cmdSameBut,
	"as-pod":        cmdAsPod,
	"ci-login":      cmdCILogin,
	"await-gone":    cmdAwaitGone,
	"skew":          cmdSkew,
	"nofaults":      cmdNoFaults,
	"judge":         cmdJudge,
	"broken":        cmdBroken,
	"await-judge":   cmdAwaitJudge,
	"dark":          cmdDark,
	"kube-fault":    cmdKubeFault,
	"whole":         cmdWhole,
	"mended":        cmdMended,
	"typed":         cmdTyped,
	"snapshot":      cmdSnapshot,
	"undo":          cmdUndo,
}

// wif [=STATUS] COMMAND [FLAGS] runs wifctl COMMAND for the story's namespace and bucket
// and wants that exit status, 0 if none is given. The output can be inspected after; that
// no token is in it, and no escape sequence, is asserted every time.
func cmdWif(ts *testscript.TestScript, neg bool, args []string) {
	want := 0
	if status, ok := strings.CutPrefix(args[0], "="); ok {
		n, err := strconv.Atoi(status)
		ts.Check(err)
		want, args = n, args[1:]
	}
	args = append([]string{args[0], "--bucket=" + storyBucket, "--namespace=" + storyOf(ts).ns}, args[1:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](ts.Exec("wifctl", args...)); ok {
		got = exit.ExitCode()
	}
	noTokens(ts)
	if neg || got != want {
		ts.Fatalf("wifctl %s: exit status %d, want %d", strings.Join(args, " "), got, want)
	}
}

// google VERB PATH [BODY] [> FILE] asks the emulated Google as its operator. Where the
// answer is an operation, that is waited for. "! google" wants a refusal. With lags it
// asks again for a while, as a person would, if the answer is the other one.
func cmdGoogle(ts *testscript.TestScript, neg bool, args []string) {
	into := ""
	if n := len(args); n > 2 && args[n-2] == ">" {
		into, args = args[n-1], args[:n-2]
	}
	if len(args) < 2 {
		ts.Fatalf("usage: google VERB PATH [BODY] [> FILE]")
	}
	var body string
	if len(args) > 2 {
		body = args[2]
		if strings.HasPrefix(body, "@") {
			body = os.Expand(ts.ReadFile(body[1:]), ts.Getenv)
		}
	}
	status, answer := askUntil(ts, neg, args[0], args[1], body)
	if (status >= 400) != neg {
		ts.Fatalf("google %s %s: %d %s", args[0], args[1], status, answer)
	}
	if into != "" {
		ts.Check(os.WriteFile(ts.MkAbs(into), answer, 0o600))
	}
	waitOperation(ts, answer)
}

// patience is a little more than the longest lag of a story.
const patience = 10 * time.Second

func askUntil(ts *testscript.TestScript, refused bool, verb, path, body string) (int, []byte) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for start := time.Now(); ; <-tick.C {
		status, answer := ask(ts, verb, path, body)
		if (status >= 400) == refused || storyOf(ts).lag == emulator.LagNone || time.Since(start) > patience {
			return status, answer
		}
	}
}

func ask(ts *testscript.TestScript, verb, path, body string) (int, []byte) {
	req, err := http.NewRequestWithContext(background, verb, storyOf(ts).server.URL+path, strings.NewReader(body))
	ts.Check(err)
	req.Header.Set("Authorization", "Bearer "+storyToken)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	ts.Check(err)
	return res.StatusCode, answer
}

func waitOperation(ts *testscript.TestScript, answer []byte) {
	var op struct {
		Name string `json:"name"`
		Done bool   `json:"done"`
	}
	for range 50 {
		if json.Unmarshal(answer, &op) != nil || !strings.Contains(op.Name, "/operations/") || op.Done {
			return
		}
		version := "/v1/"
		if strings.HasPrefix(op.Name, "policies/") { // of IAM v2
			version = "/v2/"
		}
		_, answer = ask(ts, http.MethodGet, version+op.Name, "")
	}
	ts.Fatalf("operation %s does not end", op.Name)
}

// operator ROLE... starts Google anew with an operator who has only these roles.
func cmdOperator(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(storyOf(ts).startGoogle(emulator.Options{OperatorRoles: args}))
}

// permitted PERMISSION... brings Google back to where snapshot kept it, with an operator who
// may do nothing else. One argument may hold several.
func cmdPermitted(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(storyOf(ts).startGoogle(emulator.Options{
		StateFile: filepath.Join(ts.Getenv("WORK"), savedGoogle), OperatorPermissions: strings.Fields(strings.Join(args, " ")),
	}))
}

// org-policy CONSTRAINT [VALUE]... puts an organisation policy in force, that allows these
// values; org-policy alone takes it back. Google is as it was in all else.
func cmdOrgPolicy(ts *testscript.TestScript, _ bool, args []string) {
	opts := emulator.Options{StateFile: filepath.Join(ts.Getenv("WORK"), savedGoogle)}
	if len(args) > 0 {
		opts.OrgPolicies = map[string][]string{args[0]: args[1:]}
	}
	ts.Check(storyOf(ts).google.Load().Save())
	ts.Check(storyOf(ts).startGoogle(opts))
}

// unhurried makes what is written from here on as late as it is at Google: nothing of it takes
// effect before advance.
func cmdUnhurried(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(storyOf(ts).google.Load().Save())
	ts.Check(storyOf(ts).startGoogle(emulator.Options{StateFile: filepath.Join(ts.Getenv("WORK"), savedGoogle), LagDivisor: 1}))
}

// until-said FILE TEXT waits until a command in the background has written TEXT to FILE.
func cmdUntilSaid(ts *testscript.TestScript, _ bool, args []string) {
	for range 600 {
		raw, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && strings.Contains(string(raw), args[1]) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("%s does not come to say %q", args[0], args[1])
}

// settle lets the lags pass of all that was written: what a story broke by hand is
// broken for everybody then. Where nothing is late it changes nothing.
func cmdSettle(ts *testscript.TestScript, _ bool, _ []string) {
	storyOf(ts).google.Load().Settle()
}

// fault SPEC makes Google misbehave, as the flag of wifctl emulator does.
func cmdFault(ts *testscript.TestScript, _ bool, args []string) {
	f, err := emulator.ParseFault(strings.Join(args, " "))
	ts.Check(err)
	storyOf(ts).google.Load().Inject(f)
}

// advance DURATION turns Google's clock.
func cmdAdvance(ts *testscript.TestScript, _ bool, args []string) {
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	storyOf(ts).google.Load().Advance(d)
}

// mark forgets what was asked so far: wrote counts from here.
func cmdMark(ts *testscript.TestScript, _ bool, _ []string) {
	st := storyOf(ts)
	st.google.Load().ResetRequests()
	since, err := st.cluster.Mark()
	ts.Check(err)
	st.since = since
}

// nofaults takes back what fault did.
func cmdNoFaults(ts *testscript.TestScript, _ bool, _ []string) {
	storyOf(ts).google.Load().ClearFaults()
}

// skew DURATION sets how far Google's clock is ahead of everybody else's.
func cmdSkew(ts *testscript.TestScript, _ bool, args []string) {
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	storyOf(ts).google.Load().SetSkew(d)
}

// await KIND NAME waits until the object is there.
func cmdAwait(ts *testscript.TestScript, _ bool, args []string) {
	awaitObject(ts, args, true)
}

// await-gone KIND NAME waits until the object is not there.
func cmdAwaitGone(ts *testscript.TestScript, _ bool, args []string) {
	awaitObject(ts, args, false)
}

func awaitObject(ts *testscript.TestScript, args []string, there bool) {
	client, err := storyOf(ts).cluster.Clientset()
	ts.Check(err)
	k := kubeObject{client: client.CoreV1().RESTClient(), ns: storyOf(ts).ns, kind: args[0], name: args[1]}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 3000 {
		if _, err := k.get(); (err == nil) == there {
			return
		}
		<-tick.C
	}
	ts.Fatalf("%s %s: want there %v, and it stays as it is", k.kind, k.name, there)
}

// wrote asserts that something was changed on either side since mark; "! wrote" that
// nothing was.
func cmdWrote(ts *testscript.TestScript, neg bool, _ []string) {
	writes, err := storyOf(ts).writes()
	ts.Check(err)
	if (len(writes) > 0) == neg {
		ts.Fatalf("writes since mark:\n%s", strings.Join(writes, "\n"))
	}
}

// kube create namespace|serviceaccount|configmap NAME, kube label KIND NAME, kube delete
// KIND NAME, kube get KIND NAME > FILE. "! kube get" wants it absent. Objects other than
// the namespace are those of $NS.
func cmdKube(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: kube VERB KIND NAME [> FILE]")
	}
	client, err := storyOf(ts).cluster.Clientset()
	ts.Check(err)
	k := kubeObject{client: client.CoreV1().RESTClient(), ns: storyOf(ts).ns, kind: args[1], name: args[2]}
	var answer []byte
	switch args[0] {
	case "create":
		err = k.create(args[3:])
	case "delete":
		err = k.delete()
	case "patch":
		err = k.patch(types.MergePatchType, args[3])
	case "get":
		answer, err = k.get()
	default:
		ts.Fatalf("kube %s: unknown", args[0])
	}
	if (err != nil) != neg {
		ts.Fatalf("kube %s: %v", strings.Join(args, " "), err)
	}
	if n := len(args); n > 4 && args[n-2] == ">" {
		ts.Check(os.WriteFile(ts.MkAbs(args[n-1]), answer, 0o600))
	}
}

// same FILE FILE compares two JSON files by meaning.
func cmdSame(ts *testscript.TestScript, neg bool, args []string) {
	var a, b any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &a))
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &b))
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	if bytes.Equal(x, y) == neg {
		ts.Fatalf("%s\n%s\n\n%s\n%s", args[0], x, args[1], y)
	}
}

// same-bindings FILE FILE compares two policies but for their etags.
func cmdSameBindings(ts *testscript.TestScript, neg bool, args []string) {
	read := func(name string) any {
		var policy map[string]any
		ts.Check(json.Unmarshal([]byte(ts.ReadFile(name)), &policy))
		delete(policy, "etag")
		return policy
	}
	if diff := cmp.Diff(read(args[0]), read(args[1])); (diff != "") != neg {
		ts.Fatalf("policies (-%s +%s):\n%s", args[0], args[1], diff)
	}
}

// same-but FILE WORDS FILE WORDS compares two texts, but for these words.
func cmdSameBut(ts *testscript.TestScript, neg bool, args []string) {
	a, b := strings.ReplaceAll(ts.ReadFile(args[0]), args[1], ""), strings.ReplaceAll(ts.ReadFile(args[2]), args[3], "")
	if (a != b) != neg {
		ts.Fatalf("%s and %s (-want +got):\n%s", args[0], args[2], cmp.Diff(a, b))
	}
}

// noTokens asserts that the last output of a command holds nothing that looks like a
// token: neither a JWT nor one of Google's, nor the operator's own. Nor does it hold an
// escape sequence: it goes into a pipe.
func noTokens(ts *testscript.TestScript) {
	for _, stream := range []string{"stdout", "stderr"} {
		text := ts.ReadFile(stream)
		if strings.Contains(text, "\x1b") {
			ts.Fatalf("%s holds an escape sequence:\n%q", stream, text)
		}
		for _, mark := range []string{"eyJ", "ya29.", "CW-SECRET", storyToken} {
			if strings.Contains(text, mark) {
				ts.Fatalf("%s holds a token (%s…)", stream, mark)
			}
		}
	}
}
