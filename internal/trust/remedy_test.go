package trust

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// A command that is printed is pasted: the shell must read back exactly what was meant.
func TestCommandsReadBackInAShell(t *testing.T) {
	args := []string{"gcloud", "--attribute-mapping=a='b'/'c',d=e['f']", "$(rm -rf /)", "", "a b", "principalSet://iam.googleapis.com/x/*", "ünïcode", `"quoted"`, "semi;colon"}
	out, err := exec.Command("sh", "-c", "printf '%s\\n' "+quoteAll(args)).Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if diff := cmp.Diff(args, got); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
}

func TestOurCommandNamesOnlyWhatIsNotTheStandard(t *testing.T) {
	got := known().Command("verify")
	if want := "wifctl verify --project my-project-123 --bucket my-bucket"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got = known(func(c *Config) {
		c.Context, c.Principal, c.Workloads[0].Namespace = "prod", PrincipalSubject, "web"
	}).Command("setup")
	if want := "wifctl setup --project my-project-123 --bucket my-bucket --context prod --namespace web --principal subject"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	elsewhere := known(func(c *Config) { c.Kubeconfig, c.Flags = "other file", []string{"--as", "jane"} })
	if got, want := elsewhere.Command("setup"), "wifctl setup --project my-project-123 --bucket my-bucket --kubeconfig 'other file' --as jane"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := elsewhere.kubectl("cluster-info"), "kubectl --kubeconfig 'other file' cluster-info"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What an administrator is asked for is no more than what the purpose takes.
func TestPermissionsAreThoseOfThePurpose(t *testing.T) {
	changing := func(p string) bool {
		verb := p[strings.LastIndexByte(p, '.')+1:]
		return !slices.Contains([]string{"get", "list", "getIamPolicy"}, verb)
	}
	verify := known()
	verify.purpose = ToVerify
	if i := slices.IndexFunc(verify.permissions(), changing); i >= 0 {
		t.Errorf("verify asks for %s", verify.permissions()[i])
	}
	for _, a := range verify.accesses() {
		if a.Verb != "get" && a.Subresource != "token" {
			t.Errorf("verify asks to %s", a)
		}
	}
	down := known()
	down.purpose = ToTearDown
	for _, p := range down.permissions() {
		if strings.HasSuffix(p, ".create") || strings.HasSuffix(p, ".enable") {
			t.Errorf("teardown asks for %s", p)
		}
	}
	setup := known()
	for _, p := range setup.permissions() {
		if strings.HasSuffix(p, ".delete") || strings.HasPrefix(p, "resourcemanager.projects.set") {
			t.Errorf("setup asks for %s", p)
		}
	}
}

func TestTheListIsValidForEveryPurpose(t *testing.T) {
	for _, p := range []Purpose{ToSetUp, ToVerify, ToTearDown} {
		tr := known()
		tr.purpose = p
		steps := tr.Steps()
		for _, s := range steps {
			if len(s.Claims) == 0 {
				t.Errorf("%s: the catalogue has no claim for it", s.ID)
			}
		}
		if err := pipeline.Validate(steps); err != nil {
			t.Error(err)
		}
	}
}

// A name that doesn't show goes into a command as a shell reads it back, and shows there.
func TestAShellReadsBackWhatDoesNotShow(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("NOT TESTED: that a shell reads back what does not show:", err)
	}
	for _, name := range []string{"foo", "it's", "a\x1b[2Jb1", "a\nb", "ns/\u202ebar\u200b7", "a\xff'\\é", ""} {
		command := quoteAll([]string{"printf", "%s", name})
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
		if got := listFlag("--f", items...); got != want {
			t.Errorf("%q: got %s, want %s", items, got, want)
		}
	}
}
