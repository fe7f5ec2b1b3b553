package discoverytest

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// A conversation is one request, and the answer that a server gives to it.
type conversation struct {
	name    string
	request string // POST /v1/token {"a":1}
	kind    string // of the request's body; application/json if not given
	header  string // of the answer: X-Name: value
	agents  []string
	whole   bool // the answer must be; most here are cut short
	status  int  // 200 if not given
	answer  string
	want    []string
}

const (
	pools    = "/v1/projects/acme/locations/global/workloadIdentityPools"
	accounts = "/v1/projects/acme/serviceAccounts"
	objects  = "/storage/v1/b/acme-data/o"

	createPool    = "POST iam.projects.locations.workloadIdentityPools.create: "
	getPool       = "GET iam.projects.locations.workloadIdentityPools.get: "
	listPools     = "GET iam.projects.locations.workloadIdentityPools.list: "
	getProvider   = "GET iam.projects.locations.workloadIdentityPools.providers.get: "
	setPolicy     = "POST iam.projects.serviceAccounts.setIamPolicy: "
	createAccount = "POST iam.projects.serviceAccounts.create: "
	getAccount    = "GET iam.projects.serviceAccounts.get: "
	getObject     = "GET storage.objects.get: "
	notFound      = `{"error":{"code":404,"message":"none","status":"NOT_FOUND"}}`
)

func TestWhatIsGooglesIsNotReported(t *testing.T) {
	converse(t, []conversation{
		{name: "an operation with a pool in it", request: "POST " + pools + `?workloadIdentityPoolId=p {"disabled":true}`,
			answer: `{"name":"o","done":true,"response":{"@type":"type.googleapis.com/google.iam.v1.WorkloadIdentityPool","state":"ACTIVE"}}`},
		{name: "a list without entries", request: "GET " + accounts + "?alt=json&prettyPrint=false&pageSize=100", answer: "{}"},
		{name: "an account, its address escaped", request: "GET " + accounts + "/a%40acme.iam.gserviceaccount.com", answer: `{"etag":"MDEwMjE5MjA="}`},
		{name: "an object's fields", request: "GET " + objects + "/a%2Fb", answer: `{"size":"11","generation":"1764000000000000","timeCreated":"2026-11-24T12:00:00.123Z"}`},
		{name: "an object's content", request: "GET " + objects + "/a?alt=media", answer: "hello"},
		{name: "an object's content from where downloads are", request: "GET /download" + objects + "/a?alt=media", answer: "hello"},
		{name: "a whole upload", request: "POST /upload" + objects + `?uploadType=multipart --x`, answer: `{"name":"a"}`},
		{name: "the end of an upload", request: "PUT /resumable/upload" + objects + "?uploadType=resumable&upload_id=1&name=a hello", answer: `{"name":"a"}`},
		{name: "a deletion", request: "DELETE " + objects + "/a", status: 204},
		{name: "an object by the XML API", request: "GET /acme-data/a", answer: "hello"},
		{name: "a request refused, however strange", request: "POST " + accounts + `?x=y {"a":`, status: 400,
			answer: `{"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT","details":[{"@type":"t","reason":"R"}]}}`},
		{name: "a path that is not modelled", request: "GET /v2/nothing", status: 405, answer: `{"error":{"code":405,"message":"no","status":"UNIMPLEMENTED"}}`},
		{name: "an exchange refused in OAuth's form", request: "POST /v1/token {}", status: 400, answer: `{"error":"invalid_grant","error_description":"d"}`},
		{name: "gcloud's capitals", request: "GET " + accounts + "?prettyPrint=True", answer: "{}"},
	})
}

