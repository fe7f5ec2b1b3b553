package emulator

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExchangeRequestRefusals(t *testing.T) {
	invalid := func(text string) outcome { return outcome{"sts", 400, "invalid_request", text} }
	w := newWorld(t)
	for name, c := range map[string]struct {
		changes map[string]string
		want    outcome
	}{
		"5.1 another grant":             {map[string]string{"grant_type": "authorization_code"}, outcome{"sts", 400, "unsupported_grant_type", "Invalid value of grant_type in request."}},
		"5.4 another requested type":    {map[string]string{"requested_token_type": jwtType}, invalid("Invalid value of requested_token_type in request.")},
		"5.4 no requested type":         {map[string]string{"requested_token_type": ""}, invalid("Invalid value of requested_token_type in request.")},
		"5.4 no scope":                  {map[string]string{"scope": ""}, invalid("Scope(s) must be provided.")},
		"5.4 a scope of spaces":         {map[string]string{"scope": "  "}, invalid("Scope(s) must be provided.")},
		"5.1 a scope nobody knows":      {map[string]string{"scope": "everything"}, outcome{"sts", 400, "invalid_scope", "Invalid OAuth scope or ID token audience provided: everything"}},
		"5.1 a SAML token":              {map[string]string{"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, invalid("Invalid value of subject_token_type in request.")},
		"5.1 options that are not JSON": {map[string]string{"options": "{"}, invalid("Invalid value of options in request.")},
		"5.1 options in a list":         {map[string]string{"options": "[]"}, invalid("Invalid value of options in request.")},
		"5.1 options that are null":     {map[string]string{"options": "null"}, invalid("Invalid value of options in request.")},
		"5.1 options of more than 4 MB": {map[string]string{"options": `{"userProject":"` + strings.Repeat("1", maxOptions) + `"}`}, invalid("Invalid value of options in request.")},
		"5.1 no grant":                  {map[string]string{"grant_type": ""}, outcome{"sts", 400, "unsupported_grant_type", "Invalid value of grant_type in request."}},
		"5.1 no kind of token":          {map[string]string{"subject_token_type": ""}, invalid("Invalid value of subject_token_type in request.")},
		"5.1 an access token":           {map[string]string{"subject_token_type": accessTokenType}, invalid("Invalid value of subject_token_type in request.")},
		"5.1 a mistyped parameter":      {map[string]string{"requested_token_typ": accessTokenType}, invalid(`Invalid parameter: "requested_token_typ".`)},
		"5.1 JSON's names in a form":    {map[string]string{"grantType": exchangeGrant}, invalid(`Invalid parameter: "grantType".`)},
		"5.1 an actor":                  {map[string]string{"actor_token": "x"}, outcome{"sts", 405, "", `parameter "actor_token": the emulator does not model this; see docs/emulator.md`}},
		"5.4 no token":                  {map[string]string{"subject_token": ""}, outcome{"sts", 400, "invalid_grant", "Unable to parse the ID Token."}},
		"5.1 more than 5 MiB":           {map[string]string{"options": strings.Repeat(" ", maxExchangeBody)}, outcome{"sts", 400, "", "Request payload size exceeds the limit: 5242880 bytes."}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, refused("sts", w.exchange(c.changes))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExchangeWantsNoBearerToken(t *testing.T) {
	w := newWorld(t)
	for header, want := range map[string]string{
		"Bearer " + operatorToken:    "invalid_request",
		"Basic Y2xpZW50OnNlY3JldA==": "unsupported_grant_type", // looked at, and it is no request
	} {
		r := w.post("/v1/token", "application/x-www-form-urlencoded", "", http.Header{"Authorization": {header}})
		if r.status != http.StatusBadRequest || r.at("error") != want {
			t.Errorf("%s: got %d %s, want %s", header, r.status, r.text, want)
		}
	}
}

// TestExchangeBodies are bodies that no client of Google's sends.
func TestExchangeBodies(t *testing.T) {
	const form, plain = "application/x-www-form-urlencoded", "application/json"
	w := newWorld(t)
	for name, c := range map[string]struct {
		contentType, body string
		want              outcome
	}{
		"5.1 nothing":                   {form, "", outcome{"sts", 400, "unsupported_grant_type", "Invalid value of grant_type in request."}},
		"5.1 no form":                   {form, "%zz", outcome{"sts", 400, "invalid_request", "The request body is not a form."}},
		"5.1 a form's names in JSON":    {plain, `{"grant_type":"x"}`, outcome{"sts", 400, "", `Invalid JSON payload received. Unknown name "grant_type": Cannot find field.`}},
		"5.1 half of a JSON":            {plain, `{"grantType"`, outcome{"sts", 400, "", "Invalid JSON payload received. unexpected end of JSON input"}},
		"5.1 a JSON without bottom":     {plain, strings.Repeat(`{"options":`, 100_000), outcome{"sts", 400, "", "Invalid JSON payload received. invalid character '{' exceeded max depth"}},
		"5.1 a JSON of more than 5 MiB": {plain, `{"options":"` + strings.Repeat(" ", maxExchangeBody) + `"}`, outcome{"sts", 400, "", "Request payload size exceeds the limit: 5242880 bytes."}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, refused("sts", w.post("/v1/token", c.contentType, c.body, nil))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExchangeTakesAParameterOnce(t *testing.T) {
	w := newWorld(t)
	r := w.post("/v1/token", "application/x-www-form-urlencoded", "scope=a&scope=b", nil)
	if got := refused("sts", r); got.Code != "invalid_request" || !strings.Contains(got.Text, `"scope"`) {
		t.Errorf("got %+v", got)
	}
}

// TestExchangeForms sends the request in the two forms of 5.1.
func TestExchangeForms(t *testing.T) {
	w := newWorld(t)
	body, err := json.Marshal(exchangeRequest{
		GrantType: exchangeGrant, Audience: audienceOne, Scope: cloudPlatform, RequestedTokenType: accessTokenType,
		SubjectToken: w.podToken(), SubjectTokenType: idTokenType, Options: `{"userProject":"1"}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]reply{
		"5.1 a form": w.exchange(nil),
		"5.1 JSON":   w.post("/v1/token", "application/json", string(body), nil),
	} {
		t.Run(name, func(t *testing.T) {
			got := maps.Clone(r.json)
			token, _ := got["access_token"].(string)
			delete(got, "access_token")
			want := map[string]any{"issued_token_type": accessTokenType, "token_type": "Bearer", "expires_in": 3598.0}
			if diff := cmp.Diff(want, got); diff != "" || len(token) < 20 {
				t.Errorf("token of %d characters\n%s", len(token), diff)
			}
		})
	}
}

func TestExchangeLifetimes(t *testing.T) {
	for name, c := range map[string]struct {
		left   int64 // seconds the JWT has to live
		status int
		want   any // expires_in
	}{
		"5.3 a year is cut to an hour":       {365 * 24 * 3600, 200, 3598.0},
		"5.3 ten minutes":                    {600, 200, 598.0},
		"5.3 three seconds":                  {3, 200, 1.0},
		"5.3 two seconds are not mentioned":  {2, 200, nil},
		"5.3 one second is an error":         {1, 500, nil},
		"5.2 on the skew, a token of no use": {-59, 200, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.claims["exp"] = w.now() + c.left
			r := w.exchange(nil)
			if diff := cmp.Diff([]any{c.status, c.want}, []any{r.status, r.at("expires_in")}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestIntrospection(t *testing.T) {
	w := newWorld(t)
	federated, _ := w.exchange(nil).at("access_token").(string)
	account, _ := w.impersonate(federated, `{"scope":["`+cloudPlatform+`"]}`).at("accessToken").(string)
	inactive := map[string]any{"active": false}
	for name, c := range map[string]struct {
		token string
		want  map[string]any
	}{
		"2.5 a federated token": {federated, map[string]any{
			"active": true, "iss": "https://sts.googleapis.com/", "scope": cloudPlatform, "exp": float64(w.now() + 3600),
			"username": "principal://iam.googleapis.com/" + poolName + "/subject/system:serviceaccount:foo:bar",
			"sub":      "principal://iam.googleapis.com/" + poolName + "/subject/system:serviceaccount:foo:bar",
		}},
		"an account's token": {account, inactive},
		"the operator's":     {operatorToken, inactive},
		"a made-up one":      {"ya29.x", inactive},
		"none":               {"", inactive},
	} {
		t.Run(name, func(t *testing.T) {
			form := url.Values{"token": {c.token}, "token_type_hint": {accessTokenType}}.Encode()
			r := w.post("/v1/introspect", "application/x-www-form-urlencoded", form, http.Header{"Authorization": {"Basic eDp5"}})
			if diff := cmp.Diff(c.want, r.json); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever is sent to the token service, it answers with a refusal of its own and
// remembers no token of the sender.
func FuzzExchange(f *testing.F) {
	s, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("application/json", `{"grantType":"x"}`)
	f.Add("application/x-www-form-urlencoded", "grant_type="+url.QueryEscape(exchangeGrant)+"&audience="+url.QueryEscape(audienceOne)+
		"&scope="+cloudPlatform+"&requested_token_type="+accessTokenType+"&subject_token_type="+jwtType+"&subject_token=a.b.c")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		status, text := handle(t, s, http.MethodPost, "/v1/token", contentType, body)
		if status != http.StatusBadRequest && status != http.StatusMethodNotAllowed {
			t.Errorf("got %d %s", status, text)
		}
	})
}
