package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/trust"
)

func writeConfig(t testing.TB, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "wifctl.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestTheFileLiesUnderTheFlags(t *testing.T) {
	name := writeConfig(t, "project: of-the-file\npool: pool-of-the-file\nworkloads:\n- {namespace: web, bucket: theirs, grant: project}\n")
	cfg := trust.Config{Project: "of-the-flag", Pool: trust.DefaultPool, Workloads: []trust.Workload{{Namespace: "foo", Bucket: "mine", GSA: trust.DefaultGSA}}}
	got, err := mergeFile(name, cfg, func(flag string) bool { return flag == "project" || flag == "bucket" })
	if err != nil {
		t.Fatal(err)
	}
	want := trust.Config{Project: "of-the-flag", Pool: "pool-of-the-file", Workloads: []trust.Workload{
		{Namespace: "web", Bucket: "mine", GSA: trust.DefaultGSA, Grant: trust.GrantProject},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}

// Whatever is in the file: a configuration that can be validated, or a mistake that names it.
func FuzzConfigFile(f *testing.F) {
	for _, seed := range []string{"", "project: p", "workloads: [{namespace: a}]", "workloads: null", "workloads: [{}, {}]", "[]", "{", "a: *b", "project: 1", "&a [*a]", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		cfg := trust.Config{Workloads: []trust.Workload{{}}}
		got, err := mergeFile(writeConfig(t, text), cfg, func(string) bool { return false })
		var input *trust.InputError
		switch {
		case err != nil && !errors.As(err, &input):
			t.Errorf("%q: %T %v", text, err, err)
		case err == nil && len(got.Workloads) != 1:
			t.Errorf("%q: %d workloads", text, len(got.Workloads))
		case err == nil:
			_ = got.Validate()
		}
	})
}
