package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/wifctl/wifctl/internal/gcp/emulator"
	"github.com/wifctl/wifctl/internal/kube/kubetest"
	"github.com/wifctl/wifctl/internal/trust"
)

// docs/security.md lists what each command takes, at Google and in the cluster. These
// tests take the lists from there: all of one is enough, and each thing on it is needed.

func TestVerifyTakesWhatIsListed(t *testing.T) {
	w := newPrivileges(t, "least-verify")
	lists, rules := googleLists(t), rbacRules(t)
	if a := w.wifctl("", "setup"); a.status != exitOK {
		t.Fatalf("setup: %+v", a)
	}
	w.save()
	permissions, without := lists["wifctl verify"].names, lists["wifctl verify"].without
	w.enterGoogle(emulator.Options{OperatorPermissions: permissions})
	ci := w.kubeUser(rules["wifctl-verify"])
	a := w.wifctl(ci, "verify", "--strict", "-o", "json")
	if got := notPassed(t, a, true); a.status != exitOK || len(got) > 0 || len(a.wrote) > 0 {
		t.Fatalf("with all that is listed: %d, %q, wrote %q", a.status, got, a.wrote)
	}
	for i, p := range permissions {
		w.enterGoogle(emulator.Options{OperatorPermissions: butOne(permissions, i)})
		lint := slices.Contains([]string{"WIF331 WIF332", "WIF403", "WIF517"}, without[i])
		w.judge("without "+p, w.wifctl(ci, "verify", "-o", "json"), lint, without[i])
		if a := w.wifctl(ci, "verify", "--strict", "-q"); a.status == exitOK {
			t.Errorf("without %s: verify --strict succeeds", p)
		}
	}
	w.enterGoogle(emulator.Options{OperatorPermissions: permissions})
	table := rbacTable(t)
	for i, r := range rules["wifctl-verify"] {
		a := w.wifctl(w.kubeUser(butOne(rules["wifctl-verify"], i)), "verify", "-o", "json")
		w.judge("without "+nameOf(r), a, false, table[nameOf(r)])
	}
}

func TestVerifyTakesTheListedRoles(t *testing.T) {
	w := newPrivileges(t, "least-roles")
	if a := w.wifctl("", "setup"); a.status != exitOK {
		t.Fatalf("setup: %+v", a)
	}
	w.save()
	roles := predefinedRoles(t, "verify")
	w.enterGoogle(emulator.Options{OperatorEmail: "ci@example.com", OperatorRoles: roles})
	if a := w.wifctl("", "verify", "--strict"); a.status != exitOK {
		t.Errorf("with %s: %d\n%s", roles, a.status, a.out)
	}
	for i, r := range roles {
		w.enterGoogle(emulator.Options{OperatorEmail: "ci@example.com", OperatorRoles: butOne(roles, i)})
		if a := w.wifctl("", "verify", "--strict"); a.status == exitOK {
			t.Errorf("without %s verify succeeds", r)
		}
	}
}

// A pod that could not be followed and removed is not made; without its log or its events
// only that is told less of.
func TestVerifyPodTakesWhatIsListed(t *testing.T) {
	w := newPrivileges(t, "least-pod")
	rules := rbacRules(t)
	if a := w.wifctl("", "setup"); a.status != exitOK {
		t.Fatalf("setup: %+v", a)
	}
	node, err := w.cluster.StartKubelet(kubetest.KubeletOptions{Namespace: w.ns, Images: map[string]string{trust.DefaultPodImage: podImage(t)}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = node.Stop() })
	all := slices.Concat(rules["wifctl-verify"], rules["wifctl-verify-pod"])
	a := w.wifctl(w.kubeUser(all), "verify", "--pod", "--strict", "-o", "json")
	if got := notPassed(t, a, true); a.status != exitOK || len(got) > 0 {
		t.Fatalf("with all that is listed: %d, %q\n%s", a.status, got, a.out)
	}
	table := rbacTable(t)
	for i, r := range rules["wifctl-verify-pod"] {
		one := w.kubeUser(butOne(all, len(rules["wifctl-verify"])+i))
		a := w.wifctl(one, "verify", "--pod", "-o", "json")
		want := table[nameOf(r)]
		if strings.Contains(want, "none is made") {
			want = "WIF102 " + strings.Join(codesOf(trust.RunPod), " ")
			if len(a.wrote) > 0 {
				t.Errorf("without %s: wrote %q", nameOf(r), a.wrote)
			}
		}
		w.judge("without "+nameOf(r), a, false, want)
	}
}

