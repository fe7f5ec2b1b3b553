package shell

import (
	"os/exec"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// A command that is printed is pasted: the shell must read back exactly what was meant.
func TestCommandsReadBackInAShell(t *testing.T) {
	args := []string{"gcloud", "--attribute-mapping=a='b'/'c',d=e['f']", "$(rm -rf /)", "", "a b", "principalSet://iam.googleapis.com/x/*", "ünïcode", `"quoted"`, "semi;colon"}
	out, err := exec.Command("sh", "-c", "printf '%s\\n' "+Line(args...)).Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if diff := cmp.Diff(args, got); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
}

// A name that doesn't show goes into a command as a shell reads it back, and shows there.
func TestAShellReadsBackWhatDoesNotShow(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("NOT TESTED: that a shell reads back what does not show:", err)
	}
	for _, name := range []string{"foo", "it's", "a\x1b[2Jb1", "a\nb", "ns/\u202ebar\u200b7", "a\xff'\\é", ""} {
		command := Line("printf", "%s", name)
		if i := strings.IndexFunc(command, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("%q does not show", command)
		}
		got, err := exec.CommandContext(t.Context(), bash, "-c", command).Output()
		if err != nil || string(got) != name {
			t.Errorf("%s: %v, got %q, want %q", command, err, got, name)
		}
	}
}

// gcloud takes a list apart at commas, unless it is told another mark first.
func TestListsAreTakenApartAsTheyWereMeant(t *testing.T) {
	for want, items := range map[string][]string{
		"--f=a":           {"a"},
		"--f=a,b":         {"a", "b"},
		"--f=a;b,c":       {"a;b", "c"},
		"--f=^;^a,b;c":    {"a,b", "c"},
		"--f=^|^a,b;c|d":  {"a,b;c", "d"},
		"--f=^~^a,b;|c~d": {"a,b;|c", "d"},
	} {
		if got := GcloudList("--f", items...); got != want {
			t.Errorf("%q: got %s, want %s", items, got, want)
		}
	}
}
