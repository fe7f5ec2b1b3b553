package emulator

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/wifctl/wifctl/internal/gcp/emulator/issuertest"
)

// handSigned is RS256 by hand (and nonsense with an EC key), for headers and claims
// that no library would write.
func handSigned(t testing.TB, header, payload, key string) string {
	t.Helper()
	e := base64.RawURLEncoding.EncodeToString
	text := e([]byte(header)) + "." + e([]byte(payload))
	sum := sha256.Sum256([]byte(text))
	signature, err := issuertest.Key(key).Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + e(signature)
}

func (w *world) payload() string {
	w.t.Helper()
	b, err := json.Marshal(w.claims)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(b)
}

// headed sets the pod's token to one with that header, signed by a key.
func headed(header, key string) func(*world) {
	return func(w *world) { w.token = handSigned(w.t, header, w.payload(), key) }
}

// claiming sets the pod's token to one whose claims are a text made of the usual ones.
func claiming(from func(payload string) string) func(*world) {
	return func(w *world) { w.token = handSigned(w.t, `{"alg":"RS256","kid":"rsa-1"}`, from(w.payload()), "rsa-1") }
}

// spelling sets the pod's token to the usual one in another spelling.
func spelling(from func(token string) string) func(*world) {
	return func(w *world) { w.token = from(w.podToken()) }
}

// publishing makes the issuer publish its keys with a change.
func publishing(old, changed string) func(*world) {
	return func(w *world) {
		keys := issuertest.JWKS(w.t, "rsa-1", "p256", "p384")
		if !strings.Contains(keys, old) {
			w.t.Fatalf("the key set has no %s: %s", old, keys)
		}
		w.issuer.Keys = func(rw http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(rw, strings.ReplaceAll(keys, old, changed))
		}
	}
}

func TestHandSignedTokensAreGood(t *testing.T) {
	w := newWorld(t)
	headed(`{"alg":"RS256","kid":"rsa-1"}`, "rsa-1")(w)
	if o := w.walkIn(); o.Status != http.StatusOK {
		t.Errorf("the tables below would prove nothing: %+v", o)
	}
}

// gcloud sends the file of a token as it is, and CI recipes that work at Google write it
// with echo (https://docs.gitlab.com/ci/cloud_services/google_cloud/).
func TestALineEndBehindATokenIsNoPartOfIt(t *testing.T) {
	w := newWorld(t)
	spelling(func(s string) string { return s + "\r\n" })(w)
	if o := w.walkIn(); o.Status != http.StatusOK {
		t.Errorf("got %+v", o)
	}
}