// A teardown takes back what it may, whatever else is missing; what that is, its dry run
// says.
func TestSetupAndTeardownTakeWhatIsListed(t *testing.T) {
	w := newPrivileges(t, "least-setup")
	w.save()
	lists, rules := googleLists(t), rbacRules(t)
	for _, c := range []struct {
		command    string
		one, whole []string // what is said with one thing missing, and with all there
	}{{command: "setup"}, {"teardown", []string{"--dry-run"}, []string{"--yes"}}} {
		permissions, may := lists["wifctl "+c.command].names, rules["wifctl-"+c.command]
		everything := w.kubeUser(may)
		for i, p := range permissions {
			w.enterGoogle(emulator.Options{OperatorPermissions: butOne(permissions, i)})
			w.refused("without "+p, w.wifctl(everything, c.command, c.one...), p)
		}
		w.enterGoogle(emulator.Options{OperatorPermissions: permissions})
		for i, r := range may {
			if nameOf(r) != "list *" {
				one := slices.DeleteFunc(butOne(may, i), func(r rbacv1.PolicyRule) bool { return nameOf(r) == "list *" })
				w.refused("without "+nameOf(r), w.wifctl(w.kubeUser(one), c.command, c.one...), nameOf(r))
			}
		}
		if a := w.wifctl(everything, c.command, c.whole...); a.status != exitOK {
			t.Fatalf("%s with all that is listed: %d\n%s%s", c.command, a.status, a.out, a.talk)
		}
		w.save()
	}
}

// refused is a command that changes nothing and names what is missing.
func (w *privileges) refused(name string, a answer, missing string) {
	w.t.Helper()
	missing, _, _ = strings.Cut(missing, " bar") // its namespace stands behind the name
	if a.status != exitBarred || len(a.wrote) > 0 || !strings.Contains(a.out, missing) {
		w.t.Errorf("%s: exit status %d, wrote %q\n%s%s", name, a.status, a.wrote, a.out, a.talk)
	}
}

// judge holds a verify to the checks that fail or are skipped because one thing is missing.
func (w *privileges) judge(name string, a answer, lint bool, want string) {
	w.t.Helper()
	status := exitBarred
	if lint {
		status = exitOK
	}
	got := notPassed(w.t, a, false)
	slices.Sort(got)
	wanted := strings.Fields(want)
	slices.Sort(wanted)
	if diff := cmp.Diff(wanted, got); diff != "" || len(wanted) == 0 || a.status != status {
		w.t.Errorf("%s: exit status %d, want %d; (-in docs/security.md +got):\n%s", name, a.status, status, diff)
	}
}

// notPassed are the codes that failed, warned or were skipped: all, or only those that were not
// skipped because of another.
func notPassed(t *testing.T, a answer, all bool) (codes []string) {
	t.Helper()
	var report printedReport
	if err := json.Unmarshal([]byte(a.out), &report); err != nil {
		t.Fatalf("%v\n%s%s", err, a.out, a.talk)
	}
	if len(report.Checks) == 0 {
		t.Fatalf("no checks: %s", a.out)
	}
	for _, c := range report.Checks {
		if c.Result != "pass" && (all || !strings.HasPrefix(c.Because, "needs ")) {
			codes = append(codes, c.Code)
		}
	}
	return codes
}

func codesOf(step any) (codes []string) {
	for _, l := range trust.Catalogue(trust.Config{Workloads: []trust.Workload{{}}}) {
		if l.Step == step {
			codes = append(codes, l.Code)
		}
	}
	return codes
}

func butOne[T any](all []T, i int) []T { return slices.Delete(slices.Clone(all), i, i+1) }

// podImage is the folder of an image with the gcloud of the stories.
func podImage(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("pod-gcloud")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	script := "#!/bin/sh\nexec " + path + ` "$@"` + "\n"
	if err := os.WriteFile(filepath.Join(dir, "gcloud"), []byte(script), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	return dir
}
