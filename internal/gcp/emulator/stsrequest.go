package emulator

import (
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	// maxExchangeBody bounds a token request.
	maxExchangeBody = 5 << 20
	// maxOptions bounds its options, as the reference says.
	maxOptions = 4 << 20
)

const (
	exchangeGrant   = "urn:ietf:params:oauth:grant-type:token-exchange"
	accessTokenType = "urn:ietf:params:oauth:token-type:access_token"
	jwtType         = "urn:ietf:params:oauth:token-type:jwt"
	idTokenType     = "urn:ietf:params:oauth:token-type:id_token"
)

// exchangeRequest is a token request as JSON. The libraries send a form instead,
// with the names of RFC 8693, section 2.1.
type exchangeRequest struct {
	GrantType          string `json:"grantType"`
	Audience           string `json:"audience"`
	Scope              string `json:"scope"`
	RequestedTokenType string `json:"requestedTokenType"`
	SubjectToken       string `json:"subjectToken"`
	SubjectTokenType   string `json:"subjectTokenType"`
	Options            string `json:"options"`
}

// exchangeRequest reads and checks all of a request that needs no look at the state.
func (c *call) exchangeRequest() (exchangeRequest, error) {
	if err := c.checkNoBearer(); err != nil {
		return exchangeRequest{}, err
	}
	in, err := c.readExchange()
	if err != nil {
		return exchangeRequest{}, err
	}
	err = in.check()
	return in, err
}

// checkNoBearer refuses an Authorization header, which "can cause the request to
// fail" and here always does; Basic is how an OAuth client such as gcloud names itself.
func (c *call) checkNoBearer() error {
	kind, _, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if kind == "" || strings.EqualFold(kind, "Basic") {
		return nil
	}
	return invalidRequest("The Authorization header must not be set for workload identity pools.")
}

func (c *call) readExchange() (exchangeRequest, error) {
	var in exchangeRequest
	if !c.isForm() {
		if err := c.checkExchangeSize(); err != nil {
			return in, err
		}
		err := c.decode(&in)
		return in, err
	}
	form, err := c.formValues()
	if err != nil {
		return in, err
	}
	if err := checkParameters(form); err != nil {
		return in, err
	}
	return exchangeRequest{
		GrantType: form.Get("grant_type"), Audience: form.Get("audience"), Scope: form.Get("scope"),
		RequestedTokenType: form.Get("requested_token_type"), Options: form.Get("options"),
		SubjectToken: form.Get("subject_token"), SubjectTokenType: form.Get("subject_token_type"),
	}, nil
}

// checkParameters refuses what the emulator would only pass over: actor tokens, which
// Google knows, and names that nobody knows. OAuth lets a server ignore the latter; a
// strict one finds the mistyped one. client_id comes from clients with an OAuth client.
func checkParameters(form url.Values) error {
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if containsWord("actor_token actor_token_type", name) {
			return notModelled("parameter %q", name)
		}
		if !containsWord("grant_type audience scope requested_token_type subject_token subject_token_type options client_id client_secret", name) {
			return invalidRequest("Invalid parameter: %q.", name)
		}
	}
	return nil
}

func (c *call) isForm() bool {
	kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	return err == nil && kind == "application/x-www-form-urlencoded"
}

func (c *call) checkExchangeSize() error {
	if len(c.body) > maxExchangeBody {
		return invalidArgument("Request payload size exceeds the limit: %d bytes.", maxExchangeBody)
	}
	return nil
}

// formValues reads a form in which, as OAuth wants, no parameter comes twice
// (RFC 6749, section 3.2).
func (c *call) formValues() (url.Values, error) {
	if err := c.checkExchangeSize(); err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		return nil, invalidRequest("The request body is not a form.")
	}
	for name, values := range form {
		if len(values) > 1 {
			return nil, invalidRequest("The parameter %q is given more than once.", name)
		}
	}
	return form, nil
}

func (in *exchangeRequest) check() error {
	switch {
	case in.GrantType != exchangeGrant:
		return refuse("unsupported_grant_type", "Invalid value of grant_type in request.")
	case !exchangeAudience.MatchString(in.Audience):
		return badExchangeAudience()
	case in.RequestedTokenType != accessTokenType:
		return invalidRequest("Invalid value of requested_token_type in request.")
	case strings.TrimSpace(in.Scope) == "":
		return invalidRequest("Scope(s) must be provided.")
	case in.SubjectTokenType != jwtType && in.SubjectTokenType != idTokenType:
		return invalidRequest("Invalid value of subject_token_type in request.")
	case !validOptions(in.Options):
		return invalidRequest("Invalid value of options in request.")
	}
	for _, scope := range strings.Fields(in.Scope) {
		if !knownScope(scope) {
			return refuse("invalid_scope", "Invalid OAuth scope or ID token audience provided: %s", scope)
		}
	}
	return nil
}

// validOptions reports whether a text is a JSON object, or nothing.
func validOptions(text string) bool {
	var object map[string]any
	return text == "" || (len(text) <= maxOptions && json.Unmarshal([]byte(text), &object) == nil && object != nil)
}

// introspection says what a federated token is (RFC 7662, section 2.2).
type introspection struct {
	Active   bool   `json:"active"`
	Issuer   string `json:"iss,omitempty"`
	Username string `json:"username,omitempty"`
	Subject  string `json:"sub,omitempty"`
	Scope    string `json:"scope,omitempty"`
	Expires  int64  `json:"exp,omitempty"`
}

// introspectToken names the principal of a federated token. Every other token,
// a service account's included, is inactive to it.
//
// not modelled: that Google knows OAuth clients; whatever name Basic gives will do.
func (c *call) introspectToken() (any, error) {
	if kind, _, _ := strings.Cut(c.r.Header.Get("Authorization"), " "); kind != "" && !strings.EqualFold(kind, "Basic") {
		return nil, &exchangeError{HTTPStatus: http.StatusUnauthorized, Code: "invalid_client", Description: "The OAuth client was not found."}
	}
	text, err := c.introspected()
	if err != nil {
		return nil, err
	}
	t, ok := c.s.tokens[text]
	if !ok || t.caller.kind != tokenFederated || !t.live(c.now) {
		return introspection{}, nil
	}
	return introspection{
		Active: true, Issuer: "https://sts.googleapis.com/",
		Username: t.caller.member, Subject: t.caller.member,
		Scope: strings.Join(t.caller.scopes, " "), Expires: c.s.clock.shown(t.expires).Unix(),
	}, nil
}

func (c *call) introspected() (string, error) {
	if c.isForm() {
		form, err := c.formValues()
		return form.Get("token"), err
	}
	var in struct {
		Token         string `json:"token"`
		TokenTypeHint string `json:"tokenTypeHint"`
	}
	err := c.decode(&in)
	return in.Token, err
}
