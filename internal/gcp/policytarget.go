package gcp

import (
	"encoding/json"
	"net/http"
	"net/url"
)

// PolicyTarget is a resource that has a policy.
type PolicyTarget struct {
	kind targetKind
	name string
	in   string // the project of a service account
}

type targetKind int

const (
	noTarget targetKind = iota
	serviceAccountTarget
	bucketTarget
	projectTarget
)

// ServiceAccountPolicy is who may use a service account of a project, given by
// id.
func ServiceAccountPolicy(project, email string) PolicyTarget {
	return PolicyTarget{kind: serviceAccountTarget, name: email, in: project}
}

// BucketPolicy is who may use a bucket.
func BucketPolicy(bucket string) PolicyTarget {
	return PolicyTarget{kind: bucketTarget, name: bucket}
}

// ProjectPolicy is who may use a project and all that is in it.
func ProjectPolicy(project string) PolicyTarget {
	return PolicyTarget{kind: projectTarget, name: project}
}

// String names the resource for people.
func (t PolicyTarget) String() string { return t.noun() + " " + t.name }

func (t PolicyTarget) noun() string {
	return [...]string{noTarget: "nothing", serviceAccountTarget: "service account", bucketTarget: "bucket", projectTarget: "project"}[t.kind]
}

// reading is the request for the policy with its conditions, which are in version
// 3 alone. The three APIs take that version in three ways.
func (t PolicyTarget) reading(at endpoints) rawRequest {
	r := rawRequest{request: t.asked("read", "getIamPolicy")}
	switch t.kind {
	case serviceAccountTarget:
		r.verb, r.url = http.MethodPost, t.accountURL(at)+":getIamPolicy?options.requestedPolicyVersion=3"
	case bucketTarget:
		r.verb, r.url = http.MethodGet, t.bucketURL(at)+"/iam?optionsRequestedPolicyVersion=3"
	case projectTarget:
		r.verb, r.url = http.MethodPost, t.projectURL(at)+":getIamPolicy"
		r.body = json.RawMessage(`{"options":{"requestedPolicyVersion":3}}`)
	}
	return r
}

// writing is the request that replaces the policy. No update mask is sent: the
// default one leaves the audit settings alone. A bucket takes the policy bare.
func (t PolicyTarget) writing(at endpoints, policy json.RawMessage) rawRequest {
	r := rawRequest{request: t.asked("write", "setIamPolicy"), verb: http.MethodPost}
	r.body = map[string]json.RawMessage{"policy": policy}
	switch t.kind {
	case serviceAccountTarget:
		r.url = t.accountURL(at) + ":setIamPolicy"
	case bucketTarget:
		r.verb, r.url, r.body = http.MethodPut, t.bucketURL(at)+"/iam", policy
	case projectTarget:
		r.url = t.projectURL(at) + ":setIamPolicy"
	}
	return r
}

func (t PolicyTarget) accountURL(at endpoints) string {
	return at.iam + "v1/projects/" + url.PathEscape(t.in) + "/serviceAccounts/" + url.PathEscape(t.name)
}

func (t PolicyTarget) bucketURL(at endpoints) string {
	return at.storage + "b/" + url.PathEscape(t.name)
}

func (t PolicyTarget) projectURL(at endpoints) string {
	return at.resourceManager + "v1/projects/" + url.PathEscape(t.name)
}

func (t PolicyTarget) asked(verb, method string) request {
	family := [...]string{noTarget: "", serviceAccountTarget: "iam.serviceAccounts.", bucketTarget: "storage.buckets.", projectTarget: "resourcemanager.projects."}
	return request{op: verb + " policy of " + t.noun(), resource: t.name, permission: family[t.kind] + method}
}
