package emulator

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPoolRefusals(t *testing.T) {
	exists := "Requested entity already exists"
	deleted := []string{createPool, "DELETE " + poolPath}
	walk(t, Options{}, []step{
		{"1.1 a pool can be created", nil, createPool, 200, ""},
		{"1.1 the project may be named by number", nil, strings.Replace(createPool, "acme-prod", "100200300400", 1), 200, ""},
		{"1.2 an id of 3 characters is too short", nil, "POST " + poolsPath + "?workloadIdentityPoolId=abc {}", 400, `Invalid value for workload_identity_pool_id: "abc"...`},
		{"1.2 an id of 33 characters is too long", nil, "POST " + poolsPath + "?workloadIdentityPoolId=" + strings.Repeat("a", 33) + " {}", 400, `Invalid value for workload_identity_pool_id...`},
		{"1.2 an id with a capital is refused", nil, "POST " + poolsPath + "?workloadIdentityPoolId=K8s-pool {}", 400, `Invalid value for workload_identity_pool_id...`},
		{"1.2 a missing id is refused", nil, "POST " + poolsPath + " {}", 400, `Invalid value for workload_identity_pool_id: ""...`},
		{"1.2 the prefix gcp- is reserved", nil, "POST " + poolsPath + "?workloadIdentityPoolId=gcp-pool {}", 400, `Invalid value for workload_identity_pool_id: "gcp-pool". The prefix 'gcp-' is reserved...`},
		{"1.2 an id may begin and end with a dash", nil, "POST " + poolsPath + "?workloadIdentityPoolId=-pool- {}", 200, ""},
		{"1.2 a display name of 33 characters is too long", nil, "POST " + poolsPath + `?workloadIdentityPoolId=k8s-pool {"displayName":"` + strings.Repeat("ä", 33) + `"}`, 400, "display name must be less than or equal to 32 characters"},
		{"1.2 a display name of 32 two-byte characters fits", nil, "POST " + poolsPath + `?workloadIdentityPoolId=k8s-pool {"displayName":"` + strings.Repeat("ä", 32) + `"}`, 200, ""},
		{"1.2 a description of 257 characters is too long", nil, "POST " + poolsPath + `?workloadIdentityPoolId=k8s-pool {"description":"` + strings.Repeat("d", 257) + `"}`, 400, "description must be less than or equal to 256 characters"},
		{"1.1 the only location is global", nil, strings.Replace(createPool, "global", "us", 1), 405, "POST " + strings.Replace(poolsPath, "global", "us", 1) + ": the emulator does not model this; see docs/emulator.md"},
		{"1.2 Google's own mode can't be made", nil, "POST " + poolsPath + `?workloadIdentityPoolId=k8s-pool {"mode":"SYSTEM_TRUST_DOMAIN"}`, 400, `Invalid value at 'workload_identity_pool.mode': "SYSTEM_TRUST_DOMAIN"`},
		{"1.2 the mode can't be changed", []string{createPool}, "PATCH " + poolPath + `?updateMask=mode {"mode":"TRUST_DOMAIN"}`, 400, "The field 'mode' is immutable."},
		{"1.2 a trust domain has no providers to list", []string{"POST " + poolsPath + `?workloadIdentityPoolId=k8s-pool {"mode":"TRUST_DOMAIN"}`}, "GET " + providersPath, 400, "Workload identity pool " + poolName + " is in TRUST_DOMAIN mode..."},
		{"1.4 create on an active id answers 409", []string{createPool}, createPool, 409, exists},
		{"1.4 create on a deleted id answers 409 in the same words", deleted, createPool, 409, exists},
		{"1.4 a deleted pool can't be patched", deleted, "PATCH " + poolPath + `?updateMask=description {"description":"x"}`, 400, "Workload identity pool " + poolName + " is deleted..."},
		{"1.4 an active pool can't be undeleted", []string{createPool}, "POST " + poolPath + ":undelete {}", 400, "Workload identity pool " + poolName + " is not deleted."},
		{"1.4 a pool that never existed is a 404", nil, "GET " + poolPath, 404, "Requested entity was not found."},
		{"1.6 a patch without a mask is refused", []string{createPool}, "PATCH " + poolPath + ` {"description":"x"}`, 400, "The update_mask is required."},
		{"1.6 the mask may be in snake case", []string{createPool}, "PATCH " + poolPath + `?updateMask=display_name {"displayName":"x"}`, 200, ""},
		{"1.6 a mask with an unknown field is refused", []string{createPool}, "PATCH " + poolPath + `?updateMask=state {}`, 400, `Invalid update_mask: the field "state" can't be updated.`},
		{"strict: an unknown field", nil, "POST " + poolsPath + `?workloadIdentityPoolId=k8s-pool {"displayname":"x"}`, 400, `Invalid JSON payload received. Unknown name "displayname": Cannot find field.`},
		{"a body of more than 10 MiB", nil, "POST " + poolsPath + "?workloadIdentityPoolId=k8s-pool {" + strings.Repeat(" ", maxMessage) + "}", 400, "Request payload size exceeds the limit: 10485760 bytes."},
		{"strict: an unknown query parameter", nil, "GET " + poolsPath + "?showdeleted=true", 400, `Invalid JSON payload received. Unknown name "showdeleted": Cannot bind query parameter. Field 'showdeleted' could not be found in request message.`},
		{"strict: a field in an empty message", deleted, "POST " + poolPath + `:undelete {"name":"x"}`, 400, `Invalid JSON payload received. Unknown name "name": Cannot find field.`},
		{"strict: a value of another type", nil, "POST " + poolsPath + `?workloadIdentityPoolId=k8s-pool {"displayName":1}`, 400, `Invalid value at 'displayName' (TYPE_STRING), number`},
		{"strict: a body that is no message", nil, "POST " + poolsPath + `?workloadIdentityPoolId=k8s-pool []`, 400, `Invalid JSON payload received. Unknown name "": Root element must be a message.`},
		{"strict: a boolean that is none", nil, "GET " + poolsPath + "?showDeleted=yes", 400, `Invalid value at 'showDeleted' (TYPE_BOOL), "yes"`},
		{"7.4 an unknown project is a 403", nil, "GET " + strings.Replace(poolPath, "acme-prod", "acme-test", 1), 403, "Permission 'iam.workloadIdentityPools.get' denied on resource '//iam.googleapis.com/projects/acme-test/locations/global/workloadIdentityPools/k8s-pool' (or it may not exist)."},
	})
}

