package wif

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// extract is Google's own function of strings: 'a/{x}/b' is what stands between the first
// 'a/' and the next '/b', and empty where they are not.
//
// https://docs.cloud.google.com/iam/docs/conditions-attribute-reference#extract
var extract = cel.Function("extract", cel.MemberOverload("wif_extract",
	[]*cel.Type{cel.StringType, cel.StringType}, cel.StringType, cel.BinaryBinding(func(s, template ref.Val) ref.Val {
		from, isString := s.(types.String)
		form, isForm := template.(types.String)
		if !isString || !isForm {
			return types.MaybeNoSuchOverloadErr(s)
		}
		before, rest, opened := strings.Cut(string(form), "{")
		_, after, closed := strings.Cut(rest, "}")
		if !opened || !closed {
			return types.NewErr("extract: no {name} in %v", template)
		}
		_, value, found := strings.Cut(string(from), before)
		if after != "" && found {
			value, _, found = strings.Cut(value, after)
		}
		if !found {
			return types.String("")
		}
		return types.String(value)
	})))
