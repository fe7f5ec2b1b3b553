package internal_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "github.com/wifctl/wifctl/"

// room says what the code of one folder, its tests apart, may import beside the
// standard library.
type room struct {
	rooms     []string // folders of this module
	libraries []string // modules of others, or folders of them; anyLibrary: all
}

const anyLibrary = "*"

// rooms are all rooms. cmd makes the clients from flags, hands them to trust, and gives
// their typed errors an exit status. Two of its commands ask a client themselves, since
// neither is about one trust: completion lists names, and a rehearsal makes sure that it
// touches nothing in a real cluster.
var rooms = map[string]room{
	"cmd/wifctl": {
		rooms: []string{
			"internal/pipeline", "internal/trust", "internal/report",
			"internal/gcp", "internal/kube", "internal/cks", "internal/gcp/emulator", "internal/kube/emulator", "docs",
		},
		libraries: []string{anyLibrary},
	},
	"internal/trust": {
		rooms: []string{"internal/pipeline", "internal/wif", "internal/shell", "internal/gcp", "internal/kube", "internal/cks"},
	},
	"internal/report":       {rooms: []string{"internal/pipeline"}, libraries: []string{"github.com/charmbracelet/x/ansi"}},
	"internal/pipeline":     {},
	"internal/shell":        {},
	"internal/wif":          {libraries: []string{"cel.dev/cel-go"}},
	"internal/gcp":          {libraries: []string{"cloud.google.com/go", "google.golang.org/api"}},
	"internal/gcp/emulator": {rooms: []string{"internal/gcp/emulator/federation"}},
	// It knows tokens and providers, and nothing of the server around them.
	"internal/gcp/emulator/federation": {libraries: []string{"cel.dev/cel-go", "github.com/go-jose/go-jose/v4"}},
	"internal/gcp/emulator/issuertest": {libraries: []string{"github.com/go-jose/go-jose/v4"}},
	"internal/gcp/discoverytest":       {}, // the oracle shares nothing with what it judges
	"internal/kube":                    {libraries: []string{"k8s.io", "golang.org/x/sync"}},
	// It shares nothing with the client that is compared with it.
	"internal/kube/emulator": {
		libraries: []string{"k8s.io", "sigs.k8s.io/json", "sigs.k8s.io/yaml", "github.com/go-jose/go-jose/v4", "gopkg.in/evanphx/json-patch.v4"},
	},
	"internal/kube/kubetest": {
		libraries: []string{"k8s.io"},
	},
	"internal/cks":         {libraries: []string{"github.com/go-jose/go-jose/v4"}},
	"internal/cks/ckstest": {libraries: []string{"github.com/go-jose/go-jose/v4"}},
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	for folder, imports := range readImports(t) {
		t.Run(folder, func(t *testing.T) {
			r, ok := rooms[folder]
			if !ok {
				t.Fatalf("%s is a new room: say in this file what it may import", folder)
			}
			for _, imported := range imports {
				if !r.allows(imported) {
					t.Errorf("%s imports %s", folder, imported)
				}
			}
		})
	}
}

func TestEveryRoomExists(t *testing.T) {
	found := readImports(t)
	for folder := range rooms {
		if _, ok := found[folder]; !ok {
			t.Errorf("there is no code in %s", folder)
		}
	}
}

func TestRulesTellRoomsAndLibrariesApart(t *testing.T) {
	r := room{rooms: []string{"internal/gcp"}, libraries: []string{"k8s.io", "github.com/go-jose/go-jose/v4"}}
	got := map[string]bool{}
	want := map[string]bool{
		"net/http":                             true,
		module + "internal/gcp":                true,
		"k8s.io/api/core/v1":                   true,
		"github.com/go-jose/go-jose/v4/json":   true,
		module + "internal/gcp/emulator":       false, // a room below is another room
		module + "internal/cks":                false,
		"k8s.io.example.com/api":               false,
		"github.com/go-jose/go-jose/v4evil":    false,
		"github.com/wifctl/elsewhere/internal": false,
	}
	for imported := range want {
		got[imported] = r.allows(imported)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	anything := room{libraries: []string{anyLibrary}}
	if !anything.allows("k8s.io/api/core/v1") || anything.allows(module+"internal/gcp") {
		t.Error("any library is either not all of them, or a room, too")
	}
}

// allows judges one import path. The standard library has no dot in its first
// element.
func (r room) allows(imported string) bool {
	if folder, ok := strings.CutPrefix(imported, module); ok {
		return slices.Contains(r.rooms, folder)
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") {
		return true
	}
	return slices.ContainsFunc(r.libraries, func(library string) bool {
		return library == anyLibrary || imported == library || strings.HasPrefix(imported, library+"/")
	})
}

// readImports returns what the code of every folder below cmd and internal
// imports, sorted. Tests are left out: they bring stand-ins together.
func readImports(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, top := range []string{"../cmd", "../internal"} {
		err := filepath.WalkDir(top, func(file string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "testdata":
				return fs.SkipDir
			case d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
				return nil
			}
			folder := strings.TrimPrefix(path.Dir(filepath.ToSlash(file)), "../")
			imports, err := importsOf(file)
			found[folder] = append(found[folder], imports...)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for folder, imports := range found {
		slices.Sort(imports)
		found[folder] = slices.Compact(imports)
	}
	return found
}

func importsOf(file string) ([]string, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, i := range parsed.Imports {
		name, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		out = append(out, name)
	}
	return out, nil
}
