package trust

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/wif"
)

const (
	number, cluster = "123456789012", "1063bce6-6e5b-4b0a-b73a-7e6106b2a77c"
	issuer          = "https://oidc.cks.coreweave.com/id/" + cluster
)

// known is a trust whose facts are learned.
func known(change ...func(*Config)) *Trust {
	cfg := valid()
	cfg.Workloads[0].Namespace = "foo"
	cfg.Workloads[0].ServiceAccount = "bar"
	for _, f := range change {
		f(&cfg)
	}
	t := New(cfg, ToSetUp, Clients{})
	t.facts.issuer, t.facts.cluster = issuer, cluster
	t.facts.project = gcp.Project{ID: "my-project-123", Number: number, State: "ACTIVE"}
	return t
}

// Uploaded keys that are the issuer's today are a warning. Ours is mended by setup; for
// somebody else's there is no command, since to upload the same again mends nothing.
func TestUploadedKeysOfTodayAreAWarning(t *testing.T) {
	const keys = `{"keys":[{"kty":"RSA","alg":"RS256","use":"sig","kid":"k1","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB"}]}`
	published, err := cks.ParseKeys([]byte(keys))
	if err != nil {
		t.Fatal(err)
	}
	for description, commands := range map[string]int{mark(issuer): 1, "made by Terraform": 0} {
		tr := known()
		tr.purpose, tr.facts.published = ToVerify, cks.Discovery{Keys: published}
		p := tr.newProvider()
		p.Description, p.JWKS, p.Kind = description, keys, gcp.KindOIDC
		f, found := tr.judgeProvider(p).Of("WIF318")
		if !found || f.Verdict != pipeline.Warn || len(f.Remedy.Run) != commands {
			t.Errorf("%s: got %+v, want a warning with %d commands", description, f, commands)
		}
	}
}

