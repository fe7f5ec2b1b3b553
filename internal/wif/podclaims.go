package wif

import (
	"maps"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
)

// A token that is asked for by name has no claims of a pod: "pod" and "node" are in those
// that a kubelet asks for.
//
// https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
var podClaims = []string{"pod", "node"}

// inSomePod are the claims as a pod's token has them, and which of them are not known.
func (a Assertion) inSomePod() (claims map[string]any, unknown []*cel.AttributePatternType) {
	kube, ok := a["kubernetes.io"].(map[string]any)
	if !ok {
		return a, nil
	}
	kube = maps.Clone(kube)
	for _, c := range podClaims {
		kube[c] = map[string]any{"name": "", "uid": ""}
		unknown = append(unknown, cel.AttributePattern("assertion").QualString("kubernetes.io").QualString(c))
	}
	claims = maps.Clone(a)
	claims["kubernetes.io"] = kube
	return claims, unknown
}

// ValueInSomePod reports whether an expression of a mapping may have a value for the token
// of a pod.
func (a Assertion) ValueInSomePod(expression string) bool {
	claims, unknown := a.inSomePod()
	out, err := partly(mappingEnv, expression, map[string]any{"assertion": claims}, unknown)
	_, isString := out.(string)
	return err == nil && (isString || isUnknown(out))
}

// AdmitsSomePod reports whether a condition may be true for the token of a pod, whatever it
// is called and wherever it runs.
func (a Assertion) AdmitsSomePod(mapping map[string]string, condition string) bool {
	claims, unknown := a.inSomePod()
	groups := map[string]map[string]any{"google": {}, "attribute": {}}
	for key, expression := range mapping {
		group, name, _ := strings.Cut(key, ".")
		v, err := partly(mappingEnv, expression, map[string]any{"assertion": claims}, unknown)
		if err != nil || groups[group] == nil {
			continue
		}
		groups[group][name] = v
		if isUnknown(v) {
			groups[group][name] = ""
			unknown = append(unknown, cel.AttributePattern(group).QualString(name))
		}
	}
	vars := map[string]any{"assertion": claims, "google": groups["google"], "attribute": groups["attribute"]}
	out, err := partly(conditionEnv, condition, vars, unknown)
	return err == nil && (out == true || isUnknown(out))
}

func isUnknown(v any) bool { _, is := v.(*types.Unknown); return is }

// partly evaluates an expression of which not all is known.
func partly(in func() (*cel.Env, error), expression string, vars map[string]any, unknown []*cel.AttributePatternType) (any, error) {
	program, err := compile(in, expression, cel.EvalOptions(cel.OptPartialEval))
	if err != nil {
		return nil, err
	}
	known, err := cel.PartialVars(vars, unknown...)
	if err != nil {
		return nil, err
	}
	out, _, err := program.Eval(known)
	if err != nil {
		return nil, &EvaluationError{err}
	}
	if u, is := out.(*types.Unknown); is {
		return u, nil
	}
	return out.Value(), nil
}
