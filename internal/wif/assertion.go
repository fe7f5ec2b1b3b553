package wif

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"
)

// What one expression of somebody else's may cost to evaluate here.
const celCost = 100_000

// An Assertion is the claims of a token. It evaluates mappings and conditions on them, as
// the token exchange will.
//
// https://docs.cloud.google.com/iam/docs/workload-identity-federation#mapping
type Assertion map[string]any

// Foreseen are the claims that can be told of a token before it is there. It has none of
// those that differ from token to token, and a condition on them can't be judged.
func Foreseen(issuer, audience, namespace, serviceAccount string) Assertion {
	return Assertion{
		"iss": issuer,
		"sub": Subject(namespace, serviceAccount),
		"aud": []string{audience},
		"kubernetes.io": map[string]any{
			"namespace":      namespace,
			"serviceaccount": map[string]any{"name": serviceAccount},
		},
	}
}

// Value is what one expression of a mapping makes of the claims.
func (a Assertion) Value(expression string) (string, error) {
	out, err := evaluate(expression, map[string]any{"assertion": map[string]any(a)})
	if err != nil {
		return "", err
	}
	s, ok := out.(string)
	if !ok {
		return "", fmt.Errorf("%s yields no string", expression)
	}
	return s, nil
}

// Admits reports what a condition makes of the claims under a mapping.
func (a Assertion) Admits(mapping map[string]string, condition string) (bool, error) {
	google, attribute := map[string]any{}, map[string]any{}
	for key, expression := range mapping {
		v, err := a.Value(expression)
		if err != nil {
			continue // the condition may not need it; if it does, it fails
		}
		switch group, name, _ := strings.Cut(key, "."); group {
		case "google":
			google[name] = v
		case "attribute":
			attribute[name] = v
		}
	}
	out, err := evaluate(condition, map[string]any{"assertion": map[string]any(a), "google": google, "attribute": attribute})
	if err != nil {
		return false, err
	}
	ok, isBool := out.(bool)
	if !isBool {
		return false, fmt.Errorf("%s yields neither true nor false", condition)
	}
	return ok, nil
}

// Beside tells what the names that a condition speaks of are for the workload, to be read
// next to the condition.
func (a Assertion) Beside(mapping map[string]string, condition string) string {
	var said []string
	for _, key := range slices.Sorted(maps.Keys(mapping)) {
		if !strings.Contains(condition, key) {
			continue
		}
		value, err := a.Value(mapping[key])
		if err != nil {
			value = "nothing"
		}
		said = append(said, key+" = '"+value+"'")
	}
	for _, claim := range []string{"sub", "iss", "aud"} {
		if strings.Contains(condition, "assertion."+claim) {
			said = append(said, fmt.Sprintf("assertion.%s = '%v'", claim, a[claim]))
		}
	}
	if len(said) == 0 {
		return ""
	}
	return "; the token has " + strings.Join(said, ", ")
}

func evaluate(expression string, vars map[string]any) (any, error) {
	opts := []cel.EnvOption{ext.Strings()}
	for name := range vars {
		opts = append(opts, cel.Variable(name, cel.MapType(cel.StringType, cel.DynType)))
	}
	env, err := cel.NewEnv(opts...)
	if err != nil {
		return nil, fmt.Errorf("set up CEL: %w", err)
	}
	ast, issues := env.Compile(expression)
	if err := issues.Err(); err != nil {
		return nil, err
	}
	program, err := env.Program(ast, cel.CostLimit(celCost))
	if err != nil {
		return nil, err
	}
	out, _, err := program.Eval(vars)
	if err != nil {
		return nil, err
	}
	return out.Value(), nil
}