func TestWhatIsNotGooglesIsReported(t *testing.T) {
	converse(t, []conversation{
		{name: "a path of no method", request: "GET /v1/projects/acme/clouds", answer: "{}",
			want: []string{"GET /v1/projects/acme/clouds: no method of Google's has this path"}},
		{name: "a verb of no method", request: "PUT " + accounts + " {}", answer: "{}",
			want: []string{"PUT " + accounts + ": no method of Google's has this path"}},
		{name: "a custom method of no method", request: "POST " + accounts + "/a:polish {}", answer: "{}",
			want: []string{"POST " + accounts + "/a:polish: no method of Google's has this path"}},
		{name: "a parameter of no method", request: "GET " + accounts + "/a?colour=red", answer: "{}",
			want: []string{getAccount + "?colour: no such parameter"}},
		{name: "a variable of the path as a parameter", request: "GET " + accounts + "/a?name=b", answer: "{}",
			want: []string{getAccount + "?name: no such parameter"}},
		{name: "a boolean parameter that is none", request: "GET " + pools + "?showDeleted=1", answer: "{}",
			want: []string{listPools + "?showDeleted: want true or false"}},
		{name: "a number parameter that is none", request: "GET " + pools + "?pageSize=many", answer: "{}",
			want: []string{listPools + "?pageSize: want integer int32"}},
		{name: "a required parameter that is not there", request: "GET /storage/v1/b", answer: "{}",
			want: []string{"GET storage.buckets.list: ?project: missing"}},
		{name: "a field of the request that is none", request: "POST " + accounts + ` {"accountId":"a","serviceAccount":{"nick":"b"}}`, answer: "{}",
			want: []string{createAccount + "request.serviceAccount.nick: no such field"}},
		{name: "a field of the request of the wrong type", request: "POST " + pools + `?workloadIdentityPoolId=p {"disabled":"true","displayName":7,"description":null}`, answer: "{}",
			want: []string{createPool + "request.description: null, want string", createPool + "request.disabled: string, want boolean", createPool + "request.displayName: a number, want string"}},
		{name: "a required field that is not there", request: "PUT /storage/v1/b/acme-data/iam {}", answer: "{}",
			want: []string{"PUT storage.buckets.setIamPolicy: request.bindings: missing"}},
		{name: "a field that only Google sets", request: "POST " + pools + `?workloadIdentityPoolId=p {"state":"ACTIVE","name":"n"}`, answer: "{}",
			want: []string{createPool + "request.state: sent, but only to be read"}},
		{name: "a field in a list that is none", request: "POST " + accounts + `/a:setIamPolicy {"policy":{"bindings":[{"role":"r"},{"rôle":"r"}]}}`, answer: "{}",
			want: []string{setPolicy + "request.policy.bindings[].rôle: no such field"}},
		{name: "text where a number is due", request: "POST " + accounts + `/a:setIamPolicy {"policy":{"version":"3"}}`, answer: "{}",
			want: []string{setPolicy + "request.policy.version: string, want integer int32"}},
		{name: "a number too large for its field", request: "POST " + accounts + `/a:setIamPolicy {"policy":{"version":2147483648}}`, answer: "{}",
			want: []string{setPolicy + "request.policy.version: a number, want integer int32"}},
		{name: "a fraction where an integer is due", request: "POST " + accounts + `/a:setIamPolicy {"policy":{"version":1.5}}`, answer: "{}",
			want: []string{setPolicy + "request.policy.version: a number, want integer int32"}},
		{name: "one member where a list is due", request: "POST " + accounts + `/a:setIamPolicy {"policy":{"bindings":[{"members":"user:a"}]}}`, answer: "{}",
			want: []string{setPolicy + "request.policy.bindings[].members: string, want array"}},
		{name: "an etag of a request that is not base64", request: "POST " + accounts + `/a:setIamPolicy {"policy":{"etag":"1!"}}`, answer: "{}",
			want: []string{setPolicy + "request.policy.etag: string, but no byte"}},
		{name: "a value of the request that is none", request: "POST " + accounts + `/a/keys {"keyAlgorithm":"KEY_ALG_ROT13"}`, answer: "{}",
			want: []string{"POST iam.projects.serviceAccounts.keys.create: request.keyAlgorithm: none of the values KEY_ALG_UNSPECIFIED, KEY_ALG_RSA_1024, KEY_ALG_RSA_2048"}},
		{name: "a value of a parameter that is none", request: "GET " + objects + "/a?projection=half", answer: "{}",
			want: []string{getObject + "?projection: none of the values full, noAcl"}},
		{name: "a mask that is no list of fields", request: "PATCH " + pools + `/p?updateMask=display%20name {}`, answer: "{}",
			want: []string{"PATCH iam.projects.locations.workloadIdentityPools.patch: ?updateMask: string, but no google-fieldmask"}},
		{name: "a body that is a list", request: "POST " + accounts + " []", answer: "{}",
			want: []string{createAccount + "request: array, want object"}},
		{name: "more behind the body", request: "POST " + accounts + " {}{}", answer: "{}",
			want: []string{createAccount + "request: not JSON: more behind the first value"}},
		{name: "a body that is not JSON", request: "POST " + accounts + " {", answer: "{}",
			want: []string{createAccount + "request: not JSON: unexpected EOF"}},
		{name: "a body where there is none", request: "GET " + accounts + `/a {"a":1}`, answer: "{}",
			want: []string{getAccount + "request: a body, want none"}},
		{name: "a duration without its unit", request: "POST /v1/projects/-/serviceAccounts/a:generateAccessToken" + ` {"scope":["s"],"lifetime":"300"}`, answer: "{}",
			want: []string{"POST iamcredentials.projects.serviceAccounts.generateAccessToken: request.lifetime: string, but no google-duration"}},

		{name: "a field of the answer that is none", request: "GET " + accounts + "/a", answer: `{"mail":"a"}`,
			want: []string{getAccount + "answer.mail: no such field"}},
		{name: "a field of the answer of the wrong type", request: "GET " + accounts + "/a", answer: `{"email":["a"],"disabled":"no"}`,
			want: []string{getAccount + "answer.disabled: string, want boolean", getAccount + "answer.email: array, want string"}},
		{name: "a number where an int64 is due as text", request: "GET " + objects + "/a", answer: `{"size":11}`,
			want: []string{getObject + "answer.size: a number, want string uint64"}},
		{name: "text that is no int64", request: "GET " + objects + "/a", answer: `{"generation":"1.5"}`,
			want: []string{getObject + "answer.generation: string, but no int64"}},
		{name: "a time that is none", request: "GET " + objects + "/a", answer: `{"updated":"yesterday"}`,
			want: []string{getObject + "answer.updated: string, but no date-time"}},
		{name: "an etag that is not base64", request: "GET " + accounts + "/a", answer: `{"etag":"1!"}`,
			want: []string{getAccount + "answer.etag: string, but no byte"}},
		{name: "a time without its zone", request: "GET " + pools + "/p", answer: `{"expireTime":"2026-11-24T12:00:00"}`,
			want: []string{getPool + "answer.expireTime: string, but no google-datetime"}},
		{name: "a time in seconds", request: "GET " + pools + "/p", answer: `{"expireTime":1764000000}`,
			want: []string{getPool + "answer.expireTime: a number, want string google-datetime"}},
		{name: "a map where a list is due", request: "GET " + pools, answer: `{"workloadIdentityPools":{"p":{}}}`,
			want: []string{listPools + "answer.workloadIdentityPools: object, want array"}},
		{name: "a list of names where one of pools is due", request: "GET " + pools, answer: `{"workloadIdentityPools":["p",{"nick":"q"}]}`,
			want: []string{listPools + "answer.workloadIdentityPools[].nick: no such field", listPools + "answer.workloadIdentityPools[]: string, want object"}},
		{name: "a list where a map is due", request: "GET " + pools + "/p/providers/q", answer: `{"attributeMapping":["google.subject"]}`,
			want: []string{getProvider + "answer.attributeMapping: array, want object"}},
		{name: "a map to something other than text", request: "GET " + pools + "/p/providers/q", answer: `{"attributeMapping":{"google.subject":1}}`,
			want: []string{getProvider + "answer.attributeMapping.google.subject: a number, want string"}},
		{name: "a list as the whole answer", request: "GET " + pools, answer: "[]",
			want: []string{listPools + "answer: array, want object"}},
		{name: "an answer without anything", request: "GET " + pools, answer: "",
			want: []string{listPools + `answer: "text/plain", want application/json`, listPools + "answer: not JSON: EOF"}},
		{name: "a status that Google does not answer", request: "GET " + pools, status: 201, answer: "{}",
			want: []string{listPools + "answer: 201, which no method of Google's answers"}},
		{name: "null for a field", request: "GET " + pools, answer: `{"nextPageToken":null}`,
			want: []string{listPools + "answer.nextPageToken: null, want string"}},
		{name: "a state that is none", request: "GET " + pools + "/p", answer: `{"state":"FINE"}`,
			want: []string{getPool + "answer.state: none of the values STATE_UNSPECIFIED, ACTIVE, DELETED"}},
		{name: "a field in the response of an operation that is none", request: "POST " + pools + "?workloadIdentityPoolId=p {}",
			answer: `{"done":true,"response":{"@type":"type.googleapis.com/google.iam.v1.WorkloadIdentityPool","nick":"p"}}`,
			want:   []string{createPool + "answer.response.nick: no such field"}},
		{name: "an answer with a body to a deletion of an object", request: "DELETE " + objects + "/a", answer: "{}",
			want: []string{"DELETE storage.objects.delete: answer: a body, want none"}},
		{name: "an answer that is not JSON", request: "GET " + accounts + "/a", answer: "fine",
			want: []string{getAccount + "answer: not JSON: invalid character 'i' in literal false (expecting 'a')"}},

		{name: "a refusal that is not JSON", request: "GET " + accounts + "/a", status: 404, answer: "none",
			want: []string{getAccount + "answer: 404 without an envelope: not JSON"}},
		{name: "a refusal without an envelope", request: "GET " + accounts + "/a", status: 404, answer: `{"message":"none"}`,
			want: []string{getAccount + "answer: 404 without an envelope"}},
		{name: "a refusal of storage in the others' form", request: "GET " + objects + "/a", status: 404, answer: notFound,
			want: []string{getObject + "answer.error.errors: missing", getObject + "answer.error.status: not in an answer of storage"}},
		{name: "a refusal in OAuth's form from elsewhere", request: "GET " + accounts + "/a", status: 400, answer: `{"error":"invalid_grant"}`,
			want: []string{getAccount + "answer: 400 without an envelope"}},
		{name: "a refusal with another code and no status", request: "GET " + accounts + "/a", status: 403, answer: `{"error":{"code":404,"message":"none"}}`,
			want: []string{getAccount + "answer.error.code: not the HTTP status, which is 403", getAccount + "answer.error.status: missing"}},
		{name: "a refusal with a status that is none", request: "GET " + accounts + "/a", status: 404, answer: strings.Replace(notFound, "NOT_FOUND", "GONE", 1),
			want: []string{getAccount + "answer.error.status: none of the values " + strings.Join(codes(), ", ")}},
		{name: "a refusal with a detail of no type", request: "GET " + accounts + "/a", status: 404, answer: strings.Replace(notFound, `"NOT_FOUND"`, `"NOT_FOUND","details":[{"reason":"R"}]`, 1),
			want: []string{getAccount + "answer.error.details[].@type: missing"}},
		{name: "a refusal of the XML API in JSON", request: "GET /acme-data/a", status: 404, answer: notFound,
			want: []string{"GET /acme-data/a: answer: 404 without an XML error"}},
		{name: "gcloud's capitals where they are not gcloud's", request: "GET " + accounts + "?prettyPrint=TRUE", answer: "{}",
			want: []string{"GET iam.projects.serviceAccounts.list: ?prettyPrint: want true or false"}},
		{name: "null for something other than delegates", request: "POST /v1/projects/-/serviceAccounts/a:generateAccessToken" + ` {"scope":null,"delegates":null}`, answer: "{}",
			want: []string{"POST iamcredentials.projects.serviceAccounts.generateAccessToken: request.scope: null, want array"}},
	})
}

