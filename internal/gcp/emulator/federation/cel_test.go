package federation

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const podClaims = `{
	"iss": "https://issuer.example", "sub": "system:serviceaccount:foo:bar", "aud": ["x"], "iat": 1, "exp": 2,
	"groups": ["g1", "g2"], "mixed": ["g1", 2], "number": 7, "flag": true, "empty": "",
	"arn": "arn:aws:sts::1:assumed-role/my-role/session",
	"kubernetes.io": {"namespace": "foo", "serviceaccount": {"name": "bar", "uid": "u-1"}}}`

func claimsOf(t testing.TB, text string) map[string]any {
	t.Helper()
	var claims map[string]any
	if err := json.Unmarshal([]byte(text), &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestMapClaims(t *testing.T) {
	condition := [2]string{"unauthorized_client", "The given credential is rejected by the attribute condition."}
	noSubject := [2]string{"unauthorized_client", "Could not obtain a value for google.subject from the given credential."}
	type m = map[string]string
	for name, c := range map[string]struct {
		mapping   m // google.subject is assertion.sub unless given
		condition string
		want      Identity
		refused   [2]string
	}{
		"1.9 Google's Kubernetes guide": {
			mapping: m{"attribute.namespace": "assertion['kubernetes.io']['namespace']", "attribute.service_account_name": "assertion['kubernetes.io']['serviceaccount']['name']"},
			want:    Identity{subject: "system:serviceaccount:foo:bar", attributes: m{"namespace": "foo", "service_account_name": "bar"}},
		},
		"1.7 a constant subject":         {mapping: m{"google.subject": "'true'"}, want: Identity{subject: "true"}},
		"1.7 groups":                     {mapping: m{"google.groups": "assertion.groups"}, want: Identity{subject: "system:serviceaccount:foo:bar", groups: []string{"g1", "g2"}}},
		"1.7 groups that are one string": {mapping: m{"google.groups": "assertion.sub"}, refused: [2]string{"invalid_request", "The mapped attribute 'google.groups' must be of type STRING_LIST"}},
		"1.7 groups that are mixed":      {mapping: m{"google.groups": "assertion.mixed"}, refused: [2]string{"invalid_request", "The mapped attribute 'google.groups' must be of type STRING_LIST"}},
		"5.4 a list as an attribute":     {mapping: m{"attribute.x": "assertion.groups"}, refused: [2]string{"invalid_request", "The mapped attribute 'attribute.x' must be of type STRING"}},
		"5.4 a number as an attribute":   {mapping: m{"attribute.x": "assertion.number"}, refused: [2]string{"invalid_request", "The mapped attribute 'attribute.x' must be of type STRING"}},
		"5.4 a boolean as the subject":   {mapping: m{"google.subject": "assertion.flag"}, refused: [2]string{"invalid_request", "The mapped attribute 'google.subject' must be of type STRING"}},
		"5.4 a missing claim":            {mapping: m{"google.subject": "assertion.nobody"}, refused: noSubject},
		"5.4 an empty claim":             {mapping: m{"google.subject": "assertion.empty"}, refused: noSubject},
		"5.4 a missing attribute":        {mapping: m{"attribute.x": "assertion.nobody"}, refused: [2]string{"unauthorized_client", "Could not obtain a value for attribute.x from the given credential."}},
		"1.7 has() guards a claim":       {mapping: m{"attribute.x": "has(assertion.nobody) ? assertion.nobody : 'none'"}, want: Identity{subject: "system:serviceaccount:foo:bar", attributes: m{"x": "none"}}},
		"1.7 127 bytes of subject":       {mapping: m{"google.subject": "'" + strings.Repeat("x", 127) + "'"}, want: Identity{subject: strings.Repeat("x", 127)}},
		"5.4 128 bytes of subject": {mapping: m{"google.subject": "'" + strings.Repeat("x", 128) + "'"}, refused: [2]string{"invalid_request",
			"The size of mapped attribute google.subject exceeds the 127 bytes limit. Either modify your attribute mapping or the incoming assertion to produce a mapped attribute that is less than 127 bytes."}},
		"5.4 bytes, not characters": {mapping: m{"google.subject": "'" + strings.Repeat("ä", 64) + "'"}, refused: [2]string{"invalid_request",
			"The size of mapped attribute google.subject exceeds the 127 bytes limit. Either modify your attribute mapping or the incoming assertion to produce a mapped attribute that is less than 127 bytes."}},
		"1.7 more than 8 KB in all": {mapping: m{"attribute.x": "['" + strings.Repeat("x", 1000) + "'].map(s, s+s+s+s+s+s+s+s+s)[0]"}, refused: [2]string{"invalid_request",
			"The total size of the mapped attributes exceeds the 8192 bytes limit."}},

		"1.8 a condition that holds":            {condition: "assertion['kubernetes.io']['namespace'] in ['backend', 'foo']", want: Identity{subject: "system:serviceaccount:foo:bar"}},
		"1.8 a condition on an attribute":       {mapping: m{"attribute.ns": "assertion['kubernetes.io']['namespace']"}, condition: "attribute.ns == 'foo'", want: Identity{subject: "system:serviceaccount:foo:bar", attributes: m{"ns": "foo"}}},
		"1.8 a condition on google":             {condition: "google.subject.startsWith('system:serviceaccount:foo:')", want: Identity{subject: "system:serviceaccount:foo:bar"}},
		"5.4 a condition that does not":         {condition: "assertion['kubernetes.io']['namespace'] in ['backend']", refused: condition},
		"5.4 a condition on a missing claim":    {condition: "assertion.nobody == 'x'", refused: condition},
		"5.4 a condition on an unmapped one":    {condition: "attribute.ns == 'foo'", refused: condition},
		"5.4 a condition that is no boolean":    {condition: "assertion.sub", refused: condition},
		"5.4 the condition is reported first":   {mapping: m{"google.subject": "assertion.nobody"}, condition: "assertion.nobody != ''", refused: condition},
		"1.9 a condition that costs too much":   {condition: hugeLoop, refused: condition},
		"1.9 a mapping that costs too much":     {mapping: m{"google.subject": hugeLoop + "? 'a' : 'b'"}, refused: noSubject},
		"1.9 a join that doubles and doubles":   {mapping: m{"google.subject": doubling()}, refused: noSubject},
		"1.9 a mapping cannot read the mapping": {mapping: m{"attribute.x": "google.subject"}, refused: [2]string{"unauthorized_client", "Could not obtain a value for attribute.x from the given credential."}},
	} {
		t.Run(name, func(t *testing.T) {
			mapping := m{"google.subject": "assertion.sub"}
			for k, v := range c.mapping {
				mapping[k] = v
			}
			got, err := mapClaims(claimsOf(t, podClaims), mapping, c.condition)
			if diff := cmp.Diff(c.refused, refusal(err)); diff != "" {
				t.Fatal(diff)
			}
			opts := cmp.Options{cmp.AllowUnexported(Identity{}), cmpopts.EquateEmpty()}
			if diff := cmp.Diff(c.want, got, opts); err == nil && diff != "" {
				t.Error(diff)
			}
		})
	}
}

// hugeLoop is a short expression of very many steps.
const hugeLoop = `[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c,
	[1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f, a+b+c+d+e+f > 0))))))`

// doubling is a short expression whose value, made by join alone, would be 2^40 bytes.
func doubling() string {
	expression := "['x']"
	for range 40 {
		expression += ".map(a, [a, a].join(''))"
	}
	return expression + "[0]"
}

func TestExpressions(t *testing.T) {
	d, err := mappingDialect()
	if err != nil {
		t.Fatal(err)
	}
	claims := claimsOf(t, podClaims)
	claims["path"] = "projects/_/buckets/acme-orders-aaa/data_lake/orders/order_date=2019-11-03/aef87g87ae0876"
	for expression, want := range map[string]string{
		// The examples of https://docs.cloud.google.com/iam/docs/conditions-attribute-reference#extract
		`assertion.path.extract('/order_date={date}/')`:           "2019-11-03",
		`assertion.path.extract('buckets/{name}/')`:               "acme-orders-aaa",
		`assertion.path.extract('/orders/{empty}order_date')`:     "",
		`assertion.path.extract('{start}/data_lake')`:             "projects/_/buckets/acme-orders-aaa",
		`assertion.path.extract('orders/{end}')`:                  "order_date=2019-11-03/aef87g87ae0876",
		`assertion.path.extract('{all}')`:                         "projects/_/buckets/acme-orders-aaa/data_lake/orders/order_date=2019-11-03/aef87g87ae0876",
		`assertion.path.extract('/orders/{none}/order_date=')`:    "",
		`assertion.path.extract('/orders/order_date={n}/absent')`: "",
		`assertion.arn.extract('assumed-role/{role}/')`:           "my-role",

		`assertion.sub.split(':')[3]`:                         "bar",
		`assertion.sub.split(':').join('/')`:                  "system/serviceaccount/foo/bar",
		`['', 'a', ''].join('-')`:                             "-a-",
		`['a', 'b'].join()`:                                   "ab",
		`'ÄBC'.lowerAscii()`:                                  "Äbc",
		`assertion.sub.matches('^system:') ? 'yes' : 'no'`:    "yes",
		`assertion.sub.contains('foo') ? 'yes' : 'no'`:        "yes",
		`assertion.groups.exists(g, g == 'g2') ? 'in' : 'no'`: "in",
		`{'foo': 'f'}[assertion['kubernetes.io'].namespace]`:  "f",
		`assertion.groups.filter(g, g != 'g1')[0]`:            "g2",
		`string(assertion.number)`:                            "7",
		`'c-1/' + assertion['kubernetes.io']['namespace'] + '/' + assertion['kubernetes.io']['serviceaccount']['name']`: "c-1/foo/bar",
	} {
		t.Run(expression, func(t *testing.T) {
			got, err := d.eval(expression, map[string]any{"assertion": claims})
			if err != nil {
				t.Fatal(err)
			}
			if got.Value() != want {
				t.Errorf("got %q, want %q", got.Value(), want)
			}
		})
	}
}

func TestCheckMapping(t *testing.T) {
	many := func(n int) map[string]string {
		m := map[string]string{"google.subject": "assertion.sub"}
		for i := range n {
			m[fmt.Sprintf("attribute.a%d", i)] = "assertion.sub"
		}
		return m
	}
	with := func(key, expression string) map[string]string {
		return map[string]string{"google.subject": "assertion.sub", key: expression}
	}
	for name, c := range map[string]struct {
		mapping map[string]string
		want    string // part of the refusal; empty: accepted
	}{
		"1.7 nothing":                         {nil, "must contain google.subject"},
		"1.7 no subject":                      {map[string]string{"attribute.x": "assertion.sub"}, "must contain google.subject"},
		"1.7 the subject alone":               {many(0), ""},
		"1.7 50 attributes":                   {many(50), ""},
		"1.7 51 attributes":                   {many(51), "at most 50"},
		"1.7 a key of another kind":           {with("assertion.aud", "assertion.aud"), "Invalid mapped attribute key: assertion.aud. Custom mapped attributes must be in format 'attribute.{custom_attribute}'"},
		"1.7 a key in capitals":               {with("attribute.Ns", "assertion.sub"), "Invalid mapped attribute key: attribute.Ns."},
		"1.7 a key with a dash":               {with("attribute.k8s-ns", "assertion.sub"), "Invalid mapped attribute key"},
		"1.7 a key of 101 characters":         {with("attribute."+strings.Repeat("x", 101), "assertion.sub"), "Invalid mapped attribute key"},
		"1.7 a key of 100 characters":         {with("attribute."+strings.Repeat("x", 100), "assertion.sub"), ""},
		"1.7 2048 characters":                 {with("attribute.x", "'"+strings.Repeat("ä", 2046)+"'"), ""},
		"1.7 2049 characters":                 {with("attribute.x", "'"+strings.Repeat("x", 2047)+"'"), "at most 2048"},
		"1.9 no CEL":                          {with("attribute.x", "assertion["), "attribute.x"},
		"1.9 an unknown variable":             {with("attribute.x", "token.sub"), "undeclared reference to 'token'"},
		"1.9 a function nobody documents":     {with("attribute.x", "assertion.sub.upperAscii()"), "undeclared reference to 'upperAscii'"},
		"1.7 a number cannot be an attribute": {with("attribute.x", "1 + 1"), "attribute.x"},
		"1.7 a string cannot be the groups":   {with("google.groups", "'g'"), "google.groups"},
	} {
		t.Run(name, func(t *testing.T) { checkText(t, checkMapping(c.mapping), c.want) })
	}
}

func TestCheckCondition(t *testing.T) {
	for name, c := range map[string]struct{ condition, want string }{
		"1.8 none":                      {"", ""},
		"1.8 true":                      {"true", ""},
		"1.8 a claim":                   {"assertion['kubernetes.io']['namespace'] in ['foo']", ""},
		"1.8 mapped values":             {"google.subject != '' && attribute.x == 'y'", ""},
		"1.8 not a boolean":             {"'yes'", "yields string"},
		"1.8 no CEL":                    {"assertion.x = 'y'", "Syntax error"},
		"1.8 more than 4096 characters": {"'" + strings.Repeat("x", 4096) + "' == ''", "at most 4096"},
		"1.9 nested without end":        {strings.Repeat("(", 2000) + "true" + strings.Repeat(")", 2000), "recursion"},
	} {
		t.Run(name, func(t *testing.T) { checkText(t, checkCondition(c.condition), c.want) })
	}
}

func checkText(t *testing.T, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if (want == "") != (got == "") || !strings.Contains(got, want) {
		t.Errorf("got %q, want %q in it", got, want)
	}
}

func TestPrincipals(t *testing.T) {
	id := Identity{
		subject:    "system:serviceaccount:foo:bar",
		groups:     []string{"g/1"},
		attributes: map[string]string{"ns": "foo", "both": "c-1/foo/bar"},
	}
	want := []string{
		"principal://iam.googleapis.com/POOL/subject/system:serviceaccount:foo:bar",
		"principalSet://iam.googleapis.com/POOL/*",
		"principalSet://iam.googleapis.com/POOL/group/g/1",
		"principalSet://iam.googleapis.com/POOL/attribute.both/c-1/foo/bar",
		"principalSet://iam.googleapis.com/POOL/attribute.ns/foo",
	}
	if diff := cmp.Diff(want, id.Principals("POOL")); diff != "" {
		t.Error(diff)
	}
}

func FuzzMapClaims(f *testing.F) {
	f.Add("assertion.sub", "assertion['kubernetes.io']['namespace'] in ['foo']")
	f.Add("assertion.arn.extract('{a}/').split('/').join('-').lowerAscii()", "has(assertion.x)")
	f.Add(doubling(), hugeLoop)
	f.Fuzz(func(t *testing.T, expression, condition string) {
		mapping := map[string]string{"google.subject": expression}
		if checkMapping(mapping) != nil || checkCondition(condition) != nil {
			return
		}
		id, err := mapClaims(claimsOf(t, podClaims), mapping, condition)
		if err == nil && (id.subject == "" || len(id.subject) > maxSubjectBytes) {
			t.Errorf("%q gave subject %q", expression, id.subject)
		}
	})
}
