package gcp

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	viewer  = "roles/storage.objectViewer"
	ours    = "serviceAccount:gcs-reader@acme.iam.gserviceaccount.com"
	theirs  = "user:colleague@acme.example"
	subject = "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/k8s-pool/subject/system:serviceaccount:foo:bar"
)

func TestEditsTouchOneBinding(t *testing.T) {
	conditional := Binding{Role: viewer, Members: []string{ours, theirs}, Condition: &Condition{Title: "weekdays", Expression: "request.time.getDayOfWeek() < 6"}}
	admins := Binding{Role: "roles/storage.admin", Members: []string{theirs}}
	for _, tc := range []struct {
		name    string
		have    []Binding
		edit    func(*Policy) bool
		want    []Binding
		changed bool
	}{
		{"adding to an empty policy makes a binding",
			nil, AddMember(viewer, ours), []Binding{{Role: viewer, Members: []string{ours}}}, true},
		{"adding joins the binding that has no condition",
			[]Binding{conditional, admins, {Role: viewer, Members: []string{theirs}}}, AddMember(viewer, ours),
			[]Binding{conditional, admins, {Role: viewer, Members: []string{theirs, ours}}}, true},
		{"a grant under a condition is not the grant",
			[]Binding{conditional}, AddMember(viewer, ours), []Binding{conditional, {Role: viewer, Members: []string{ours}}}, true},
		{"adding what is there changes nothing",
			[]Binding{{Role: viewer, Members: []string{theirs, ours}}}, AddMember(viewer, ours), []Binding{{Role: viewer, Members: []string{theirs, ours}}}, false},
		{"members of a pool differ by case",
			[]Binding{{Role: viewer, Members: []string{subject + "X"}}}, AddMember(viewer, subject+"x"), []Binding{{Role: viewer, Members: []string{subject + "X", subject + "x"}}}, true},
		{"removing leaves the others",
			[]Binding{conditional, {Role: viewer, Members: []string{theirs, ours}}}, RemoveMember(viewer, ours),
			[]Binding{conditional, {Role: viewer, Members: []string{theirs}}}, true},
		{"removing the last member removes the binding",
			[]Binding{admins, {Role: viewer, Members: []string{ours}}}, RemoveMember(viewer, ours), []Binding{admins}, true},
		{"removing finds the member in every binding of the role",
			[]Binding{{Role: viewer, Members: []string{ours}}, {Role: viewer, Members: []string{ours, theirs}}}, RemoveMember(viewer, ours),
			[]Binding{{Role: viewer, Members: []string{theirs}}}, true},
		{"removing what is granted under a condition changes nothing",
			[]Binding{conditional}, RemoveMember(viewer, ours), []Binding{conditional}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := Policy{Bindings: tc.have}
			if got := tc.edit(&p); got != tc.changed {
				t.Errorf("changed: got %v, want %v", got, tc.changed)
			}
			if diff := cmp.Diff(tc.want, p.Bindings); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestPolicyIsAskedAboutMembers(t *testing.T) {
	p := Policy{Bindings: []Binding{
		{Role: viewer, Members: []string{theirs, ours}},
		{Role: viewer, Members: []string{"user:b@acme.example", theirs}},
		{Role: viewer, Members: []string{subject}, Condition: &Condition{Expression: "true"}},
		{Role: "roles/x", Members: []string{"deleted:" + ours + "?uid=2", "deleted:serviceaccount:GCS-reader@acme.iam.gserviceaccount.com?uid=1", "deleted:user:x@acme.example?uid=3"}},
	}}
	if diff := cmp.Diff([]string{ours, "user:b@acme.example", theirs}, p.Members(viewer)); diff != "" {
		t.Errorf("members, -want +got:\n%s", diff)
	}
	if !p.Has(viewer, ours) || p.Has(viewer, subject) || p.Has("roles/x", ours) {
		t.Error("Has counts other bindings than the one without a condition")
	}
	twins := []string{"deleted:serviceAccount:gcs-reader@acme.iam.gserviceaccount.com?uid=2", "deleted:serviceaccount:GCS-reader@acme.iam.gserviceaccount.com?uid=1"}
	if diff := cmp.Diff(twins, p.DeletedTwins(ours)); diff != "" {
		t.Errorf("twins, -want +got:\n%s", diff)
	}
}

func TestWritingKeepsWhatWeHaveNoNameFor(t *testing.T) {
	const read = `{
		"kind": "storage#policy", "resourceId": "projects/_/buckets/b", "version": 3, "etag": "CAI=",
		"bindings": [
			{"role": "roles/storage.objectViewer", "members": ["user:colleague@acme.example"], "note": "foreign", "condition": {"title": "t", "expression": "a < b && c", "location": "x.cel:1"}},
			{"role": "roles/storage.objectViewer", "members": ["user:colleague@acme.example"], "bindingId": "7"},
			{"role": "roles/storage.admin", "members": ["deleted:serviceaccount:gone@acme.example?uid=1"]}
		],
		"auditConfigs": [{"service": "sts.googleapis.com", "auditLogConfigs": [{"logType": "DATA_READ"}]}],
		"rules": [{"in": ["x"]}]
	}`
	const want = `{
		"kind": "storage#policy", "resourceId": "projects/_/buckets/b", "version": 3, "etag": "CAI=",
		"bindings": [
			{"role": "roles/storage.objectViewer", "members": ["user:colleague@acme.example"], "note": "foreign", "condition": {"title": "t", "expression": "a < b && c", "location": "x.cel:1"}},
			{"role": "roles/storage.objectViewer", "members": ["user:colleague@acme.example", "serviceAccount:gcs-reader@acme.iam.gserviceaccount.com"], "bindingId": "7"},
			{"role": "roles/storage.admin", "members": ["deleted:serviceaccount:gone@acme.example?uid=1"]}
		],
		"auditConfigs": [{"service": "sts.googleapis.com", "auditLogConfigs": [{"logType": "DATA_READ"}]}],
		"rules": [{"in": ["x"]}]
	}`
	p, err := decodePolicy(json.RawMessage(read))
	if err != nil {
		t.Fatal(err)
	}
	AddMember(viewer, ours)(&p)
	got, err := p.encode()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(parsed(t, want), parsed(t, string(got))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAPolicyWithoutBindingsIsWrittenWithAnEmptyList(t *testing.T) {
	p, err := decodePolicy(json.RawMessage(`{"etag":"ACAB","bindings":[{"role":"roles/x","members":["user:a@b.c"]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	RemoveMember("roles/x", "user:a@b.c")(&p)
	got, err := p.encode()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(parsed(t, `{"version":3,"etag":"ACAB","bindings":[]}`), parsed(t, string(got))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func FuzzPolicySurvivesTheRoundTrip(f *testing.F) {
	f.Add(`{"etag":"ACAB"}`)
	f.Add(`{"version":3,"etag":"x","bindings":[{"role":"r","members":["m"],"condition":{"expression":"a"}},{"role":"r","members":["m"]},{"role":"r","members":["m"]}],"more":1}`)
	f.Add(`{"etag":"x","bindings":[{"role":"r","members":null,"condition":null}]}`)
	f.Fuzz(func(t *testing.T, document string) {
		p, err := decodePolicy(json.RawMessage(document))
		if err != nil || p.Etag == "" {
			t.Skip("not a policy that is ever written")
		}
		out, err := p.encode()
		if err != nil {
			t.Fatalf("encode: %v", err)
		}
		again, err := decodePolicy(out)
		if err != nil {
			t.Fatalf("decode: %v", err)
		}
		if len(p.Bindings) != len(again.Bindings) {
			t.Fatalf("%d bindings became %d", len(p.Bindings), len(again.Bindings))
		}
		for i := range p.Bindings {
			if diff := cmp.Diff(p.Bindings[i], again.Bindings[i]); diff != "" {
				t.Errorf("binding %d changed:\n%s", i, diff)
			}
		}
	})
}

func parsed(t *testing.T, document string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(document), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func sameJSON(t *testing.T, want, got string) {
	t.Helper()
	if diff := cmp.Diff(parsed(t, want), parsed(t, got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