// TestHostileSignatures is who made the token.
func TestHostileSignatures(t *testing.T) {
	bare := func(w *world, id string) string { // a public key alone, as a header holds it
		return strings.TrimSuffix(strings.TrimPrefix(issuertest.JWKS(w.t, id), `{"keys":[`), `]}`)
	}
	turnedAway(t, map[string]hostile{
		"5.2 a key of one's own in the header": {func(w *world) {
			w.token = handSigned(w.t, `{"alg":"RS256","kid":"rsa-1","jwk":`+bare(w, "rsa-2")+`}`, w.payload(), "rsa-2")
		}, notSigned},
		"5.2 and under a name of its own": {func(w *world) {
			w.token = handSigned(w.t, `{"alg":"RS256","kid":"rsa-2","jwk":`+bare(w, "rsa-2")+`}`, w.payload(), "rsa-2")
		}, noIssuerKey},
		"5.2 an address of one's own keys":       {headed(`{"alg":"RS256","kid":"rsa-1","jku":"https://evil.example/keys"}`, "rsa-2"), notSigned},
		"5.2 certificates in the header":         {headed(`{"alg":"RS256","kid":"rsa-1","x5u":"https://evil.example/chain"}`, "rsa-2"), notSigned},
		"5.2 certificates that are none":         {headed(`{"alg":"RS256","kid":"rsa-1","x5c":["AAAA"]}`, "rsa-1"), unparsable},
		"5.2 a header that must be understood":   {headed(`{"alg":"RS256","kid":"rsa-1","crit":["wif"],"wif":1}`, "rsa-1"), notSigned},
		"5.2 claims that are not encoded":        {headed(`{"alg":"RS256","kid":"rsa-1","crit":["b64"],"b64":false}`, "rsa-1"), notSigned},
		"5.2 two algorithms":                     {headed(`{"alg":"none","alg":"RS256","kid":"rsa-1"}`, "rsa-1"), unparsable},
		"5.2 an algorithm in small letters":      {headed(`{"alg":"rs256","kid":"rsa-1"}`, "rsa-1"), unparsable},
		"5.2 NONE, in capitals":                  {func(w *world) { w.token = issuertest.Unsigned(`{"alg":"NONE","kid":"rsa-1"}`, w.payload(), "") }, unparsable},
		"5.2 no algorithm":                       {headed(`{"kid":"rsa-1"}`, "rsa-1"), unparsable},
		"5.2 an empty kid":                       {headed(`{"alg":"RS256","kid":""}`, "rsa-1"), unparsable},
		"5.2 a kid that is a number":             {headed(`{"alg":"RS256","kid":1}`, "rsa-1"), unparsable},
		"5.2 a kid of 9,000 characters":          {headed(`{"alg":"RS256","kid":"`+strings.Repeat("k", 9000)+`"}`, "rsa-1"), noIssuerKey},
		"5.2 a kid that is a path":               {headed(`{"alg":"RS256","kid":"../../dev/null"}`, "rsa-1"), noIssuerKey},
		"5.2 ES256, says an RSA key's signature": {headed(`{"alg":"ES256","kid":"rsa-1"}`, "rsa-1"), notSigned},
		"5.2 RS256, says an EC key's signature":  {headed(`{"alg":"RS256","kid":"p256"}`, "p256"), notSigned},
		"5.2 an EC signature in ASN.1":           {headed(`{"alg":"ES256","kid":"p256"}`, "p256"), notSigned},
		"5.2 an EC signature of zeros": {func(w *world) {
			w.token = issuertest.Unsigned(`{"alg":"ES256","kid":"p256"}`, w.payload(), strings.Repeat("\x00", 64))
		}, notSigned},
		"5.2 an empty signature": {func(w *world) { w.token = issuertest.Unsigned(`{"alg":"RS256","kid":"rsa-1"}`, w.payload(), "") }, notSigned},
		"5.2 claims of another token": {func(w *world) {
			good := strings.Split(w.podToken(), ".")
			w.claims["sub"] = "system:serviceaccount:foo:admin"
			w.token = good[0] + "." + strings.Split(w.podToken(), ".")[1] + "." + good[2]
		}, notSigned},
		"1.12 a key for another algorithm":   {publishing(`"kid":"rsa-1"`, `"kid":"rsa-1","alg":"RS512"`), notSigned},
		"1.12 an RSA key for PS256":          {publishing(`"kid":"rsa-1"`, `"kid":"rsa-1","alg":"PS256"`), notSigned},
		"1.12 a key for encryption":          {publishing(`"use":"sig"`, `"use":"enc"`), noIssuerKey},
		"1.12 a shared secret under the kid": {publishing(`"kty":"RSA"`, `"kty":"oct","k":"AAAA"`), noIssuerKey},
		"1.12 P-384, and a key to it":        {signedWith(issuertest.Signing{Alg: jose.ES384, Key: "p384"}), unparsable},
		"1.12 a key set without keys":        {publishing(`"keys"`, `"locks"`), noIssuerKey},
		"1.11 a key set of one thing, a null": {func(w *world) {
			w.issuer.Keys = func(rw http.ResponseWriter, _ *http.Request) { fmt.Fprint(rw, "null") }
		}, noIssuerKey},
		"5.4 another cluster's key, same name": {func(w *world) { w.with = issuertest.Signing{Key: "rsa-2", Kid: "rsa-1"} }, notSigned},
	})
}

