package gcp

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

const (
	readBucket  = "storage.buckets.getIamPolicy"
	writeBucket = "storage.buckets.setIamPolicy"
)

func TestEditStartsOverFromAFreshRead(t *testing.T) {
	empty := func(etag string) answerTo {
		return answerTo{method: readBucket, body: `{"version":1,"etag":"` + etag + `"}`}
	}
	granted := answerTo{method: readBucket, body: `{"version":1,"etag":"CAM=","bindings":[{"role":"` + viewer + `","members":["` + ours + `"]}]}`}
	refuse := func(status int, reason, message string) answerTo {
		return answerTo{method: writeBucket, status: status, body: storageRefusal(status, reason, message)}
	}
	stale := refuse(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")
	written := answerTo{method: writeBucket, body: `{}`}
	for _, tc := range []struct {
		name    string
		answers []answerTo
		changed bool
		want    Reason
	}{
		{"a quiet policy is written once", []answerTo{empty("CAE="), written}, true, Unknown},
		{"a grant that is there is not written", []answerTo{granted}, false, Unknown},
		{"a stale etag is followed by a fresh read", []answerTo{empty("CAE="), stale, empty("CAI="), written}, true, Unknown},
		{"an aborted write, too", []answerTo{empty("CAE="), refuse(409, "aborted", "There were concurrent policy changes."), empty("CAI="), written}, true, Unknown},
		{"too many requests, too", []answerTo{empty("CAE="), refuse(429, "rateLimitExceeded", "slowly"), empty("CAE="), written}, true, Unknown},
		{"somebody else made the same grant first", []answerTo{empty("CAE="), stale, granted}, false, Unknown},
		{"a lost write that took effect is a change", []answerTo{empty("CAE="), refuse(503, "backendError", "later"), granted}, true, Unknown},
		{"a lost write that did not is repeated", []answerTo{empty("CAE="), refuse(503, "backendError", "later"), empty("CAE="), written}, true, Unknown},
		{"uniform access is not a stale etag", []answerTo{empty("CAE="), refuse(412, "conditionNotMet", "To set IAM conditions in this bucket, enable uniform bucket-level access.")}, false, UniformAccessRequired},
		{"public access prevention is not, either", []answerTo{empty("CAE="), refuse(412, "conditionNotMet", "The member bindings allUsers and allAuthenticatedUsers are not allowed since public access prevention is enforced.")}, false, PublicAccessPrevented},
		{"a member that is not visible is the caller's to wait for", []answerTo{empty("CAE="), refuse(400, "badRequest", "Service account x@p.iam.gserviceaccount.com does not exist.")}, false, MemberNotVisible},
		{"a policy without an etag is never written", []answerTo{{method: readBucket, body: `{"version":1}`}}, false, Invalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _, _ := follow(t, tc.answers...)
				changed, err := c.EditPolicy(t.Context(), BucketPolicy("b"), AddMember(viewer, ours))
				if changed != tc.changed || ReasonOf(err) != tc.want {
					t.Errorf("got %v, %v; want %v, reason %q", changed, err, tc.changed, tc.want)
				}
				if tc.want == Unknown && err != nil {
					t.Errorf("got %v, want no error", err)
				}
			})
		})
	}
}

func TestEditGivesUpOnABusyPolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, seen := clientOf(t, memory{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if methodOf(r).writes {
				w.WriteHeader(http.StatusConflict)
				fmt.Fprint(w, refusal(409, "ABORTED", "There were concurrent policy changes."))
				return
			}
			fmt.Fprint(w, `{"etag":"ACAB"}`)
		})})
		changed, err := c.EditPolicy(t.Context(), ProjectPolicy("acme"), AddMember(viewer, ours))
		if changed || !is(err, Aborted) {
			t.Errorf("got %v, %v", changed, err)
		}
		if got := len(seen.all); got != 2*maxEdits {
			t.Errorf("%d requests, want %d", got, 2*maxEdits)
		}
	})
}

