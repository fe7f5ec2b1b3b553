package federation

import (
	"maps"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// An Identity is what a provider's mapping makes of a token: who Google says the
// workload is.
type Identity struct {
	subject    string
	groups     []string
	attributes map[string]string // by the name after "attribute."
	expires    int64             // when the token does, in Unix seconds
}

// SecondsLeft returns the whole seconds that the token behind the identity has to live;
// none or fewer when it lives on the skew. now is what Google's clock shows.
func (id *Identity) SecondsLeft(now time.Time) int64 { return id.expires - now.Unix() }

// mapClaims applies a provider's mapping and condition to the claims of a verified token.
//
// The condition is judged first of what can go wrong: measured, a token without a
// claim that mapping and condition both read is refused by the condition.
func mapClaims(claims map[string]any, mapping map[string]string, condition string) (Identity, error) {
	id, mapErr := mapAttributes(claims, mapping)
	if err := id.checkCondition(claims, condition); err != nil {
		return Identity{}, err
	}
	if mapErr != nil {
		return Identity{}, mapErr
	}
	err := id.checkSizes()
	return id, err
}

// mapAttributes evaluates every line of a mapping. Of several that fail, the subject's
// failure is reported; the identity holds what did not fail.
func mapAttributes(claims map[string]any, mapping map[string]string) (Identity, error) {
	id := Identity{attributes: map[string]string{}}
	d, err := mappingDialect()
	if err != nil {
		return id, err
	}
	var first error
	keys := slices.Sorted(maps.Keys(mapping))
	for _, key := range slices.Backward(keys) { // google.subject comes first
		value, err := d.eval(mapping[key], map[string]any{"assertion": claims})
		if err != nil {
			err = noMappedValue(key)
		} else {
			err = id.set(key, value)
		}
		if first == nil {
			first = err
		}
	}
	return id, first
}

func (id *Identity) set(key string, value ref.Val) error {
	if key == groupsKey {
		groups, ok := stringList(value)
		if !ok {
			return refuse("invalid_request", "The mapped attribute '%s' must be of type STRING_LIST", key)
		}
		id.groups = groups
		return nil
	}
	s, ok := value.(types.String)
	switch {
	case !ok:
		return mappedNotString(key)
	case key == subjectKey && s == "":
		return noMappedValue(key)
	case key == subjectKey:
		id.subject = string(s)
	default:
		id.attributes[strings.TrimPrefix(key, customPrefix)] = string(s)
	}
	return nil
}

func stringList(value ref.Val) ([]string, bool) {
	list, ok := value.(traits.Lister)
	if !ok {
		return nil, false
	}
	var out []string
	for it := list.Iterator(); it.HasNext() == types.True; {
		s, ok := it.Next().(types.String)
		if !ok {
			return nil, false
		}
		out = append(out, string(s))
	}
	return out, true
}

// checkCondition refuses a token for which the condition is not true; one that
// cannot be evaluated is not.
func (id *Identity) checkCondition(claims map[string]any, condition string) error {
	if strings.TrimSpace(condition) == "" {
		return nil
	}
	d, err := conditionDialect()
	if err != nil {
		return err
	}
	google := map[string]any{"groups": id.groups}
	if id.subject != "" {
		google["subject"] = id.subject
	}
	value, err := d.eval(condition, map[string]any{"assertion": claims, "google": google, "attribute": id.attributes})
	if err != nil || value != types.True {
		return conditionRefused()
	}
	return nil
}

func (id *Identity) checkSizes() error {
	if len(id.subject) > maxSubjectBytes {
		return subjectTooLong()
	}
	total := len(id.subject)
	for _, v := range id.attributes {
		total += len(v)
	}
	for _, g := range id.groups {
		total += len(g)
	}
	if total > maxMappedBytes {
		return mappedTooLong()
	}
	return nil
}

// Principals returns every member by which a policy can name the identity. pool is
// the pool's name, "projects/N/locations/global/workloadIdentityPools/P".
//
// https://docs.cloud.google.com/iam/docs/principal-identifiers
func (id *Identity) Principals(pool string) []string {
	set := "principalSet://iam.googleapis.com/" + pool
	members := []string{
		"principal://iam.googleapis.com/" + pool + "/subject/" + id.subject,
		set + "/*",
	}
	for _, g := range id.groups {
		members = append(members, set+"/group/"+g)
	}
	for _, name := range slices.Sorted(maps.Keys(id.attributes)) {
		members = append(members, set+"/attribute."+name+"/"+id.attributes[name])
	}
	return members
}
