package discoverytest

import (
	"strings"
	"testing"
)

const (
	listBuckets   = "GET storage.buckets.list: "
	patchPool     = "PATCH iam.projects.locations.workloadIdentityPools.patch: "
	patchProvider = "PATCH iam.projects.locations.workloadIdentityPools.providers.patch: "
	insertObject  = "POST storage.objects.insert: "
	exchangeToken = "POST sts.token: "
	badRequest    = `{"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}}`
	noMethod      = `{"error":{"code":405,"message":"no","status":"UNIMPLEMENTED"}}`
)

// A strict server refuses what is wrong. That must not hide it.
func TestARefusedRequestOfAClientThatIsBoundIsReported(t *testing.T) {
	everybody := []string{Anybody}
	converse(t, []conversation{
		{name: "a field of the request that is none", agents: everybody, request: "POST " + accounts + ` {"accountID":"a"}`, status: 400, answer: badRequest,
			want: []string{createAccount + "request.accountID: no such field", createAccount + "request.accountId: missing"}},
		{name: "a parameter of no method", agents: everybody, request: "GET " + accounts + "/a?colour=red", status: 400, answer: badRequest,
			want: []string{getAccount + "?colour: no such parameter"}},
		{name: "a path of no method", agents: everybody, request: "GET /v1/projects/acme/clouds", status: 405, answer: noMethod,
			want: []string{"GET /v1/projects/acme/clouds: no method of Google's has this path"}},
		{name: "a path of another version", agents: everybody, request: "GET /v3/projects/acme", status: 405, answer: noMethod,
			want: []string{"GET /v3/projects/acme: no method of Google's has this path"}},
		{name: "a path mistyped, which looks like the XML API's", agents: everybody, request: "GET /strage/v1/b", status: 404, answer: noMethod,
			want: []string{"GET /strage/v1/b: no method of Google's has this path"}},
		{name: "what is right, and a fault came first", agents: everybody, request: "POST " + accounts + ` {"accountId":"a"}`, status: 503,
			answer: `{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}`},
		{name: "another agent's", agents: []string{"wifctl/"}, request: "GET " + accounts + "/a?colour=red", status: 400, answer: badRequest},
	})
}

func TestWhatGoogleCallsRequiredIsWanted(t *testing.T) {
	converse(t, []conversation{
		{name: "a pool without an id", request: "POST " + pools + ` {}`, answer: "{}", want: []string{createPool + "?workloadIdentityPoolId: missing"}},
		{name: "a patch without a mask", request: "PATCH " + pools + `/p {}`, answer: "{}", want: []string{patchPool + "?updateMask: missing"}},
		{name: "an account without an id", request: "POST " + accounts + ` {}`, answer: "{}", want: []string{createAccount + "request.accountId: missing"}},
		{name: "a policy that is not there", request: "POST " + accounts + `/a:setIamPolicy`, answer: "{}", want: []string{setPolicy + "request.policy: missing"}},
		{name: "a provider without its issuer", request: "POST " + pools + `/p/providers?workloadIdentityPoolProviderId=q {"oidc":{}}`, answer: "{}",
			want: []string{"POST iam.projects.locations.workloadIdentityPools.providers.create: request.oidc.issuerUri: missing"}},
		{name: "a patch has what it changes", request: "PATCH " + pools + `/p/providers/q?updateMask=oidc.jwksJson {"oidc":{"jwksJson":"{}"}}`, answer: "{}"},
		{name: "a form without the token", request: "POST /v1/token grant_type=g&requested_token_type=r&subject_token_type=t", kind: "application/x-www-form-urlencoded", answer: "{}",
			want: []string{exchangeToken + "request.subjectToken: missing"}},
		{name: "an upload of no kind", request: "POST /upload" + objects + "?name=a hello", answer: "{}",
			want: []string{insertObject + "?uploadType: want media, multipart or resumable"}},
	})
}

func TestFieldsThatARequestNamesExist(t *testing.T) {
	converse(t, []conversation{
		{name: "a mask in both spellings", request: "PATCH " + pools + `/p/providers/q?updateMask=display_name,oidc.issuerUri,attributeMapping.x {}`, answer: "{}"},
		{name: "a mask of no field", request: "PATCH " + pools + `/p/providers/q?updateMask=disabled,condition {}`, answer: "{}",
			want: []string{patchProvider + "?updateMask: no such field: condition"}},
		{name: "a mask of no field in a field", request: "PATCH " + pools + `/p/providers/q?updateMask=oidc.issuer {}`, answer: "{}",
			want: []string{patchProvider + "?updateMask: no such field: oidc.issuer"}},
		{name: "a part of an answer", request: "GET /storage/v1/b?project=a&fields=kind,items(name,iamConfiguration/publicAccessPrevention),items/labels/*,nextPageToken", answer: "{}"},
		{name: "a part that no answer has", request: "GET /storage/v1/b?project=a&fields=items(title),buckets", answer: "{}",
			want: []string{listBuckets + "?fields: no such field: buckets", listBuckets + "?fields: no such field: items/title"}},
		{name: "a form in camel case", request: "POST /v1/token grant_type=g&requestedTokenType=r&subject_token=s&subject_token_type=t&colour=red", kind: "application/x-www-form-urlencoded", answer: "{}",
			want: []string{exchangeToken + "request.colour: no such field", exchangeToken + "request.requestedTokenType: not in snake case"}},
		{name: "the message in front of a content", request: "POST /upload" + objects + "?uploadType=multipart " + parts(`{"name":"a","md5":"x"}`), kind: boundary, answer: "{}",
			want: []string{insertObject + "request.md5: no such field"}},
		{name: "one that is right", request: "POST /upload" + objects + "?uploadType=multipart " + parts(`{"name":"a","metadata":{"by":"us"}}`), kind: boundary, answer: "{}"},
		{name: "a content without a message", request: "POST /upload" + objects + "?uploadType=multipart hello", kind: boundary, answer: "{}",
			want: []string{insertObject + "request: not multipart: multipart: NextPart: EOF"}},
		{name: "a message of another kind", request: "PUT /storage/v1/b/acme-data/iam" + ` {"kind":"storage#bucket","bindings":[]}`, answer: "{}",
			want: []string{"PUT storage.buckets.setIamPolicy: request.kind: not storage#policy"}},
	})
}

