package emulator

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const keysPath = readerPath + "/keys"

func TestAccountKeyRefusals(t *testing.T) {
	anywhere := strings.Replace(keysPath, "acme-prod/", "-/", 1)
	missing := strings.Repeat("0", 40)
	enum := func(field, kind, value string) string {
		return "Invalid value at '" + field + "' (type.googleapis.com/google.iam.admin.v1." + kind + `), "` + value + `"`
	}
	walk(t, Options{}, []step{
		{"3 keys of a missing account are a 404 in its project", nil, "GET " + keysPath, 404, "Unknown service account"},
		{"3 and a 403 under projects/-", nil, "GET " + anywhere, 403, "Permission 'iam.serviceAccountKeys.list' denied on resource (or it may not exist)."},
		{"3 no key is made for a missing account", nil, "POST " + keysPath + " {}", 404, "Unknown service account"},
		{"3 nor under projects/-", nil, "POST " + anywhere + " {}", 403, "Permission 'iam.serviceAccountKeys.create' denied on resource (or it may not exist)."},
		{"3 a missing key", []string{createReader}, "GET " + keysPath + "/" + missing, 404, "Service account key " + missing + " does not exist."},
		{"3 cannot be deleted", []string{createReader}, "DELETE " + keysPath + "/" + missing, 404, "Service account key " + missing + " does not exist."},
		{"3 or disabled", []string{createReader}, "POST " + keysPath + "/" + missing + ":disable {}", 404, "Service account key " + missing + " does not exist."},
		{"3 a kind of key that is none", []string{createReader}, "GET " + keysPath + "?keyTypes=MINE", 400, enum("key_types", "ListServiceAccountKeysRequest.KeyType", "MINE")},
		{"3 the unspecified kind is an error", []string{createReader}, "GET " + keysPath + "?keyTypes=KEY_TYPE_UNSPECIFIED", 400, enum("key_types", "ListServiceAccountKeysRequest.KeyType", "KEY_TYPE_UNSPECIFIED")},
		{"3 a kind twice", []string{createReader}, "GET " + keysPath + "?keyTypes=USER_MANAGED&keyTypes=USER_MANAGED", 400, "Duplicate key types are not allowed."},
		{"3 a form that is none", []string{createReader}, "POST " + keysPath + ` {"privateKeyType":"PEM"}`, 400, enum("private_key_type", "ServiceAccountPrivateKeyType", "PEM")},
		{"3 an algorithm that is none", []string{createReader}, "POST " + keysPath + ` {"keyAlgorithm":"ROT13"}`, 400, enum("key_algorithm", "ServiceAccountKeyAlgorithm", "ROT13")},
		{"strict: PKCS#12", []string{createReader}, "POST " + keysPath + ` {"privateKeyType":"TYPE_PKCS12_FILE"}`, 405, "PKCS#12 files: the emulator does not model this; see docs/emulator.md"},
		{"strict: an uploaded key", []string{createReader}, "POST " + keysPath + ":upload {}", 405, "POST " + keysPath + ":upload: the emulator does not model this; see docs/emulator.md"},
	})
	walk(t, Options{OrgPolicies: map[string][]string{noKeyCreation: nil}}, []step{
		{"9 an organisation that wants no keys", []string{createReader}, "POST " + keysPath + " {}", 400, "Key creation is not allowed on this service account."},
	})
}

// keysOf lists ids by kind.
func (c *cloud) keysOf(t *testing.T, query string) map[string][]string {
	t.Helper()
	r := c.do(t, "GET "+keysPath+query, "")
	list, _ := r.at("keys").([]any)
	ids := map[string][]string{}
	for i := range list {
		key := list[i].(map[string]any)
		kind, _ := key["keyType"].(string)
		name, _ := key["name"].(string)
		ids[kind] = append(ids[kind], strings.TrimPrefix(name, strings.TrimPrefix(keysPath, "/v1/")+"/"))
	}
	return ids
}

