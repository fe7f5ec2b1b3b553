package emulator

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// unknownName looks for the first object key in v that has no field in t, at
// any depth, and words it as Google does. encoding/json would ignore it, or
// match it with the case folded.
func unknownName(v any, t reflect.Type, at string) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch v := v.(type) {
	case map[string]any:
		return unknownInObject(v, t, at)
	case []any:
		if t.Kind() != reflect.Slice {
			return nil // wrong type: json.Unmarshal says so
		}
		for i, item := range v {
			if err := unknownName(item, t.Elem(), fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// objectsNotModelled are what Google knows of an object and this emulator does not.
const objectsNotModelled = "acl componentCount contexts customTime customerEncryption eventBasedHold hardDeleteTime kmsKeyName owner restoreToken retention " +
	"retentionExpirationTime softDeleteTime temporaryHold timeDeleted timeFinalized timeStorageClassUpdated"

// fieldsNotModelled are fields Google knows and this emulator does not, by what they are
// of. A test reads them off Google's own schemas.
var fieldsNotModelled = map[reflect.Type]string{
	reflect.TypeFor[providerDoc](): "aws saml x509 actorProviders",
	reflect.TypeFor[poolDoc]():     "inlineCertificateIssuanceConfig inlineTrustConfig",
	reflect.TypeFor[bucketDoc](): "acl autoclass billing cors customPlacementConfig defaultEventBasedHold defaultObjectAcl encryption hardDeleteTime " +
		"hierarchicalNamespace ipFilter logging objectRetention owner retentionPolicy rpo satisfiesPZI satisfiesPZS softDeleteTime website",
	reflect.TypeFor[softDeleteDoc](): "hardDeletePause",
	reflect.TypeFor[objectDoc]():     objectsNotModelled,
	reflect.TypeFor[objectPatch]():   objectsNotModelled,
}

func unknownInObject(v map[string]any, t reflect.Type, at string) error {
	if t.Kind() != reflect.Struct {
		return nil // maps take any key
	}
	fields := jsonFields(t)
	for _, name := range slices.Sorted(maps.Keys(v)) {
		field, ok := fields[name]
		if !ok && containsWord(fieldsNotModelled[t], name) {
			return notModelled("field %q", name)
		}
		if !ok {
			where := ""
			if at != "" {
				where = " at '" + at + "'"
			}
			return invalidArgument("Invalid JSON payload received. Unknown name %q%s: Cannot find field.", name, where)
		}
		if err := unknownName(v[name], field, strings.TrimPrefix(at+"."+name, ".")); err != nil {
			return err
		}
	}
	return nil
}

// jsonFields are the JSON names of a struct, embedded structs included.
func jsonFields(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			maps.Copy(fields, jsonFields(f.Type))
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			fields[name] = f.Type
		}
	}
	return fields
}
