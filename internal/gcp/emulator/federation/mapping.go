package federation

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
)

// Limits of a mapping and a condition
// (https://docs.cloud.google.com/iam/quotas, and the fields attributeMapping and
// attributeCondition of a WorkloadIdentityPoolProvider).
const (
	maxMappingChars     = 2048
	maxConditionChars   = 4096
	maxCustomAttributes = 50
	maxSubjectBytes     = 127
	maxMappedBytes      = 8192
)

const (
	subjectKey   = "google.subject"
	groupsKey    = "google.groups"
	customPrefix = "attribute."
)

var customKey = regexp.MustCompile(`^attribute\.[a-z0-9_]{1,100}$`)

// checkMapping reports why a provider could not have this attribute mapping.
func checkMapping(mapping map[string]string) error {
	if mapping[subjectKey] == "" {
		return invalid("The attribute mapping must contain %s.", subjectKey)
	}
	custom := 0
	for _, key := range slices.Sorted(maps.Keys(mapping)) {
		if customKey.MatchString(key) {
			custom++
		} else if key != subjectKey && key != groupsKey {
			return invalid("Invalid mapped attribute key: %s. Custom mapped attributes must be in format 'attribute.{custom_attribute}'", key)
		}
		if err := checkMapped(key, mapping[key]); err != nil {
			return err
		}
	}
	if custom > maxCustomAttributes {
		return invalid("The attribute mapping has %d custom attributes; at most %d are allowed.", custom, maxCustomAttributes)
	}
	return nil
}

// checkMapped checks one line of a mapping: its length, and that it compiles to
// what the key can hold. Whether a claim is there shows only at the exchange.
func checkMapped(key, expression string) error {
	if n := utf8.RuneCountInString(expression); n > maxMappingChars {
		return invalid("The mapping of %s has %d characters; at most %d are allowed.", key, n, maxMappingChars)
	}
	d, err := mappingDialect()
	if err != nil {
		return err
	}
	want := cel.StringType
	if key == groupsKey {
		want = cel.ListType(cel.StringType)
	}
	if _, err := d.compile(expression, want); err != nil {
		return invalid("Error compiling the CEL expression of mapped attribute %s: %v", key, err)
	}
	return nil
}

// checkCondition reports why a provider could not have this attribute condition. An
// empty one accepts every credential.
func checkCondition(condition string) error {
	if n := utf8.RuneCountInString(condition); n > maxConditionChars {
		return invalid("The attribute condition has %d characters; at most %d are allowed.", n, maxConditionChars)
	}
	if strings.TrimSpace(condition) == "" {
		return nil
	}
	d, err := conditionDialect()
	if err != nil {
		return err
	}
	if _, err := d.compile(condition, cel.BoolType); err != nil {
		return invalid("Error compiling the CEL expression of the attribute condition: %v", err)
	}
	return nil
}
