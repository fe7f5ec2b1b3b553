package gcp

import (
	"net/http"
	"strings"
	"time"
)

// A method is one line of a discovery document
// (google.golang.org/api: iam/v1/iam-api.json and its siblings).
type method struct {
	id     string
	writes bool
}

const (
	iamPools     = "iam.projects.locations.workloadIdentityPools."
	iamProviders = iamPools + "providers."
	iamAccounts  = "iam.projects.serviceAccounts."
	pools        = "/v1/projects/*/locations/global/workloadIdentityPools"
	accounts     = "/v1/projects/*/serviceAccounts"
)

// methodOf names the method of a request by its verb and path: the libraries
// don't hand the name down. The first line that fits counts. The paths of the
// APIs don't overlap, so this holds with one base URL for all of them.
func methodOf(req *http.Request) method {
	for _, l := range methods() {
		if l.verb == req.Method && fits(l.path, req.URL.EscapedPath()) {
			return method{id: l.id, writes: writes(l.id)}
		}
	}
	return method{writes: req.Method != http.MethodGet}
}

type methodLine struct{ id, verb, path string }

func methods() []methodLine {
	return []methodLine{
		{iamPools + "operations.get", http.MethodGet, pools + "/*/operations/*"},
		{iamProviders + "operations.get", http.MethodGet, pools + "/*/providers/*/operations/*"},
		{iamProviders + "undelete", http.MethodPost, pools + "/*/providers/*:undelete"},
		{iamProviders + "create", http.MethodPost, pools + "/*/providers"},
		{iamProviders + "list", http.MethodGet, pools + "/*/providers"},
		{iamProviders + "get", http.MethodGet, pools + "/*/providers/*"},
		{iamProviders + "patch", http.MethodPatch, pools + "/*/providers/*"},
		{iamProviders + "delete", http.MethodDelete, pools + "/*/providers/*"},
		{iamPools + "undelete", http.MethodPost, pools + "/*:undelete"},
		{iamPools + "create", http.MethodPost, pools},
		{iamPools + "get", http.MethodGet, pools + "/*"},
		{iamPools + "patch", http.MethodPatch, pools + "/*"},
		{iamPools + "delete", http.MethodDelete, pools + "/*"},

		{"iamcredentials.projects.serviceAccounts.generateAccessToken", http.MethodPost, accounts + "/*:generateAccessToken"},
		{iamAccounts + "getIamPolicy", http.MethodPost, accounts + "/*:getIamPolicy"},
		{iamAccounts + "setIamPolicy", http.MethodPost, accounts + "/*:setIamPolicy"},
		{iamAccounts + "testIamPermissions", http.MethodPost, accounts + "/*:testIamPermissions"},
		{iamAccounts + "enable", http.MethodPost, accounts + "/*:enable"},
		{iamAccounts + "create", http.MethodPost, accounts},
		{iamAccounts + "keys.list", http.MethodGet, accounts + "/*/keys"},
		{iamAccounts + "get", http.MethodGet, accounts + "/*"},
		{iamAccounts + "delete", http.MethodDelete, accounts + "/*"},

		{"iam.policies.listPolicies", http.MethodGet, "/v2/policies/*/denypolicies"},
		{"iam.policies.get", http.MethodGet, "/v2/policies/*/denypolicies/*"},

		{"serviceusage.services.batchEnable", http.MethodPost, "/v1/projects/*/services:batchEnable"},
		{"serviceusage.services.list", http.MethodGet, "/v1/projects/*/services"},
		{"serviceusage.services.get", http.MethodGet, "/v1/projects/*/services/*"},
		{"serviceusage.operations.get", http.MethodGet, "/v1/operations/*"},

		{"cloudresourcemanager.projects.getIamPolicy", http.MethodPost, "/v1/projects/*:getIamPolicy"},
		{"cloudresourcemanager.projects.setIamPolicy", http.MethodPost, "/v1/projects/*:setIamPolicy"},
		{"cloudresourcemanager.projects.testIamPermissions", http.MethodPost, "/v1/projects/*:testIamPermissions"},
		{"cloudresourcemanager.projects.get", http.MethodGet, "/v1/projects/*"},

		{"sts.token", http.MethodPost, "/v1/token"},

		{"storage.buckets.getIamPolicy", http.MethodGet, "/storage/v1/b/*/iam"},
		{"storage.buckets.setIamPolicy", http.MethodPut, "/storage/v1/b/*/iam"},
		{"storage.buckets.testIamPermissions", http.MethodGet, "/storage/v1/b/*/iam/testPermissions"},
		{"storage.buckets.get", http.MethodGet, "/storage/v1/b/*"},
		{"storage.objects.list", http.MethodGet, "/storage/v1/b/*/o"},
		{"storage.objects.get", http.MethodGet, "/storage/v1/b/*/o/*"},
	}
}

// fits compares segment by segment; an asterisk stands for anything but a slash.
// The path may begin with more: a base URL may have a path of its own.
func fits(pattern, path string) bool {
	want, have := strings.Split(pattern, "/")[1:], strings.Split(path, "/")
	if len(have) < len(want) {
		return false
	}
	have = have[len(have)-len(want):]
	for i, w := range want {
		before, after, wild := strings.Cut(w, "*")
		switch {
		case !wild && w != have[i]:
			return false
		case wild && (len(have[i]) <= len(before)+len(after) || !strings.HasPrefix(have[i], before) || !strings.HasSuffix(have[i], after)):
			return false
		}
	}
	return true
}

// writes reports whether a method may change something. A token exchange changes
// nothing, though it is a POST.
func writes(id string) bool {
	switch id[strings.LastIndex(id, ".")+1:] {
	case "get", "list", "getIamPolicy", "testIamPermissions", "token", "generateAccessToken":
		return false
	default:
		return true
	}
}

type observer struct {
	next   http.RoundTripper
	report func(Call)
	clock  *remoteClock
}

// RoundTrip reports one attempt, answered or not.
func (o observer) RoundTrip(req *http.Request) (*http.Response, error) {
	began := time.Now()
	resp, err := o.next.RoundTrip(req)
	o.clock.read(resp, began)
	if o.report == nil {
		return resp, err
	}
	m := methodOf(req)
	call := Call{Method: m.id, Verb: req.Method, Path: req.URL.EscapedPath(), Duration: time.Since(began), Write: m.writes}
	if resp != nil {
		call.Status = resp.StatusCode
	}
	o.report(call)
	return resp, err
}
