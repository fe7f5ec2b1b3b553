package federation

import (
	"errors"
	"fmt"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// What one expression may cost to evaluate. Both are far beyond any honest mapping:
// they bound what a hostile one can take, such as joins that double a string again
// and again.
const (
	celCostLimit   = 200_000 // in CEL's own units: about one per node visited
	celMemoryLimit = 100_000 // list elements and characters alive at once
)

// A dialect is a set of variables that expressions may name, with the functions
// that every expression may call.
type dialect struct{ env *cel.Env }

// newDialect makes the CEL of workload identity federation: the standard library and
// macros, and the four functions that Google's pages name beside it. Others of CEL's
// string extensions may work at Google; none is documented, so here none does.
//
// https://docs.cloud.google.com/iam/docs/workload-identity-federation#mapping
func newDialect(variables ...string) (*dialect, error) {
	opts := []cel.EnvOption{
		cel.ParserExpressionSizeLimit(maxConditionChars),
		cel.RegexProgramSizeLimit(1000),
		stringFunction("extract", celExtract),
		stringListFunction("split", celSplit),
		cel.Function("join",
			cel.MemberOverload("list_join", []*cel.Type{cel.ListType(cel.StringType)}, cel.StringType,
				cel.UnaryBinding(func(list ref.Val) ref.Val { return celJoin(list, types.String("")) })),
			cel.MemberOverload("list_join_string", []*cel.Type{cel.ListType(cel.StringType), cel.StringType}, cel.StringType,
				cel.BinaryBinding(celJoin))),
		cel.Function("lowerAscii",
			cel.MemberOverload("string_lower_ascii", []*cel.Type{cel.StringType}, cel.StringType, cel.UnaryBinding(celLowerASCII))),
	}
	for _, v := range variables {
		opts = append(opts, cel.Variable(v, cel.MapType(cel.StringType, cel.DynType)))
	}
	env, err := cel.NewEnv(opts...)
	if err != nil {
		return nil, fmt.Errorf("set up CEL: %w", err)
	}
	return &dialect{env: env}, nil
}

// The two dialects: a mapping may name the token's claims; a condition also what the
// mapping has made of them. Each is made once and only read afterwards.
var (
	mappingDialect   = sync.OnceValues(func() (*dialect, error) { return newDialect("assertion") })
	conditionDialect = sync.OnceValues(func() (*dialect, error) { return newDialect("assertion", "google", "attribute") })
)

// compile checks an expression and prepares it. An expression whose type is known
// beforehand and is none of want is an error.
func (d *dialect) compile(expression string, want ...*cel.Type) (cel.Program, error) {
	ast, issues := d.env.Compile(expression)
	if err := issues.Err(); err != nil {
		return nil, err
	}
	if !oneOf(ast.OutputType(), want) {
		return nil, fmt.Errorf("the expression yields %s", ast.OutputType())
	}
	return d.env.Program(ast, cel.CostLimit(celCostLimit), cel.MemoryLimit(celMemoryLimit))
}

func oneOf(got *cel.Type, want []*cel.Type) bool {
	if got.IsExactType(cel.DynType) || len(want) == 0 {
		return true
	}
	for _, w := range want {
		if w.IsAssignableType(got) {
			return true
		}
	}
	return false
}

// eval runs an expression over the named values.
func (d *dialect) eval(expression string, vars map[string]any) (ref.Val, error) {
	program, err := d.compile(expression)
	if err != nil {
		return nil, err
	}
	value, _, err := program.Eval(vars)
	if err == nil && types.IsUnknownOrError(value) {
		err = errors.New("the expression has no value")
	}
	return value, err
}