func TestAnAccountHasGooglesOwnKey(t *testing.T) {
	c := startEnabled(t, Options{Clock: stillClock{}})
	c.must(t, createReader)
	own := c.keysOf(t, "")
	if len(own[systemManaged]) != 1 || len(own[userManaged]) != 0 {
		t.Fatalf("3 a new account has the keys %v", own)
	}
	if got := c.keysOf(t, "?keyTypes=USER_MANAGED"); len(got) != 0 {
		t.Errorf("3 user-managed: %v", got)
	}
	if got := c.keysOf(t, "?keyTypes=SYSTEM_MANAGED&keyTypes=USER_MANAGED"); !cmp.Equal(got, own) {
		t.Errorf("3 of both kinds: %v", got)
	}
	path := keysPath + "/" + own[systemManaged][0]
	r := c.do(t, "GET "+path, "")
	want := map[string]any{
		"name": strings.TrimPrefix(path, "/v1/"), "keyType": systemManaged, "keyOrigin": "GOOGLE_PROVIDED", "keyAlgorithm": "KEY_ALG_RSA_2048",
		"validAfterTime": "2026-11-24T12:00:00Z", "validBeforeTime": "2026-12-10T12:00:00Z",
	}
	if diff := cmp.Diff(want, r.json); diff != "" {
		t.Errorf("3 (-want +got):\n%s", diff)
	}
	for _, request := range []string{"DELETE " + path, "POST " + path + ":disable {}"} {
		if r := c.send(t, request); r.status != http.StatusBadRequest {
			t.Errorf("3 %s: got %d, want 400", request, r.status)
		}
	}
	c.Advance(systemKeyLife)
	if next := c.keysOf(t, ""); cmp.Equal(next, own) || len(next[systemManaged]) != 1 {
		t.Errorf("3 after its life it is %v, was %v", next, own)
	}
}

// TestAMadeKeyIsARealKey reads it as Google's libraries do.
func TestAMadeKeyIsARealKey(t *testing.T) {
	c := startEnabled(t, Options{Clock: stillClock{}})
	c.must(t, createReader)
	made := c.do(t, "POST "+keysPath, `{"privateKeyType":"TYPE_GOOGLE_CREDENTIALS_FILE"}`)
	data, _ := made.at("privateKeyData").(string)
	text, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]string
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	name, _ := made.at("name").(string)
	id := name[strings.LastIndex(name, "/")+1:]
	private, _ := privateKey(t, file["private_key"]).(*rsa.PrivateKey)
	if private == nil || private.N.BitLen() != 2048 {
		t.Fatalf("3 not an RSA key of 2048 bits: %T", private)
	}
	delete(file, "private_key")
	want := map[string]string{
		"type": "service_account", "project_id": "acme-prod", "private_key_id": id, "client_email": readerEmail,
		"client_id": c.do(t, "GET "+readerPath, "").at("uniqueId").(string),
		"auth_uri":  "https://accounts.google.com/o/oauth2/auth", "token_uri": "https://oauth2.googleapis.com/token",
		"auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
		"client_x509_cert_url":        "https://www.googleapis.com/robot/v1/metadata/x509/gcs-reader%40acme-prod.iam.gserviceaccount.com",
		"universe_domain":             "googleapis.com",
	}
	if diff := cmp.Diff(want, file); diff != "" {
		t.Errorf("3 the file (-want +got):\n%s", diff)
	}

	shown := c.do(t, "GET "+keysPath+"/"+id+"?publicKeyType=TYPE_X509_PEM_FILE", "")
	public, _ := shown.at("publicKeyData").(string)
	certificate, err := base64.StdEncoding.DecodeString(public)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(certificate)
	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if !private.PublicKey.Equal(parsed.PublicKey) {
		t.Error("3 the published key is another one")
	}
	delete(shown.json, "publicKeyData")
	for _, field := range []string{"privateKeyData", "privateKeyType"} {
		delete(made.json, field)
	}
	if diff := cmp.Diff(made.json, shown.json); diff != "" {
		t.Errorf("3 created and read (-created +read):\n%s", diff)
	}
	if made.at("validBeforeTime") != "9999-12-31T23:59:59Z" || made.at("keyType") != userManaged {
		t.Errorf("3 %s", made.text)
	}
}

