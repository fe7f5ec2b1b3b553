package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// codesWithCommands are the codes of the remedies that internal/trust makes with commands in
// them. A code that is no literal is looked for where it comes from.
func codesWithCommands(t *testing.T) (codes []string) {
	t.Helper()
	s := sourcesOf(t, filepath.Join(root, "internal", "trust"))
	for _, fn := range s.functions {
		for _, call := range callsOf(fn.Body, "remedy") {
			if len(call.Args) < 3 {
				continue
			}
			found := s.codesOf(fn, call.Args[0])
			if len(found) == 0 {
				t.Errorf("%s: where the code of this remedy comes from can't be told", s.files.Position(call.Pos()))
			}
			codes = append(codes, found...)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// sources are what a package declares.
type sources struct {
	files     *token.FileSet
	functions []*ast.FuncDecl
	variables map[string]ast.Node
}

func sourcesOf(t *testing.T, dir string) sources {
	t.Helper()
	s := sources{files: token.NewFileSet(), variables: map[string]ast.Node{}}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(s.files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			s.declare(d)
		}
	}
	return s
}

func (s *sources) declare(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		s.functions = append(s.functions, d)
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				s.variables[v.Names[0].Name] = v
			}
		}
	}
}

// codesOf are the codes that an expression in a function may stand for.
func (s *sources) codesOf(fn *ast.FuncDecl, e ast.Expr) []string {
	switch e := e.(type) {
	case *ast.BasicLit:
		return literalsIn(e)
	case *ast.CallExpr:
		return s.literalsOf(exprName(e.Fun))
	case *ast.SelectorExpr:
		return s.codesOf(fn, e.X) // a field of what has the code
	case *ast.Ident:
		return append(s.argumentsOf(fn, e.Name), s.assignedIn(fn, e.Name)...)
	}
	return nil
}

// argumentsOf are the codes that a function is called with for one of its parameters.
func (s *sources) argumentsOf(fn *ast.FuncDecl, parameter string) (codes []string) {
	at := indexOf(fn.Type, parameter)
	if at < 0 {
		return nil
	}
	for _, caller := range s.functions {
		for _, call := range callsOf(caller.Body, fn.Name.Name) {
			codes = append(codes, s.codesOf(caller, call.Args[at])...)
		}
	}
	return codes
}

// assignedIn are the codes that come into a variable of a function: out of a call, of a list
// that it goes through, or as an argument of a function inside it.
func (s *sources) assignedIn(fn *ast.FuncDecl, name string) (codes []string) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			codes = append(codes, s.assigned(fn, n, name)...)
		case *ast.RangeStmt:
			if over, ok := n.X.(*ast.Ident); ok && exprName(n.Value) == name {
				codes = append(codes, literalsIn(s.variables[over.Name])...)
			}
		}
		return true
	})
	return codes
}

func (s *sources) assigned(fn *ast.FuncDecl, a *ast.AssignStmt, name string) (codes []string) {
	inner, isFunc := a.Rhs[0].(*ast.FuncLit)
	at := -1
	if isFunc {
		at = indexOf(inner.Type, name)
	}
	if at >= 0 {
		for _, call := range callsOf(fn.Body, exprName(a.Lhs[0])) {
			codes = append(codes, literalsIn(call.Args[at])...)
		}
	}
	call, isCall := a.Rhs[0].(*ast.CallExpr)
	if isCall && slices.ContainsFunc(a.Lhs, func(l ast.Expr) bool { return exprName(l) == name }) {
		codes = append(codes, s.literalsOf(exprName(call.Fun))...)
	}
	return codes
}

// literalsOf are all codes that stand in a function.
func (s *sources) literalsOf(name string) (codes []string) {
	for _, fn := range s.functions {
		if fn.Name.Name == name {
			codes = append(codes, literalsIn(fn)...)
		}
	}
	return codes
}

func literalsIn(n ast.Node) (codes []string) {
	if n == nil {
		return nil
	}
	ast.Inspect(n, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil && firstCode(text) == text && text != "" {
				codes = append(codes, text)
			}
		}
		return true
	})
	return codes
}

// callsOf are the calls of a function, by its name.
func callsOf(in ast.Node, name string) (calls []*ast.CallExpr) {
	if in == (*ast.BlockStmt)(nil) {
		return nil
	}
	ast.Inspect(in, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && exprName(call.Fun) == name {
			calls = append(calls, call)
		}
		return true
	})
	return calls
}

func indexOf(f *ast.FuncType, parameter string) int {
	var names []string
	for _, field := range f.Params.List {
		for _, n := range field.Names {
			names = append(names, n.Name)
		}
	}
	return slices.Index(names, parameter)
}

func exprName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}