func TestPoolLooksAsGoogleShowsIt(t *testing.T) {
	c := startEnabled(t, Options{})
	c.must(t, "POST "+poolsPath+`?workloadIdentityPoolId=k8s-pool {"disabled":false,"displayName":"Pool","mode":"MODE_UNSPECIFIED"}`)

	want := map[string]any{"name": poolName, "displayName": "Pool", "state": "ACTIVE"}
	if diff := cmp.Diff(want, c.send(t, "GET "+poolPath).json); diff != "" {
		t.Errorf("1.2 13.1 what has its default value is left out (-want +got):\n%s", diff)
	}
	c.must(t, "PATCH "+poolPath+`?updateMask=description {"description":"hello","displayName":"ignored","disabled":true}`)
	want["description"] = "hello"
	if diff := cmp.Diff(want, c.send(t, "GET "+poolPath).json); diff != "" {
		t.Errorf("trap 5: fields outside the mask are ignored (-want +got):\n%s", diff)
	}
}

func TestOperationsNeverShowTheResource(t *testing.T) {
	for _, lag := range []Lag{LagNone, LagTypical} {
		c := startEnabled(t, Options{Lag: lag})
		created := c.send(t, createPool)
		name, _ := created.at("name").(string)
		if !strings.HasPrefix(name, poolName+"/operations/") || len(created.json) != 1 {
			t.Fatalf("1.5 lag %d: the first answer is a name alone: %s", lag, created.text)
		}
		for range c.lag.polls {
			if diff := cmp.Diff(map[string]any{"name": name}, c.do(t, "GET /v1/"+name, "").json); diff != "" {
				t.Errorf("1.5 lag %d: an early poll is the same (-want +got):\n%s", lag, diff)
			}
		}
		byID := strings.Replace(name, "100200300400", "acme-prod", 1)
		if diff := cmp.Diff(map[string]any{"name": name, "done": true}, c.do(t, "GET /v1/"+byID, "").json); diff != "" {
			t.Errorf("1.5 lag %d: the last poll adds done (-want +got):\n%s", lag, diff)
		}
		if r := c.send(t, "GET "+poolPath); r.status != http.StatusOK {
			t.Errorf("1.5 lag %d: once done the pool can be read, got %d", lag, r.status)
		}
	}
}

