package emulator

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestServiceAccountRefusals(t *testing.T) {
	create := func(id, fields string) string {
		return "POST " + accountsPath + ` {"accountId":"` + id + `","serviceAccount":{` + fields + `}}`
	}
	anywhere := strings.Replace(readerPath, "acme-prod/", "-/", 1)
	walk(t, Options{}, []step{
		{"3 an id of 5 characters is too short", nil, create("abcde", ""), 400, "Account ID must be between 6 and 30 characters..."},
		{"3 an id must begin with a letter", nil, create("1-account", ""), 400, "Account ID must be between 6 and 30 characters..."},
		{"3 an id must not end with a dash", nil, create("account-", ""), 400, "Account ID must be between 6 and 30 characters..."},
		{"3 a display name is limited in bytes", nil, create("gcs-reader", `"displayName":"`+strings.Repeat("ä", 51)+`"`), 400, "The display name must be at most 100 bytes in UTF-8."},
		{"3 a description is limited in bytes", nil, create("gcs-reader", `"description":"`+strings.Repeat("d", 257)+`"`), 400, "The description must be at most 256 bytes in UTF-8."},
		{"3 create on a name in use answers 409", []string{createReader}, createReader, 409, "Service account gcs-reader already exists within project projects/acme-prod."},
		{"3 a missing account is a 404 in its project", nil, "GET " + readerPath, 404, "Unknown service account"},
		{"3 and a 403 under projects/-", nil, "GET " + anywhere, 403, "Permission 'iam.serviceAccounts.get' denied on resource (or it may not exist)."},
		{"3 an account can be read under projects/-", []string{createReader}, "GET " + anywhere, 200, ""},
		{"3 deleting and reading do not race", []string{createReader, "DELETE " + anywhere}, "GET " + readerPath, 404, "Unknown service account"},
		{"3 undelete takes no address", []string{createReader, "DELETE " + readerPath}, "POST " + readerPath + ":undelete {}", 404, "Unknown service account"},
		{"3 a patch needs a mask", []string{createReader}, "PATCH " + readerPath + ` {"serviceAccount":{"displayName":"x"}}`, 400, "The update_mask is required."},
		{"strict: signing is not modelled", []string{createReader}, "POST " + readerPath + ":signBlob {}", 405, "POST " + readerPath + ":signBlob: the emulator does not model this; see docs/emulator.md"},
	})
}

func TestServiceAccountErrorsHaveTheOldListToo(t *testing.T) {
	c := startEnabled(t, Options{})
	want := map[string]any{"error": map[string]any{
		"code": 404.0, "message": "Unknown service account", "status": "NOT_FOUND",
		"errors": []any{map[string]any{"message": "Unknown service account", "domain": "global", "reason": "notFound"}},
	}}
	if diff := cmp.Diff(want, c.send(t, "GET "+readerPath).json); diff != "" {
		t.Errorf("3 (-want +got):\n%s", diff)
	}
}

func TestServiceAccountLooksAsGoogleShowsIt(t *testing.T) {
	c := startEnabled(t, Options{})
	made := c.send(t, createReader)
	id, _ := made.at("uniqueId").(string)
	if len(id) != 21 {
		t.Errorf("a unique id has 21 digits, got %q", id)
	}
	want := map[string]any{
		"name": "projects/acme-prod/serviceAccounts/" + readerEmail, "projectId": "acme-prod", "uniqueId": id,
		"email": readerEmail, "displayName": "Reader", "etag": "MDEwMjE5MjA=", "oauth2ClientId": id,
	}
	for _, path := range []string{readerPath, accountsPath + "/" + id} {
		if diff := cmp.Diff(want, c.send(t, "GET "+path).json); diff != "" {
			t.Errorf("3 GET %s (-want +got):\n%s", path, diff)
		}
	}
	changed := c.send(t, "PATCH "+readerPath+` {"serviceAccount":{"displayName":"New"},"updateMask":"display_name"}`)
	if diff := cmp.Diff(map[string]any{"name": want["name"], "displayName": "New"}, changed.json); diff != "" {
		t.Errorf("3 a patch answers with what changed (-want +got):\n%s", diff)
	}
}

func TestDeletedAccountsLeaveTheirBindings(t *testing.T) {
	c := startEnabled(t, Options{})
	id, _ := c.send(t, createReader).at("uniqueId").(string)
	owner, member := "user:operator@example.com", "serviceAccount:"+readerEmail
	deleted := "deleted:" + member + "?uid=" + id
	policy := func(members ...string) string {
		return `POST /v1/projects/acme-prod:setIamPolicy {"policy":{"bindings":[{"role":"roles/owner","members":["` + owner + `"]},{"role":"roles/viewer","members":["` + strings.Join(members, `","`) + `"]}]}}`
	}
	viewers := func() any {
		return c.do(t, "POST /v1/projects/acme-prod:getIamPolicy", "").at("bindings.1.members")
	}
	c.must(t, policy(member), "DELETE "+readerPath)
	if diff := cmp.Diff(any([]any{deleted}), viewers()); diff != "" {
		t.Errorf("3 a deleted account is marked (-want +got):\n%s", diff)
	}
	c.must(t, createReader, policy(deleted, member))
	if diff := cmp.Diff(any([]any{deleted, member}), viewers()); diff != "" {
		t.Errorf("3 the new account is another one (-want +got):\n%s", diff)
	}
	if r := c.send(t, "POST "+accountsPath+"/"+id+":undelete {}"); r.status != http.StatusBadRequest {
		t.Errorf("3 no undelete while the name is taken, got %d", r.status)
	}
	c.must(t, "DELETE "+readerPath, policy(deleted))
	r := c.send(t, "POST /v1/projects/-/serviceAccounts/"+id+":undelete {}")
	if r.at("restoredAccount.uniqueId") != id {
		t.Fatalf("3 undelete by unique id: %s", r.text)
	}
	if diff := cmp.Diff(any([]any{member}), viewers()); diff != "" {
		t.Errorf("3 undelete brings the binding back (-want +got):\n%s", diff)
	}
	c.must(t, policy(owner), "DELETE "+readerPath)
	if r := c.send(t, policy(deleted)); r.status != http.StatusBadRequest {
		t.Errorf("3 a deleted member can't be added, got %d", r.status)
	}
	c.Advance(softDelete)
	if r := c.send(t, "POST "+accountsPath+"/"+id+":undelete {}"); r.status != http.StatusNotFound {
		t.Errorf("3 after 30 days it is gone, got %d", r.status)
	}
}

func TestNewAccountsAreNotSeenAtOnce(t *testing.T) {
	c := startEnabled(t, Options{Lag: LagTypical})
	c.must(t, createReader)
	asMember := `POST /v1/projects/acme-prod:setIamPolicy {"policy":{"bindings":[{"role":"roles/viewer","members":["serviceAccount:` + readerEmail + `"]}]}}`
	if r := c.send(t, "GET "+readerPath); r.status != http.StatusNotFound {
		t.Errorf("3 just created: got %d, want 404", r.status)
	}
	c.Advance(c.lag.newAccount)
	c.must(t, "GET "+readerPath)
	if r := c.send(t, asMember); r.at("error.message") != "Service account "+readerEmail+" does not exist." {
		t.Errorf("3 as a member it comes later still: %s", r.text)
	}
	c.Advance(c.lag.accountUse)
	c.must(t, asMember)
}