func TestEachAPIIsAskedForVersion3InItsOwnWay(t *testing.T) {
	for _, tc := range []struct {
		name              string
		target            PolicyTarget
		read, readBody    string
		write, writeBody  string
		readURL, writeURL string
	}{
		{
			"a service account", ServiceAccountPolicy("acme", someone),
			iamAccounts + "getIamPolicy", "", iamAccounts + "setIamPolicy", `{"policy":{"bindings":[],"etag":"x","version":3}}`,
			"https://iam.googleapis.com/v1/projects/acme/serviceAccounts/gcs-reader@acme.iam.gserviceaccount.com:getIamPolicy?options.requestedPolicyVersion=3",
			"https://iam.googleapis.com/v1/projects/acme/serviceAccounts/gcs-reader@acme.iam.gserviceaccount.com:setIamPolicy",
		}, {
			"a bucket", BucketPolicy("my-bucket"),
			readBucket, "", writeBucket, `{"bindings":[],"etag":"x","version":3}`,
			"https://storage.googleapis.com/storage/v1/b/my-bucket/iam?optionsRequestedPolicyVersion=3",
			"https://storage.googleapis.com/storage/v1/b/my-bucket/iam",
		}, {
			"a project", ProjectPolicy("acme"),
			"cloudresourcemanager.projects.getIamPolicy", `{"options":{"requestedPolicyVersion":3}}`, "cloudresourcemanager.projects.setIamPolicy", `{"policy":{"bindings":[],"etag":"x","version":3}}`,
			"https://cloudresourcemanager.googleapis.com/v1/projects/acme:getIamPolicy",
			"https://cloudresourcemanager.googleapis.com/v1/projects/acme:setIamPolicy",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, s, _ := follow(t, answerTo{method: tc.read, body: `{"etag":"x"}`}, answerTo{method: tc.write, body: `{}`})
			if _, err := c.EditPolicy(t.Context(), tc.target, func(*Policy) bool { return true }); err != nil {
				t.Fatal(err)
			}
			want := []string{tc.readURL, tc.readBody, tc.writeURL, tc.writeBody}
			got := []string{s.seen[0].URL.String(), s.bodies[0], s.seen[1].URL.String(), s.bodies[1]}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// shelf holds one policy and refuses a write with an etag that is out of date.
type shelf struct {
	mu      sync.Mutex
	changes int
	fields  map[string]json.RawMessage
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	etag := strconv.Itoa(s.changes)
	if !methodOf(r).writes {
		s.fields["etag"] = json.RawMessage(strconv.Quote(etag))
		_ = json.NewEncoder(w).Encode(s.fields)
		return
	}
	body, _ := io.ReadAll(r.Body)
	var sent struct {
		Policy map[string]json.RawMessage `json:"policy"`
	}
	if err := json.Unmarshal(body, &sent); err != nil || string(sent.Policy["etag"]) != strconv.Quote(etag) {
		w.WriteHeader(http.StatusConflict)
		fmt.Fprint(w, refusal(409, "ABORTED", "There were concurrent policy changes."))
		return
	}
	s.fields = sent.Policy
	s.changes++
	fmt.Fprint(w, `{}`)
}

func TestEditsAtTheSameTimeLoseNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const editors = 6
		policy := &shelf{fields: map[string]json.RawMessage{}}
		c, _ := clientOf(t, memory{policy})
		var wg sync.WaitGroup
		errs := make([]error, editors)
		for i := range editors {
			wg.Go(func() {
				_, errs[i] = c.EditPolicy(t.Context(), ProjectPolicy("acme"), AddMember(viewer, fmt.Sprintf("user:%d@acme.example", i)))
			})
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		p, err := c.Policy(t.Context(), ProjectPolicy("acme"))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Members(viewer); len(got) != editors {
			t.Errorf("got %s, want %d members", strings.Join(got, " "), editors)
		}
	})
}
