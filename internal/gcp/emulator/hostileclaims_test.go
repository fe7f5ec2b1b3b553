package emulator

import (
	"strings"
	"testing"
)

// TestHostileClaims is what an issuer may say and no provider should take.
func TestHostileClaims(t *testing.T) {
	now := noon.Unix()
	turnedAway(t, map[string]hostile{
		"5.2 issued in 61 s":            {setClaim("iat", now+61), stale(now + 61)},
		"5.2 not before in an hour":     {setClaim("nbf", now+3600), stale(now)},
		"5.2 not before some day":       {setClaim("nbf", "tomorrow"), stale(now)},
		"5.2 expired long before Unix":  {setClaim("exp", -1), stale(now)},
		"5.4 iat as a string":           {setClaim("iat", "1795521600"), stale("null")},
		"5.4 iat that is true":          {setClaim("iat", true), stale("null")},
		"5.4 exp as a string":           {setClaim("exp", "1999999999"), stale(now)},
		"5.4 exp that is null":          {setClaim("exp", nil), stale(now)},
		"5.2 on the skew it buys death": {setClaim("exp", now-60), deadToken},
		"5.2 at its last second too":    {setClaim("exp", now), deadToken},

		"5.4 an issuer behind a space": {func(w *world) { w.claims["iss"] = " " + w.issuer.URL }, atSTS("invalid_grant", "The issuer in ID Token  ISSUER does not match the expected ones: ISSUER")},
		"5.4 a list of issuers":        {func(w *world) { w.claims["iss"] = []string{w.issuer.URL} }, atSTS("invalid_grant", "The issuer in ID Token null does not match the expected ones: ISSUER")},

		"5.4 two wrong audiences":           {setClaim("aud", []string{"a", "b"}), wrongAud("a, b")},
		"5.4 an audience that is a number":  {setClaim("aud", 7), wrongAud("")},
		"5.4 an audience that is an object": {setClaim("aud", map[string]any{"a": "https:" + audienceOne}), wrongAud("")},
		"5.4 a list in the list":            {setClaim("aud", [][]string{{"https:" + audienceOne}}), wrongAud("")},
		"5.4 an empty list of audiences":    {setClaim("aud", []string{}), wrongAud("")},
		"5.4 an audience by http":           {setClaim("aud", "http:"+audienceOne), wrongAud("http:" + audienceOne)},
		"5.4 an audience with a slash":      {setClaim("aud", "https:"+audienceOne+"/"), wrongAud("https:" + audienceOne + "/")},
		"5.4 an audience by project id":     {setClaim("aud", "https:"+strings.Replace(audienceOne, "100200300400", "acme-prod", 1)), wrongAud("https:" + strings.Replace(audienceOne, "100200300400", "acme-prod", 1))},

		"5.4 an empty subject":              {setClaim("sub", ""), noSubjectOf},
		"5.4 a subject that is a number":    {setClaim("sub", 7), notAString("google.subject")},
		"5.4 a subject that is null":        {setClaim("sub", nil), notAString("google.subject")},
		"5.4 a list of subjects":            {setClaim("sub", []string{"system:serviceaccount:foo:bar"}), notAString("google.subject")},
		"1.7 128 bytes in 64 letters":       {setClaim("sub", strings.Repeat("ä", 64)), tooLong},
		"2.1 a subject with a NUL":          {byHandOf("system:serviceaccount:foo:bar\x00"), mayNot},
		"2.1 a subject of two lines":        {byHandOf("system:serviceaccount:foo:bar\n"), mayNot},
		"2.1 a subject in other letters":    {byHandOf("system:serviceaccount:foo:Bar"), mayNot},
		"2.1 a subject that looks the same": {byHandOf("system:serviceaccount:foo:b\u0430r"), mayNot},
		"2.1 a subject with a slash":        {byHandOf("system:serviceaccount:foo:bar/x"), mayNot},
	})
}

// byHandOf has the reader bound to the pod's subject, and another one come.
func byHandOf(subject string) func(*world) {
	return func(w *world) {
		w.bind("principal://iam.googleapis.com/" + poolName + "/subject/system:serviceaccount:foo:bar")
		w.claims["sub"] = subject
	}
}

// TestHostileMappings is a provider whose rules do not fit what comes.
func TestHostileMappings(t *testing.T) {
	mapped := func(key, expression string) func(*world) {
		return func(w *world) {
			w.patch("attributeMapping", `{"attributeMapping":{"google.subject":"assertion.sub","attribute.k8s_ns":"assertion['kubernetes.io']['namespace']","`+key+`":"`+expression+`"}}`)
		}
	}
	rule := func(condition string) func(*world) {
		return func(w *world) { w.patch("attributeCondition", `{"attributeCondition":"`+condition+`"}`) }
	}
	noX := atSTS("unauthorized_client", "Could not obtain a value for attribute.x from the given credential.")
	notGroups := atSTS("invalid_request", "The mapped attribute 'google.groups' must be of type STRING_LIST")
	turnedAway(t, map[string]hostile{
		"5.4 a number":                  {mapped("attribute.x", "assertion.iat"), notAString("attribute.x")},
		"5.4 an object":                 {mapped("attribute.x", "assertion['kubernetes.io']"), notAString("attribute.x")},
		"1.7 a claim that is not there": {mapped("attribute.x", "assertion.team"), noX},
		"1.9 a part that is not there":  {mapped("attribute.x", "assertion.sub.split(':')[99]"), noX},
		"1.9 a division by nothing":     {mapped("attribute.x", "assertion.sub + string(1 / (assertion.iat - assertion.iat))"), noX},
		"5.4 a subject made of nothing": {mapped("google.subject", "''"), noSubjectOf},
		"1.7 groups that are one":       {mapped("google.groups", "assertion.sub"), notGroups},
		"1.7 groups that are numbers":   {func(w *world) { w.claims["groups"] = []int{1}; mapped("google.groups", "assertion.groups")(w) }, notGroups},
		"1.7 more than 8 KB in all": {func(w *world) { w.claims["x"] = strings.Repeat("x", 8200); mapped("attribute.x", "assertion.x")(w) },
			atSTS("invalid_request", "The total size of the mapped attributes exceeds the 8192 bytes limit.")},

		"5.4 a rule that says no":          {rule("false"), notByRule},
		"5.4 a rule on a claim not there":  {rule("assertion.team == 'x'"), notByRule},
		"1.8 a rule that yields a string":  {rule("assertion.sub"), notByRule},
		"5.4 a rule on no subject":         {func(w *world) { delete(w.claims, "sub"); rule("assertion.sub.startsWith('system:')")(w) }, notByRule},
		"1.9 a rule that searches forever": {rule("assertion.sub.matches('(a+)+$') || [1,2,3].all(i, [1,2,3].all(j, assertion.sub.matches('^(.*)*$') && false))"), notByRule},
		"1.8 a rule on an attribute":       {rule("attribute.k8s_ns == 'bad'"), notByRule},
	})
}