const boundary = `multipart/related; boundary='b'` // in single quotes, as gcloud writes it

func parts(message string) string {
	return "--b\r\nContent-Type: application/json\r\n\r\n" + message + "\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n"
}

func TestAnAnswerLacksNothing(t *testing.T) {
	const (
		policy = `{"kind":"storage#policy","resourceId":"r","etag":"CAE="}`
		pool   = `{"name":"p","state":"ACTIVE"}`
	)
	converse(t, []conversation{
		{name: "a pool", whole: true, request: "GET " + pools + "/p", answer: pool},
		{name: "a pool without its state", whole: true, request: "GET " + pools + "/p", answer: `{"name":"p"}`, want: []string{getPool + "answer.state: missing"}},
		{name: "one of several", whole: true, request: "GET " + pools, answer: `{"workloadIdentityPools":[` + pool + `,{"state":"ACTIVE"}]}`, want: []string{listPools + "answer.workloadIdentityPools[].name: missing"}},
		{name: "an operation without a name", whole: true, request: "POST " + pools + "?workloadIdentityPoolId=p {}", answer: `{"done":false}`, want: []string{createPool + "answer.name: missing"}},
		{name: "an operation with half a pool in it", whole: true, request: "POST " + pools + "?workloadIdentityPoolId=p {}",
			answer: `{"name":"o","response":{"@type":"type.googleapis.com/google.iam.v1.WorkloadIdentityPool","name":"p"}}`, want: []string{createPool + "answer.response.state: missing"}},
		{name: "a token", whole: true, request: "POST /v1/token" + ` {"grantType":"g","requestedTokenType":"r","subjectToken":"s","subjectTokenType":"t"}`, answer: `{"token_type":"Bearer"}`,
			want: []string{exchangeToken + "answer.access_token: missing", exchangeToken + "answer.issued_token_type: missing"}},
		{name: "a key without its private half", whole: true, request: "POST " + accounts + "/a/keys {}",
			answer: `{"name":"k","validAfterTime":"2026-11-24T12:00:00Z","validBeforeTime":"2026-11-24T12:00:00Z","keyAlgorithm":"KEY_ALG_RSA_2048","keyOrigin":"GOOGLE_PROVIDED","keyType":"USER_MANAGED"}`,
			want:   []string{"POST iam.projects.serviceAccounts.keys.create: answer.privateKeyData: missing"}},
		{name: "a provider of no issuer", whole: true, request: "GET " + pools + "/p/providers/q", answer: `{"name":"q","state":"ACTIVE","oidc":{}}`, want: []string{getProvider + "answer.oidc.issuerUri: missing"}},
		{name: "an exchange refused without a word", whole: true, request: "POST /v1/token {}", status: 400, answer: `{"error":"invalid_grant"}`, want: []string{exchangeToken + "answer.error_description: missing"}},
		{name: "an exchange refused in words of its own", whole: true, request: "POST /v1/token {}", status: 400, answer: `{"error":"bad_luck","error_description":"d"}`,
			want: []string{exchangeToken + "answer.error: none of the values " + strings.Join(oauthCodes(), ", ")}},
		{name: "a policy of a bucket", whole: true, request: "GET /storage/v1/b/acme-data/iam", answer: policy},
		{name: "a policy of no kind", whole: true, request: "GET /storage/v1/b/acme-data/iam", answer: `{"resourceId":"r","etag":"CAE="}`, want: []string{"GET storage.buckets.getIamPolicy: answer.kind: missing"}},
		{name: "a policy of another kind", whole: true, request: "GET /storage/v1/b/acme-data/iam", answer: `{"kind":"storage#bucket","resourceId":"r","etag":"CAE="}`, want: []string{"GET storage.buckets.getIamPolicy: answer.kind: not storage#policy"}},
		{name: "what was asked for in part", whole: true, request: "GET /storage/v1/b/acme-data/iam?fields=bindings,etag", answer: `{"bindings":[],"etag":"CAE="}`},
		{name: "a patched account", whole: true, request: "PATCH " + accounts + `/a {"updateMask":"description"}`, answer: `{"name":"a","description":"d"}`},
	})
}
