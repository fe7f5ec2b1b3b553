package discoverytest

import "strings"

const (
	createKey    = "iam.projects.serviceAccounts.keys.create"
	oauthRefusal = "sts/refusal" // which no document has
)

// always are the fields that an answer with such a message in it, or of such a method, never lacks: what names
// the thing, and what only the server sets. The documents leave every field free; the
// page of each message does not.
func always() map[string]string {
	return map[string]string{
		// https://docs.cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools
		"iam/WorkloadIdentityPool":         "name state",
		"iam/WorkloadIdentityPoolProvider": "name state",
		"iam/Oidc":                         "issuerUri",
		"iam/Operation":                    "name",
		// https://docs.cloud.google.com/iam/docs/reference/rest/v2/policies
		"iam/GoogleIamV2Policy":          "name uid kind etag createTime updateTime",
		"iam/GoogleLongrunningOperation": "name",
		// https://docs.cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts
		"iam/ServiceAccount":    "name projectId uniqueId email",
		"iam/ServiceAccountKey": "name validAfterTime validBeforeTime keyAlgorithm keyOrigin keyType",
		createKey:               "privateKeyData",
		// https://docs.cloud.google.com/iam/docs/reference/rest/v1/Policy#FIELDS.etag
		"iam/Policy":                  "etag",
		"cloudresourcemanager/Policy": "etag",
		"storage/Policy":              "etag resourceId",
		// https://docs.cloud.google.com/resource-manager/reference/rest/v1/projects
		"cloudresourcemanager/Project": "projectNumber projectId lifecycleState createTime",
		// https://docs.cloud.google.com/service-usage/docs/reference/rest/v1/services
		"serviceusage/GoogleApiServiceusageV1Service": "name state",
		"serviceusage/Operation":                      "name",
		// RFC 8693, section 2.2.1
		"sts/GoogleIdentityStsV1ExchangeTokenResponse": "access_token issued_token_type token_type",
		oauthRefusal: "error_description",
		// https://docs.cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
		"iamcredentials/GenerateAccessTokenResponse": "accessToken expireTime",
		// https://docs.cloud.google.com/storage/docs/json_api/v1/buckets and objects
		"storage/Bucket": "id name projectNumber metageneration location storageClass etag timeCreated updated",
		"storage/Object": "id name bucket generation metageneration size storageClass etag timeCreated updated",
	}
}

// inPart reports whether an answer is not the whole message: the request said so, or it is
// of a method that answers with no more than the name and what it changed, as recorded.
func (x *exchange) inPart(method string) bool {
	return x.url.Query().Has("fields") || method == "iam.projects.serviceAccounts.patch"
}

// complete wants what an answer never lacks.
func (c *checker) complete(name string, v map[string]any, at string) {
	if c.method != "" || c.partial {
		return
	}
	for field := range strings.FieldsSeq(c.always[name]) {
		if _, ok := v[field]; !ok {
			c.reportf("%s.%s: missing", at, field)
		}
	}
}

// kind checks the name that a message of storage gives itself. An answer has one.
func (c *checker) kind(s schema, v map[string]any, at string) {
	want := s.Properties["kind"].Default
	got, ok := v["kind"]
	switch {
	case want == "" || got == want:
	case ok:
		c.reportf("%s.kind: not %s", at, want)
	case c.method == "" && !c.partial && c.always != nil:
		c.reportf("%s.kind: missing", at)
	}
}
