package wif

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types/ref"
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

// Of is the same token, were it another ServiceAccount's.
func (a Assertion) Of(namespace, serviceAccount string) Assertion {
	other := maps.Clone(a)
	other["sub"] = Subject(namespace, serviceAccount)
	other["kubernetes.io"] = map[string]any{
		"namespace":      namespace,
		"serviceaccount": map[string]any{"name": serviceAccount, "uid": "00000000-0000-0000-0000-000000000000"},
	}
	return other
}

// An EvaluationError is an expression that can be read, and has no value for these claims.
type EvaluationError struct{ Err error }

func (e *EvaluationError) Error() string { return e.Err.Error() }

func (e *EvaluationError) Unwrap() error { return e.Err }

// Value is what one expression of a mapping makes of the claims.
func (a Assertion) Value(expression string) (string, error) {
	out, err := evaluate(mappingEnv, expression, map[string]any{"assertion": map[string]any(a)})
	if err != nil {
		return "", err
	}
	s, ok := out.(string)
	if !ok {
		return "", &EvaluationError{fmt.Errorf("%s yields no string", expression)}
	}
	return s, nil
}

// Groups are what an expression makes of the claims for google.groups, the one key that wants a
// list of strings.
func (a Assertion) Groups(expression string) ([]string, error) {
	out, err := evaluate(mappingEnv, expression, map[string]any{"assertion": map[string]any(a)})
	if err != nil {
		return nil, err
	}
	list, ok := groupsOf(out)
	if !ok {
		return nil, &EvaluationError{fmt.Errorf("%s yields no list of strings", expression)}
	}
	return list, nil
}

func groupsOf(value any) (list []string, ok bool) {
	switch items := value.(type) {
	case []string:
		return items, true
	case []any: // a claim
		for _, item := range items {
			s, isString := item.(string)
			if !isString {
				return nil, false
			}
			list = append(list, s)
		}
		return list, true
	case []ref.Val: // written out in the expression
		for _, item := range items {
			s, isString := item.Value().(string)
			if !isString {
				return nil, false
			}
			list = append(list, s)
		}
		return list, true
	}
	return nil, false
}

// mapped is what the exchange makes of one key of a mapping.
func (a Assertion) mapped(key, expression string) (any, error) {
	if key == GroupsKey {
		return a.Groups(expression)
	}
	return a.Value(expression)
}

// Members are the members of policies that match a token under a mapping: its subject, its groups,
// its attributes, and the whole pool.
//
// https://docs.cloud.google.com/iam/docs/principal-identifiers
func (a Assertion) Members(pool string, mapping map[string]string) []string {
	set := "principalSet:" + Host + pool + "/"
	members := []string{set + "*"}
	for _, key := range slices.Sorted(maps.Keys(mapping)) {
		v, err := a.mapped(key, mapping[key])
		groups, _ := v.([]string)
		switch {
		case err != nil:
		case key == "google.subject":
			members = append(members, fmt.Sprintf("principal:%s%s/subject/%s", Host, pool, v))
		case strings.HasPrefix(key, "attribute."):
			members = append(members, fmt.Sprintf("%s%s/%s", set, key, v))
		}
		for _, g := range groups {
			members = append(members, set+"group/"+g)
		}
	}
	return members
}

// Admits reports what a condition makes of the claims under a mapping.
func (a Assertion) Admits(mapping map[string]string, condition string) (bool, error) {
	google, attribute := map[string]any{}, map[string]any{}
	for key, expression := range mapping {
		v, err := a.mapped(key, expression)
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
	out, err := evaluate(conditionEnv, condition, map[string]any{"assertion": map[string]any(a), "google": google, "attribute": attribute})
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
		value, err := a.mapped(key, mapping[key])
		if err != nil {
			said = append(said, "no "+key)
			continue
		}
		said = append(said, key+" = "+spell(value))
	}
	for _, claim := range claimsNamed(condition) {
		value, has := a[claim]
		switch {
		case claim == "kubernetes.io":
			said = append(said, fmt.Sprintf("assertion.sub = '%v'", a["sub"])) // it says the same in one line
		case has:
			said = append(said, fmt.Sprintf("assertion.%s = %s", claim, spell(value)))
		default:
			said = append(said, "no assertion."+claim)
		}
	}
	slices.Sort(said)
	said = slices.Compact(said)
	if len(said) == 0 {
		return ""
	}
	return "; the token has " + strings.Join(said, ", ")
}

// claimName is a claim that a condition speaks of: assertion.sub, assertion['kubernetes.io'].
var claimName = regexp.MustCompile(`\bassertion(?:\.(\w+)|\[['"]([^'"]+)['"]\])`)

func claimsNamed(condition string) (names []string) {
	for _, m := range claimName.FindAllStringSubmatch(condition, -1) {
		names = append(names, m[1]+m[2])
	}
	return names
}

// spell writes a claim as a condition would: numbers without an exponent.
func spell(value any) string {
	switch v := value.(type) {
	case string:
		return "'" + v + "'"
	case []string:
		return "['" + strings.Join(v, "', '") + "']"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// What an expression of a mapping may name, and one of a condition. To make an environment
// takes longer than to use it.
var (
	mappingEnv   = sync.OnceValues(func() (*cel.Env, error) { return newEnv("assertion") })
	conditionEnv = sync.OnceValues(func() (*cel.Env, error) { return newEnv("assertion", "google", "attribute") })
)

func newEnv(names ...string) (*cel.Env, error) {
	opts := []cel.EnvOption{ext.Strings(), extract}
	for _, name := range names {
		opts = append(opts, cel.Variable(name, cel.MapType(cel.StringType, cel.DynType)))
	}
	env, err := cel.NewEnv(opts...)
	if err != nil {
		return nil, fmt.Errorf("set up CEL: %w", err)
	}
	return env, nil
}

func compile(in func() (*cel.Env, error), expression string, opts ...cel.ProgramOption) (cel.Program, error) {
	env, err := in()
	if err != nil {
		return nil, err
	}
	ast, issues := env.Compile(expression)
	if err := issues.Err(); err != nil {
		return nil, err
	}
	return env.Program(ast, append(opts, cel.CostLimit(celCost))...)
}

func evaluate(in func() (*cel.Env, error), expression string, vars map[string]any) (any, error) {
	program, err := compile(in, expression)
	if err != nil {
		return nil, err
	}
	out, _, err := program.Eval(vars)
	if err != nil {
		return nil, &EvaluationError{err}
	}
	return out.Value(), nil
}
