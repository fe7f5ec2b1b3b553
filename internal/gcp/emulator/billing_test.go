package emulator

import (
	"path/filepath"
	"strings"
	"testing"
)

const (
	billingPath = "/v1/projects/acme-prod/billingInfo"
	unlink      = "PUT " + billingPath + ` {"billingAccountName":""}`
	linkAgain   = "PUT " + billingPath + ` {"billingAccountName":"` + theBillingAccount + `"}`
	absent      = "The billing account for the owning project is disabled in state absent"
)

func TestBillingRefusals(t *testing.T) {
	walk(t, Options{}, []step{
		{name: "a project that is not there", request: "GET /v1/projects/nobody/billingInfo", status: 403, message: "The caller does not have permission"},
		{name: "an account of no form", request: "PUT " + billingPath + ` {"billingAccountName":"mine"}`, status: 400, message: "Request contains an invalid argument."},
		{name: "somebody else's account", request: "PUT " + billingPath + ` {"billingAccountName":"billingAccounts/000000-000000-000000"}`, status: 403, message: "The caller does not have permission"},
		{name: "a bucket that nobody would pay for", given: []string{unlink}, request: makeFine, status: 403, message: absent},
		{name: "a bucket that nobody pays for", given: []string{makeFine, unlink}, request: "GET " + madePath, status: 403, message: absent},
		{name: "its policy", given: []string{makeFine, unlink}, request: "GET " + madePath + "/iam", status: 403, message: absent},
		{name: "its objects", given: []string{makeFine, unlink}, request: "GET " + madePath + "/o", status: 403, message: absent},
		{name: "linked again", given: []string{makeFine, unlink, linkAgain}, request: "GET " + madePath, status: 200},
		{name: "pools cost nothing", given: []string{unlink}, request: "GET " + poolsPath, status: 200},
	})
}

// Who may link a project sees what to, and a project says what it is linked to.
func TestBillingInfo(t *testing.T) {
	c := start(t, Options{Projects: []Project{{ID: "acme-prod"}}})
	for _, ask := range []struct{ request, want string }{
		{"GET " + billingPath, `"billingEnabled": true`},
		{"GET /v1/billingAccounts", theBillingAccount},
		{unlink, `"name": "projects/acme-prod/billingInfo"`},
	} {
		if r := c.send(t, ask.request); r.status != 200 || !strings.Contains(r.text, ask.want) {
			t.Errorf("%s: %d %s", ask.request, r.status, r.text)
		}
	}
	if r := c.do(t, "GET "+billingPath, ""); strings.Contains(r.text, "billingAccountName") || strings.Contains(r.text, "billingEnabled") {
		t.Errorf("unlinked: %s", r.text)
	}
	reader := start(t, Options{Projects: []Project{{ID: "acme-prod"}}, OperatorRoles: []string{"roles/viewer"}})
	if r := reader.do(t, "GET /v1/billingAccounts", ""); r.status != 200 || strings.Contains(r.text, theBillingAccount) {
		t.Errorf("a viewer sees %s", r.text)
	}
	if r := reader.send(t, unlink); r.status != 403 {
		t.Errorf("a viewer unlinks: %d", r.status)
	}
}

func TestAStateKeepsThatNobodyPays(t *testing.T) {
	w := newWorld(t)
	w.must(t, unlink)
	again := w.reopened(filepath.Join(t.TempDir(), "state"))
	if r := again.do(t, "GET /storage/v1/b/acme-data", ""); r.status != 403 || !strings.Contains(r.text, absent) {
		t.Errorf("%d %s", r.status, r.text)
	}
}