func TestNewPoolIsInvisibleUntilItsOperationIsDone(t *testing.T) {
	c := startEnabled(t, Options{Lag: LagTypical})
	c.must(t, createPool)
	if r := c.send(t, createProvider); r.status != http.StatusNotFound {
		t.Errorf("a provider in a pool not polled for: got %d, want 404", r.status)
	}
	c.Advance(c.lag.newPool)
	c.must(t, createProvider)
}

// names lists a field of the items of a list answer.
func names(t *testing.T, r reply, list, field string) []string {
	t.Helper()
	found := []string{}
	items, _ := r.json[list].([]any)
	for _, item := range items {
		m, ok := item.(map[string]any)
		if !ok {
			t.Fatalf("%s: %v is not an object", list, item)
		}
		text, _ := m[field].(string)
		found = append(found, text[strings.LastIndex(text, "/")+1:])
	}
	return found
}

func TestSoftDelete(t *testing.T) {
	c := startEnabled(t, Options{})
	late := strings.ReplaceAll(createProvider, "cks-one", "cks-two")
	c.must(t, createPool, createProvider, late, "DELETE "+providersPath+"/cks-two", "DELETE "+poolPath)

	gone := c.send(t, "GET "+poolPath)
	text, _ := gone.at("expireTime").(string)
	expires, err := time.Parse(time.RFC3339, text)
	if err != nil || gone.at("state") != "DELETED" || expires.Sub(c.clock.Now()) < 29*24*time.Hour {
		t.Errorf("1.4 13.3 a deleted pool can be read, with its end: %s", gone.text)
	}
	// Wire trap 4: gcloud writes its booleans as Python does.
	for query, want := range map[string][]string{"": {}, "?showDeleted=False": {}, "?showDeleted=True": {"k8s-pool"}, "?showDeleted=true": {"k8s-pool"}} {
		if diff := cmp.Diff(want, names(t, c.send(t, "GET "+poolsPath+query), "workloadIdentityPools", "name")); diff != "" {
			t.Errorf("1.4 list%s (-want +got):\n%s", query, diff)
		}
	}
	if got := c.send(t, "GET "+providerPath).at("state"); got != "DELETED" {
		t.Errorf("1.4 providers go with their pool: %v", got)
	}
	c.must(t, "POST "+poolPath+":undelete {}")
	if diff := cmp.Diff([]string{"cks-one"}, names(t, c.send(t, "GET "+providersPath), "workloadIdentityPoolProviders", "name")); diff != "" {
		t.Errorf("1.4 the provider deleted before its pool stays deleted (-want +got):\n%s", diff)
	}
	c.must(t, "POST "+providersPath+"/cks-two:undelete {}", "DELETE "+poolPath)
	c.Advance(softDelete)
	if r := c.send(t, "GET "+poolPath); r.status != http.StatusNotFound {
		t.Errorf("1.4 after 30 days it is purged, got %d", r.status)
	}
	c.must(t, createPool)
}

func TestListsComeInPages(t *testing.T) {
	c := startEnabled(t, Options{})
	for _, id := range []string{"pool-a", "pool-b", "pool-c"} {
		c.must(t, "POST "+poolsPath+"?workloadIdentityPoolId="+id+" {}")
	}
	first := c.send(t, "GET "+poolsPath+"?pageSize=2")
	token, _ := first.at("nextPageToken").(string)
	second := c.send(t, "GET "+poolsPath+"?pageSize=2&pageToken="+token)
	got := append(names(t, first, "workloadIdentityPools", "name"), names(t, second, "workloadIdentityPools", "name")...)
	if diff := cmp.Diff([]string{"pool-a", "pool-b", "pool-c"}, got); diff != "" || second.at("nextPageToken") != nil {
		t.Errorf("two pages of two (-want +got):\n%s", diff)
	}
}