// TestHostileSpellings is how the token is written.
func TestHostileSpellings(t *testing.T) {
	dots := func(n int, at int) func(*world) { // n dots in place of the one before part at
		return spelling(func(s string) string {
			p := strings.SplitN(s, ".", at+1)
			return strings.Join(p[:at], ".") + strings.Repeat(".", n) + p[at]
		})
	}
	turnedAway(t, map[string]hostile{
		"5.4 nothing":                {spelling(func(string) string { return "." }), unparsable},
		"5.4 two dots for one":       {dots(2, 1), unparsable},
		"5.4 two dots for the other": {dots(2, 2), unparsable},
		"5.4 no dot":                 {dots(0, 1), unparsable},
		"5.4 a dot behind it":        {spelling(func(s string) string { return s + "." }), unparsable},
		"5.4 no signature":           {spelling(func(s string) string { return s[:strings.LastIndex(s, ".")] }), unparsable},
		"5.4 an encrypted one":       {spelling(func(string) string { return "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.AA.AA.AA.AA" }), unparsable},
		"5.4 padding":                {spelling(func(s string) string { return strings.Replace(s, ".", "==.", 1) }), unparsable},
		"5.4 padding behind it":      {spelling(func(s string) string { return s + "==" }), unparsable},
		"5.4 a line end in it":       {spelling(func(s string) string { return s[:30] + "\r\n" + s[30:] }), unparsable},
		"5.4 a space before it":      {spelling(func(s string) string { return " " + s }), unparsable},
		"5.4 with its scheme":        {spelling(func(s string) string { return "Bearer " + s }), unparsable},
		"5.4 other bits at the end":  {spelling(otherBits), unparsable},
		"5.4 a token of 17 KiB":      {setClaim("x", strings.Repeat("x", 17<<10)), unparsable},
		"5.4 claims 40 deep": {claiming(func(s string) string {
			return s[:len(s)-1] + `,"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}"
		}), unparsable},
		"5.4 claims in a list":         {claiming(func(s string) string { return "[" + s + "]" }), unparsable},
		"5.4 claims that are a string": {claiming(func(string) string { return `"sub"` }), unparsable},
		"5.4 claims twice":             {claiming(func(s string) string { return s + s }), unparsable},
		"5.4 no claims":                {claiming(func(string) string { return "" }), unparsable},
		"5.4 a mark before them":       {claiming(func(s string) string { return "\ufeff" + s }), unparsable},
		"5.4 a subject before another": {claiming(func(s string) string { return `{"sub":"system:serviceaccount:foo:admin",` + s[1:] }), unparsable},
		"5.4 a subject behind another": {claiming(func(s string) string { return s[:len(s)-1] + `,"sub":"system:serviceaccount:foo:admin"}` }), unparsable},
		"5.4 two audiences, one good":  {claiming(func(s string) string { return `{"aud":"https://kubernetes.default.svc",` + s[1:] }), unparsable},
		"5.4 claims that are no UTF-8": {claiming(func(s string) string { return strings.Replace(s, "foo:bar", "foo:bar\xff", 1) }), unparsable},
		"5.4 a time without end":       {claiming(func(s string) string { return strings.Replace(s, `"exp":`, `"x":1e999,"exp":`, 1) }), unparsable},
		"5.4 claims in other letters": {func(w *world) {
			w.claims["SUB"], w.claims["Sub"] = w.claims["sub"], w.claims["sub"]
			delete(w.claims, "sub")
		}, noSubjectOf},
	})
}

// otherBits changes the bits of the last character that belong to no byte.
func otherBits(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, token[len(token)-1])
	return token[:len(token)-1] + alphabet[last|1:last|1+1] // 256 bytes end in 4 bits of nothing
}
