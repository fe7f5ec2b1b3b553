package federation

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// stringFunction declares receiver.name(string) string.
func stringFunction(name string, fn func(receiver, arg ref.Val) ref.Val) cel.EnvOption {
	return cel.Function(name, cel.MemberOverload("string_"+name+"_string",
		[]*cel.Type{cel.StringType, cel.StringType}, cel.StringType, cel.BinaryBinding(fn)))
}

// stringListFunction declares receiver.name(string) list(string).
func stringListFunction(name string, fn func(receiver, arg ref.Val) ref.Val) cel.EnvOption {
	return cel.Function(name, cel.MemberOverload("string_"+name+"_string",
		[]*cel.Type{cel.StringType, cel.StringType}, cel.ListType(cel.StringType), cel.BinaryBinding(fn)))
}

// celExtract is Google's own: 'literal{name}literal' names the part of a string
// between two literals, each matched where it first occurs; without a match it is
// empty. The name means nothing.
//
// https://docs.cloud.google.com/iam/docs/conditions-attribute-reference#extract
func celExtract(receiver, arg ref.Val) ref.Val {
	s, okS := receiver.(types.String)
	template, okT := arg.(types.String)
	if !okS || !okT {
		return types.MaybeNoSuchOverloadErr(receiver)
	}
	before, rest, opened := strings.Cut(string(template), "{")
	name, after, closed := strings.Cut(rest, "}")
	if !opened || !closed || strings.ContainsAny(name+after, "{}") || strings.Contains(before, "}") {
		return types.NewErr("extract: template %q must hold one {name}", string(template))
	}
	_, tail, found := strings.Cut(string(s), before)
	if !found {
		return types.String("")
	}
	if after == "" {
		return types.String(tail)
	}
	value, _, found := strings.Cut(tail, after)
	if !found {
		return types.String("")
	}
	return types.String(value)
}

func celSplit(receiver, arg ref.Val) ref.Val {
	s, okS := receiver.(types.String)
	sep, okSep := arg.(types.String)
	if !okS || !okSep {
		return types.MaybeNoSuchOverloadErr(receiver)
	}
	return types.DefaultTypeAdapter.NativeToValue(strings.Split(string(s), string(sep)))
}

func celJoin(receiver, arg ref.Val) ref.Val {
	list, okList := receiver.(traits.Lister)
	sep, okSep := arg.(types.String)
	if !okList || !okSep {
		return types.MaybeNoSuchOverloadErr(receiver)
	}
	var b strings.Builder
	first := true
	for it := list.Iterator(); it.HasNext() == types.True; {
		s, ok := it.Next().(types.String)
		if !ok {
			return types.NewErr("join: not a list of strings")
		}
		if !first {
			b.WriteString(string(sep))
		}
		first = false
		b.WriteString(string(s))
	}
	return types.String(b.String())
}

// celLowerASCII lowers A to Z and leaves every other character as it is.
func celLowerASCII(receiver ref.Val) ref.Val {
	s, ok := receiver.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(receiver)
	}
	return types.String(strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, string(s)))
}
