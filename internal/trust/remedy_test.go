package trust

import (
	"slices"
	"strings"
	"testing"

	"github.com/wifctl/wifctl/internal/pipeline"
)

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