func converse(t *testing.T, all []conversation) {
	t.Helper()
	d := Load(t)
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			r := NewRecorder(d, c.agents...)
			if !c.whole {
				r.always = nil
			}
			c.have(t, r)
			if diff := gocmp.Diff(c.want, r.Violations()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// have sends the request through the recorder to a server that gives the answer.
func (c conversation) have(t *testing.T, r *Recorder) {
	t.Helper()
	server := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			t.Error(err)
		}
		if c.answer != "" {
			w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		}
		if name, value, ok := strings.Cut(c.header, ": "); ok {
			w.Header().Set(name, value)
		}
		if c.status != 0 {
			w.WriteHeader(c.status)
		}
		fmt.Fprint(w, c.answer)
	})
	parts := append(strings.SplitN(c.request, " ", 3), "")
	req := httptest.NewRequestWithContext(t.Context(), parts[0], parts[1], strings.NewReader(parts[2]))
	req.Header.Set("Content-Type", cmp.Or(c.kind, "application/json"))
	r.Wrap(server).ServeHTTP(httptest.NewRecorder(), req)
}

func TestAnAnswerThatBreaksOffIsNotReported(t *testing.T) {
	r := NewRecorder(Load(t))
	broken := r.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"ema`)
		panic(http.ErrAbortHandler)
	}))
	func() {
		defer func() { _ = recover() }()
		broken.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, accounts+"/a", nil))
	}()
	if got := r.Violations(); len(got) > 0 {
		t.Errorf("reported %q", got)
	}
}
