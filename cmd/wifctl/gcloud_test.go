package main

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wifctl/wifctl/internal/gcp/discoverytest"
	"github.com/wifctl/wifctl/internal/gcp/emulator"
	"github.com/wifctl/wifctl/internal/kube/kubetest"
)

// The stories in testdata/gcloud are told by clients that nobody here wrote: gcloud and
// kubectl. They make what wifctl should find, read what wifctl made, and run the commands
// that wifctl prints. gcloud talks to the story's own Google and to nothing else.
func TestGcloud(t *testing.T) {
	for _, tool := range []string{"gcloud", "kubectl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("NOT TESTED: that gcloud and kubectl agree with wifctl:", err)
		}
	}
	on := stage{kubetest.Need(t), discoverytest.Load(t), emulator.LagNone}
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("..", "..", "testdata", "gcloud"),
		Setup:         on.setUpGcloud,
		Cmds:          gcloudCommands(),
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
	})
}

func gcloudCommands() map[string]func(*testscript.TestScript, bool, []string) {
	commands := maps.Clone(storyCommands)
	commands["mend"] = cmdMend
	commands["recover"] = cmdRecover
	commands["recipe"] = cmdRecipe
	commands["as-google"] = cmdAsGoogle
	commands["gcloud-of-its-own"] = cmdGcloudOfItsOwn
	return commands
}

// setUpGcloud is the world of a story, and what sends gcloud to it.
func (on stage) setUpGcloud(e *testscript.Env) error {
	if err := on.setUp(e); err != nil {
		return err
	}
	folder, err := gcloudFolder(e.WorkDir)
	if err != nil {
		return err
	}
	top, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	e.Vars = append(e.Vars,
		"ROOT="+top, "AUDIENCE=https://iam.googleapis.com/"+e.Getenv("WI")+"/k8s-pool/providers/"+e.Getenv("PROVIDER"),
	)
	e.Vars = append(e.Vars, gcloudEnv(folder, e.Getenv("WIFCTL_GCP_ENDPOINT"))...)
	return nil
}

// gcloudEnv sends gcloud to the emulator at base. The slash at the end of an endpoint is
// what gcloud wants.
func gcloudEnv(folder, base string) []string {
	vars := []string{
		"CLOUDSDK_CONFIG=" + folder, "CLOUDSDK_CORE_PROJECT=" + storyProject, "CLOUDSDK_AUTH_ACCESS_TOKEN=" + storyToken,
		"CLOUDSDK_CORE_DISABLE_PROMPTS=1", "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING=1", "CLOUDSDK_CORE_DISABLE_FILE_LOGGING=1",
		"CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK=1", "CLOUDSDK_SURVEY_DISABLE_PROMPTS=1",
	}
	for _, api := range []string{"IAM", "CLOUDRESOURCEMANAGER", "CLOUDBILLING", "ORGPOLICY", "SERVICEUSAGE", "STORAGE", "IAMCREDENTIALS"} {
		vars = append(vars, "CLOUDSDK_API_ENDPOINT_OVERRIDES_"+api+"="+base+"/")
	}
	return vars
}

// gcloudFolder makes an empty configuration, but for the word that there is no metadata
// server: else gcloud asks the DNS for one.
func gcloudFolder(dir string) (string, error) {
	folder, err := os.MkdirTemp(dir, ".gcloud-")
	if err != nil {
		return "", err
	}
	return folder, os.WriteFile(filepath.Join(folder, "gce"), []byte("False"), 0o600)
}

// gcloud-of-its-own [FILE] gives gcloud an empty configuration from here on, without the
// operator's token but with the credential file: gcloud keeps access tokens between
// commands, and would use an old one.
func cmdGcloudOfItsOwn(ts *testscript.TestScript, _ bool, args []string) {
	folder, err := gcloudFolder(ts.Getenv("WORK"))
	ts.Check(err)
	ts.Setenv("CLOUDSDK_CONFIG", folder)
	ts.Setenv("CLOUDSDK_AUTH_ACCESS_TOKEN", "")
	file := ""
	if len(args) > 0 {
		file = ts.MkAbs(args[0])
	}
	ts.Setenv("CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", file)
}