// A look at a provider is judged by whose it is and by what the workload needs of it.
func TestProvidersAreJudgedByOwnerAndNeed(t *testing.T) {
	adopt := func(c *Config) { c.Adopt = true }
	subject := func(c *Config) { c.Principal = PrincipalSubject }
	theirs := func(p *gcp.Provider) { p.Description = "made by Terraform" }
	for _, c := range []struct {
		name   string
		config []func(*Config)
		change []func(*gcp.Provider)
		status pipeline.Status
		action pipeline.Action
		code   string
		diffs  []string
	}{
		{name: "ours as written is fine", status: pipeline.Met, action: pipeline.ActionNone},
		{name: "theirs as we would write it is fine", change: []func(*gcp.Provider){theirs}, status: pipeline.Met, action: pipeline.ActionNone},

		{name: "ours, condition lost: written again", change: []func(*gcp.Provider){func(p *gcp.Provider) { p.Condition = "" }},
			status: pipeline.Drifted, action: pipeline.ActionUpdate, code: "WIF316", diffs: []string{"attributeCondition"}},
		{name: "theirs without a condition admits us", change: []func(*gcp.Provider){theirs, func(p *gcp.Provider) { p.Condition = "" }},
			status: pipeline.Met, action: pipeline.ActionNone},
		{name: "ours for another namespace: ours is added", change: []func(*gcp.Provider){func(p *gcp.Provider) { p.Condition = wif.Condition([]string{"web"}) }},
			status: pipeline.Drifted, action: pipeline.ActionUpdate, code: "WIF316", diffs: []string{"attributeCondition"}},
		{name: "another form of condition that admits us is fine", change: []func(*gcp.Provider){func(p *gcp.Provider) { p.Condition = "assertion.sub.startsWith('system:serviceaccount:foo:')" }},
			status: pipeline.Met, action: pipeline.ActionNone},
		{name: "another form that turns us away is not rewritten, though ours", change: []func(*gcp.Provider){func(p *gcp.Provider) { p.Condition = "attribute.k8s_ns == 'web'" }},
			status: pipeline.Blocked, action: pipeline.ActionRefuse, code: "WIF316"},
		{name: "unless asked to", config: []func(*Config){adopt}, change: []func(*gcp.Provider){func(p *gcp.Provider) { p.Condition = "attribute.k8s_ns == 'web'" }},
			status: pipeline.Drifted, action: pipeline.ActionUpdate, code: "WIF316", diffs: []string{"attributeCondition"}},

		{name: "ours with another issuer is set right", change: []func(*gcp.Provider){func(p *gcp.Provider) { p.Issuer = issuer + "/" }},
			status: pipeline.Drifted, action: pipeline.ActionUpdate, code: "WIF314", diffs: []string{"oidc.issuerUri"}},
		{name: "theirs with another issuer is refused, even to adopt", config: []func(*Config){adopt}, change: []func(*gcp.Provider){theirs, func(p *gcp.Provider) { p.Issuer = issuer + "/" }},
			status: pipeline.Blocked, action: pipeline.ActionRefuse, code: "WIF314"},
		{name: "ours of another cluster is refused, even to adopt", config: []func(*Config){adopt}, change: []func(*gcp.Provider){func(p *gcp.Provider) {
			p.Issuer = "https://oidc.cks.coreweave.com/id/other"
			p.Description = mark(p.Issuer)
		}}, status: pipeline.Blocked, action: pipeline.ActionRefuse, code: "WIF314"},

		{name: "theirs that maps to the same values is fine", change: []func(*gcp.Provider){theirs, func(p *gcp.Provider) {
			p.Condition = "assertion.sub.startsWith('system:serviceaccount:foo:')"
			p.Mapping = map[string]string{"google.subject": "assertion['sub']", wif.WorkloadAttribute: "'" + cluster + "/' + assertion.sub.split(':')[2] + '/' + assertion.sub.split(':')[3]"}
		}}, status: pipeline.Met, action: pipeline.ActionNone},
		{name: "theirs that maps everybody to the workload is refused", change: []func(*gcp.Provider){theirs, func(p *gcp.Provider) {
			p.Mapping[wif.WorkloadAttribute] = "'" + cluster + "/foo/bar'"
		}}, status: pipeline.Blocked, action: pipeline.ActionRefuse, code: "WIF315", diffs: []string{"attributeMapping[attribute.k8s_workload]"}},
		{name: "theirs whose condition reads what is not mapped is refused", change: []func(*gcp.Provider){theirs, func(p *gcp.Provider) {
			delete(p.Mapping, "attribute.k8s_ns")
		}}, status: pipeline.Blocked, action: pipeline.ActionRefuse, code: "WIF315", diffs: []string{"attributeMapping[attribute.k8s_ns]"}},
		{name: "theirs with another subject is fine, where the binding names the workload", change: []func(*gcp.Provider){theirs, func(p *gcp.Provider) {
			p.Mapping[subjectKey] = "assertion.iss + '::' + assertion.sub"
		}}, status: pipeline.Met, action: pipeline.ActionNone},
		{name: "adopting a condition takes what it reads along", config: []func(*Config){adopt}, change: []func(*gcp.Provider){theirs, func(p *gcp.Provider) {
			delete(p.Mapping, "attribute.k8s_ns")
			p.Condition = "assertion.sub == 'somebody'"
		}}, status: pipeline.Drifted, action: pipeline.ActionAdopt, code: "WIF316", diffs: []string{"attributeCondition", "attributeMapping[attribute.k8s_ns]"}},
		{name: "ours with a subject that is too long is set right", change: []func(*gcp.Provider){func(p *gcp.Provider) {
			p.Mapping[subjectKey] = "assertion.sub + assertion.sub + assertion.sub + assertion.sub + assertion.sub"
		}}, status: pipeline.Drifted, action: pipeline.ActionUpdate, code: "WIF319", diffs: []string{"attributeMapping[google.subject]"}},
		{name: "theirs without our attribute is refused", change: []func(*gcp.Provider){theirs, func(p *gcp.Provider) { delete(p.Mapping, wif.WorkloadAttribute) }},
			status: pipeline.Blocked, action: pipeline.ActionRefuse, code: "WIF315", diffs: []string{"attributeMapping[attribute.k8s_workload]"}},
		{name: "but not missed when the subject is bound", config: []func(*Config){subject}, change: []func(*gcp.Provider){theirs, func(p *gcp.Provider) { delete(p.Mapping, wif.WorkloadAttribute) }},
			status: pipeline.Met, action: pipeline.ActionNone},
		{name: "and adopted when asked", config: []func(*Config){adopt}, change: []func(*gcp.Provider){theirs, func(p *gcp.Provider) { delete(p.Mapping, wif.WorkloadAttribute) }},
			status: pipeline.Drifted, action: pipeline.ActionAdopt, code: "WIF315", diffs: []string{"attributeMapping[attribute.k8s_workload]"}},
		{name: "an attribute that names another cluster is refused", change: []func(*gcp.Provider){theirs, func(p *gcp.Provider) { p.Mapping[wif.WorkloadAttribute] = "'other/foo/bar'" }},
			status: pipeline.Blocked, action: pipeline.ActionRefuse, code: "WIF315", diffs: []string{"attributeMapping[attribute.k8s_workload]"}},

		{name: "audiences of its own turn our tokens away", change: []func(*gcp.Provider){func(p *gcp.Provider) { p.Audiences = []string{"https://example.com"} }},
			status: pipeline.Drifted, action: pipeline.ActionUpdate, code: "WIF317", diffs: []string{"oidc.allowedAudiences"}},
		{name: "audiences that list ours are fine", change: []func(*gcp.Provider){theirs, func(p *gcp.Provider) {
			p.Audiences = []string{"https://example.com", wif.TokenAudience(number, DefaultPool, wif.DefaultProvider(cluster))}
		}}, status: pipeline.Met, action: pipeline.ActionNone},
		{name: "ours with uploaded keys goes back to the issuer's", change: []func(*gcp.Provider){func(p *gcp.Provider) { p.JWKS = `{"keys":[]}` }},
			status: pipeline.Drifted, action: pipeline.ActionUpdate, code: "WIF318", diffs: []string{"oidc.jwksJson"}},
		{name: "ours that is disabled is enabled", change: []func(*gcp.Provider){func(p *gcp.Provider) { p.Disabled = true }},
			status: pipeline.Drifted, action: pipeline.ActionUpdate, code: "WIF313", diffs: []string{"disabled"}},
		{name: "theirs that is disabled stays so", change: []func(*gcp.Provider){theirs, func(p *gcp.Provider) { p.Disabled = true }},
			status: pipeline.Blocked, action: pipeline.ActionRefuse, code: "WIF313", diffs: []string{"disabled"}},
		{name: "a provider of another kind is refused", change: []func(*gcp.Provider){func(p *gcp.Provider) { p.Kind = gcp.KindAWS }},
			status: pipeline.Blocked, action: pipeline.ActionRefuse, code: "WIF311"},

		{name: "deleted and fitting is restored", change: []func(*gcp.Provider){theirs, func(p *gcp.Provider) { p.State = gcp.Deleted }},
			status: pipeline.Absent, action: pipeline.ActionRestore, code: "WIF312"},
		{name: "deleted and theirs and different is not", change: []func(*gcp.Provider){theirs, func(p *gcp.Provider) { p.State, p.Disabled = gcp.Deleted, true }},
			status: pipeline.Blocked, action: pipeline.ActionRefuse, code: "WIF312", diffs: []string{"disabled"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := known(c.config...)
			p := tr.newProvider()
			p.Kind, p.State = gcp.KindOIDC, gcp.Active
			for _, f := range c.change {
				f(&p)
			}
			got := tr.judgeProvider(p)
			var paths []string
			for _, d := range got.Diffs {
				paths = append(paths, d.Path)
			}
			if got.Status != c.status || got.Next() != c.action || got.Remedy.Code != c.code {
				t.Errorf("got %s, %s, %q (%s); want %s, %s, %q", got.Status, got.Next(), got.Remedy.Code, got.Detail, c.status, c.action, c.code)
			}
			if diff := cmp.Diff(c.diffs, paths); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAPatchCoversWhatDiffersAndNoMore(t *testing.T) {
	got := masks([]pipeline.Diff{
		{Path: "attributeCondition"}, {Path: mappingPath("google.subject")}, {Path: mappingPath("attribute.k8s_ns")}, {Path: "oidc.issuerUri"},
	})
	if want := []string{"attributeCondition", "attributeMapping", "oidc.issuerUri"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAMarkNamesTheIssuerWithinGooglesLimit(t *testing.T) {
	for _, iss := range []string{issuer, "https://example.com/" + string(make([]byte, 2000))} {
		m := mark(iss)
		if len(m) > maxDescription || ownerOf(m) != pipeline.Ours {
			t.Errorf("mark of a %d byte issuer: %d bytes, owner %v", len(iss), len(m), ownerOf(m))
		}
	}
	if p := known().newProvider(); len(p.DisplayName) > 32 || len(p.Description) > 256 {
		t.Errorf("display name of %d, description of %d characters: Google takes 32 and 256", len(p.DisplayName), len(p.Description))
	}
	for _, other := range []string{"", "managed by wifctl", "Not Managed by wifctl"} {
		if ownerOf(other) == pipeline.Ours {
			t.Errorf("%q passes for ours", other)
		}
	}
}