func privateKey(t *testing.T, text string) any {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		t.Fatalf("not PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestTenKeysAndNoMore(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, createReader)
	a, _ := c.account(readerEmail)
	for i := range maxAccountKeys {
		a.keys = append(a.keys, &accountKey{id: keyID([]byte{byte(i)})})
	}
	r := c.send(t, "POST "+keysPath+" {}")
	if r.status != http.StatusBadRequest || r.at("error.message") != "Precondition check failed." || r.at("error.status") != "FAILED_PRECONDITION" {
		t.Errorf("3 the eleventh key: %d %s", r.status, r.text)
	}
	c.must(t, "DELETE "+keysPath+"/"+a.keys[0].id, "POST "+keysPath+" {}")
	if got := len(c.keysOf(t, "")[userManaged]); got != maxAccountKeys {
		t.Errorf("3 %d keys, want %d", got, maxAccountKeys)
	}
}

func TestAKeyIsDisabledAndEnabled(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, createReader)
	made, _ := c.send(t, "POST "+keysPath+" {}").at("name").(string)
	path := "/v1/" + made
	c.must(t, "POST "+path+":disable {}")
	if r := c.send(t, "GET "+path); r.at("disabled") != true || r.at("disableReason") == nil {
		t.Errorf("3 disabled: %s", r.text)
	}
	c.must(t, "POST "+path+":enable {}")
	if r := c.send(t, "GET "+path); r.at("disabled") != nil || r.at("disableReason") != nil {
		t.Errorf("3 enabled: %s", r.text)
	}
}

// TestWhoMayDoWhatWithKeys is section 7.3 for keys: reviewers list, key admins make.
func TestWhoMayDoWhatWithKeys(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, createReader)
	for role, want := range map[string][2]int{ // list, create
		"roles/viewer":                         {200, 403},
		"roles/iam.securityReviewer":           {200, 403},
		"roles/iam.securityAdmin":              {200, 403},
		"roles/iam.serviceAccountViewer":       {200, 403},
		"roles/iam.serviceAccountAdmin":        {403, 403},
		"roles/iam.serviceAccountTokenCreator": {403, 403},
		"roles/iam.serviceAccountKeyAdmin":     {200, 200},
		"roles/editor":                         {200, 200},
	} {
		member := "user:" + strings.ToLower(role[strings.LastIndexAny(role, "/.")+1:]) + "@acme.example"
		c.projects[0].policy.add(c.Server, role, member)
		token := c.tokenOf(member)
		got := [2]int{c.as(t, token, "GET "+keysPath, "").status, c.as(t, token, "POST "+keysPath, "{}").status}
		if got != want {
			t.Errorf("7.3 %s: list and create answer %v, want %v", role, got, want)
		}
	}
}

// TestAPrivateKeyIsInOneAnswerOnly looks everywhere else.
func TestAPrivateKeyIsInOneAnswerOnly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	var logged []Request
	c := startEnabled(t, Options{StateFile: file, Clock: stillClock{}, Log: func(r Request) { logged = append(logged, r) }})
	c.must(t, createReader)
	data, _ := c.send(t, "POST "+keysPath+" {}").at("privateKeyData").(string)
	text, err := base64.StdEncoding.DecodeString(data)
	if err != nil || len(text) == 0 {
		t.Fatal("no private key was made", err)
	}
	c.must(t, "POST "+keysPath+" {}")
	ids := c.keysOf(t, "")
	if err := c.Save(); err != nil {
		t.Fatal(err)
	}
	log, err := json.Marshal(logged)
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{
		"list": c.do(t, "GET "+keysPath, "").text, "get": c.do(t, "GET "+keysPath+"/"+ids[userManaged][0], "").text,
		"state": c.do(t, "GET /_emulator/state", "").text, "requests": c.do(t, "GET /_emulator/requests", "").text,
		"state file": readFile(t, file), "log": string(log),
	} {
		if strings.Contains(text, "PRIVATE") || strings.Contains(text, data[:40]) || strings.Contains(text, "private_key") {
			t.Errorf("%s holds a private key:\n%s", where, text)
		}
	}
	again := start(t, Options{StateFile: file, Clock: stillClock{}})
	if diff := cmp.Diff(ids, again.keysOf(t, "")); diff != "" {
		t.Errorf("keys after a restart (-before +after):\n%s", diff)
	}
}
