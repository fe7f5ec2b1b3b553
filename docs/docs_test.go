package docs

import (
	"strings"
	"testing"
)

func TestASectionIsPlainTextAndWhole(t *testing.T) {
	got := Section("WIF303")
	for _, want := range []string{"The pool exists and is enabled.", "What mends it.", "\n    gcloud iam workload-identity-pools update k8s-pool --no-disabled"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if next := Section("WIF311"); strings.Contains(got, strings.SplitN(next, "\n", 2)[0]) {
		t.Errorf("it runs into the next section:\n%s", got)
	}
}

func TestNoSectionKeepsMarks(t *testing.T) {
	if len(Codes()) < 60 {
		t.Fatalf("only %d codes were found", len(Codes()))
	}
	for _, code := range Codes() {
		section := Section(code)
		if strings.TrimSpace(section) == "" {
			t.Errorf("%s: nothing is said", code)
		}
		for line := range strings.SplitSeq(section, "\n") {
			if strings.HasPrefix(line, "    ") {
				continue // a command
			}
			for _, mark := range []string{"```", "**", "](", "## "} {
				if strings.Contains(line, mark) {
					t.Errorf("%s: %q is left in %q", code, mark, line)
				}
			}
		}
	}
}

func TestACodeThatIsNoneHasNoSection(t *testing.T) {
	for _, code := range []string{"", "WIF", "WIF999", "wif303", "WIF30"} {
		if got := Section(code); got != "" {
			t.Errorf("%q: got %q", code, got)
		}
	}
}
