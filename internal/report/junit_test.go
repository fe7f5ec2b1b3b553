package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"testing"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// junitSchema is what the schema that most CI systems follow says of the elements that we
// write: which attributes they have, which they must have, what may be in them, in any order
// and number, and whether text may. What it has beside these are flaky and repeated tests.
//
// https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
var junitSchema = map[string]struct {
	required, optional, children []string
	text                         bool
}{
	"testsuites": {optional: []string{"name", "time", "tests", "failures", "errors"}, children: []string{"testsuite"}},
	"testsuite": {required: []string{"name", "tests", "failures", "errors"},
		optional: []string{"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
		children: []string{"testsuite", "properties", "testcase", "system-out", "system-err"}},
	"properties": {children: []string{"property"}},
	"property":   {required: []string{"name", "value"}},
	"testcase": {required: []string{"name"}, optional: []string{"time", "classname", "group"},
		children: []string{"skipped", "error", "failure", "system-out", "system-err"}},
	"skipped":    {optional: []string{"type", "message"}, text: true},
	"error":      {optional: []string{"type", "message"}, text: true},
	"failure":    {optional: []string{"type", "message"}, text: true},
	"system-out": {text: true}, "system-err": {text: true},
}

// surefireTime is the schema's pattern for the time of a suite, and of all of them.
var surefireTime = regexp.MustCompile(`^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?$`)

// schemaErrors are all that is not as the schema has it.
func schemaErrors(report []byte) (found []string) {
	d := xml.NewDecoder(bytes.NewReader(report))
	path := []string{""}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			return append(found, err.Error())
		}
		switch e := token.(type) {
		case xml.StartElement:
			found = append(found, elementErrors(path[len(path)-1], e)...)
			path = append(path, e.Name.Local)
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if in := path[len(path)-1]; !junitSchema[in].text && len(bytes.TrimSpace(e)) > 0 {
				found = append(found, "text in "+in)
			}
		}
	}
}

func elementErrors(parent string, e xml.StartElement) (found []string) {
	name := e.Name.Local
	rule, known := junitSchema[name]
	if !known || parent == "" && name != "testsuites" || parent != "" && !slices.Contains(junitSchema[parent].children, name) {
		found = append(found, name+" in "+parent)
	}
	missing := slices.Clone(rule.required)
	for _, a := range e.Attr {
		if !slices.Contains(slices.Concat(rule.required, rule.optional), a.Name.Local) {
			found = append(found, name+" has "+a.Name.Local)
		}
		if name != "testcase" && a.Name.Local == "time" && !surefireTime.MatchString(a.Value) {
			found = append(found, "time "+a.Value)
		}
		missing = slices.DeleteFunc(missing, func(s string) bool { return s == a.Name.Local })
	}
	for _, m := range missing {
		found = append(found, name+" has no "+m)
	}
	return found
}

func TestJUnitFollowsTheSchema(t *testing.T) {
	broken := checkedWorld()
	broken.Checks[4].Detail = "a \x00 control character, ]]> and <b>"
	for name, r := range map[string]Report{
		"all verdicts":   checkedWorld(),
		"all well":       wellWorld(),
		"hostile":        broken,
		"refused":        {Command: "verify", ExitStatus: 2, Err: "--bucket is required", Remedy: pipeline.Remedy{Run: []string{"wifctl verify --help"}}},
		"nothing chosen": {Command: "verify"},
	} {
		var out bytes.Buffer
		if err := JUnit(&out, r); err != nil {
			t.Fatal(err)
		}
		if found := schemaErrors(out.Bytes()); len(found) > 0 {
			t.Errorf("%s: %q in:\n%s", name, found, out.String())
		}
	}
}

// The check of the schema finds what is wrong: a test that can't fail is none.
func TestTheSchemaIsChecked(t *testing.T) {
	for _, wrong := range []string{
		`<testsuite name="x" tests="1" failures="0" errors="0"/>`,
		`<testsuites><testsuite name="x" tests="1" failures="0"/></testsuites>`,
		`<testsuites><testsuite name="x" tests="1" failures="0" errors="0" time="1s"/></testsuites>`,
		`<testsuites><testsuite name="x" tests="1" failures="0" errors="0"><testcase name="y"><warning/></testcase></testsuite></testsuites>`,
		`<testsuites><testsuite name="x" tests="1" failures="0" errors="0"><testcase class="y"/></testsuite></testsuites>`,
		`<testsuites time="1s"/>`,
		`<testsuites>1</testsuites>`,
		`<testsuites><testsuite name="x" tests="1" failures="0" errors="0"><properties><property name="y" value="z">w</property></properties></testsuite></testsuites>`,
		`<testsuites>`,
	} {
		if len(schemaErrors([]byte(wrong))) == 0 {
			t.Errorf("passes: %s", wrong)
		}
	}
}