// as-google FILE puts Google's own addresses where the story's Google stands in a
// credential file.
func cmdAsGoogle(ts *testscript.TestScript, _ bool, args []string) {
	own := ts.Getenv("WIFCTL_GCP_ENDPOINT")
	text := strings.NewReplacer(
		own+"/v1/token", "https://sts.googleapis.com/v1/token",
		own+"/v1/projects", "https://iamcredentials.googleapis.com/v1/projects",
	).Replace(ts.ReadFile(args[0]))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// wrote-only PATTERN asserts that something was changed since mark, and that all of it
// matches the pattern.
func cmdWroteOnly(ts *testscript.TestScript, _ bool, args []string) {
	pattern, err := regexp.Compile(args[0])
	ts.Check(err)
	writes, err := storyOf(ts).writes()
	ts.Check(err)
	if len(writes) == 0 {
		ts.Fatalf("no writes since mark")
	}
	for _, w := range writes {
		if !pattern.MatchString(w) {
			ts.Fatalf("writes since mark:\n%s", strings.Join(writes, "\n"))
		}
	}
}

// mend CODE [ID] reads the JSON report that the last command printed, wants what failed
// first, or the step ID, to have that code, and runs the commands of its remedy with a
// shell, as they are printed.
func cmdMend(ts *testscript.TestScript, _ bool, args []string) {
	report := lastReport(ts)
	for _, found := range append(report.Checks, report.Steps...) {
		wanted := found.Result == "fail" || found.Outcome == "failed"
		if len(args) > 1 {
			wanted = found.ID == args[1]
		}
		if !wanted {
			continue
		}
		if found.Remedy.Code != args[0] {
			ts.Fatalf("%s failed with %s, want %s", found.ID, found.Remedy.Code, args[0])
		}
		runPrinted(ts, found.Remedy.Run)
		return
	}
	ts.Fatalf("nothing failed in the report")
}

// typed CODE runs the commands that the JSON report of the last command printed for CODE, as
// they are printed. They may come to nothing, where they only show what is wrong, but must be
// commands that are understood.
func cmdTyped(ts *testscript.TestScript, _ bool, args []string) {
	report := lastReport(ts)
	all := append(report.Checks, report.Steps...)
	i := slices.IndexFunc(all, func(f printedFinding) bool { return f.Remedy.Code == args[0] && len(f.Remedy.Run) > 0 })
	if i < 0 {
		ts.Fatalf("no commands are printed for %s", args[0])
	}
	for _, command := range all[i].Remedy.Run {
		ts.Logf("$ %s", command)
		exit, failed := errors.AsType[*exec.ExitError](ts.Exec("sh", "-c", command))
		misread := misreadCommand.MatchString(ts.ReadFile("stderr"))
		if failed && (misread || slices.Contains([]int{2, 126, 127}, exit.ExitCode())) {
			ts.Fatalf("this is no command: %s", command)
		}
	}
}

// misreadCommand is what kubectl and gcloud say of what they don't understand.
var misreadCommand = regexp.MustCompile(`unknown (flag|command|shorthand)|unrecognized arguments|Invalid choice`)

// recover runs the commands that a teardown printed for what it had to leave.
func cmdRecover(ts *testscript.TestScript, _ bool, _ []string) {
	runPrinted(ts, lastReport(ts).Recover)
}

// printedReport is what mend and recover read of wifctl's JSON.
type printedReport struct {
	Checks, Steps []printedFinding
	Recover       []string
}

type printedFinding struct {
	Code, ID, Result, Outcome, Because string

	Unanswered bool

	Remedy struct {
		Code string
		Run  []string
	}
}

func lastReport(ts *testscript.TestScript) printedReport {
	var r printedReport
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &r))
	return r
}

func runPrinted(ts *testscript.TestScript, commands []string) {
	if len(commands) == 0 {
		ts.Fatalf("no commands are printed")
	}
	for _, command := range commands {
		ts.Logf("$ %s", command)
		ts.Check(ts.Exec("sh", "-c", command))
	}
}
