package trust

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/shell"
)

func curl(issuer string) string {
	return shell.Line("curl", "-fsS", strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration")
}

// curlFailed fetches the document that could not be read.
func curlFailed(issuer string, err error) string {
	if e, ok := errors.AsType[*cks.DiscoveryError](err); ok && e.Stage == cks.StageJWKS && e.URL != "" {
		return shell.Line("curl", "-fsS", e.URL)
	}
	return curl(issuer)
}

// disagreement is what to do when the sources name different issuers, or one that
// Google could not use.
func (t *Trust) disagreement(err error) pipeline.Remedy {
	if d, ok := errors.AsType[*cks.DisagreementError](err); ok {
		return remedy("WIF112", fmt.Sprintf("Google compares the issuer byte for byte, and %d sources do not agree: is the context that of the cluster you mean?", len(d.Sources)),
			append([]string{t.kubectl("get", "--raw", "/.well-known/openid-configuration")}, t.withoutIssuer(d.Sources)...)...)
	}
	return t.noIssuer()
}

// noIssuer is what to do about an issuer that is no https URL. A token is the only place
// where it is named.
func (t *Trust) noIssuer() pipeline.Remedy {
	shown := t.kubectl("create", "token", otherServiceAccount, "--namespace=default", "--audience="+forNobody)
	if t.pod != nil {
		shown = shell.Line("cat", t.cfg.Pod.TokenFile)
	}
	return remedy("WIF114", "Google takes an https URL without query and fragment as an issuer, and Kubernetes publishes no other. "+
		"It is a setting of the cluster's API server (--service-account-issuer). This shows which it has, as \"iss\"",
		shown+" | cut -d. -f2 | tr _- /+ | base64 -d 2>/dev/null")
}

// unreadable is what to do about an issuer that can't be used as it is published.
func (t *Trust) unreadable(issuer string, err error) pipeline.Remedy {
	e, ok := errors.AsType[*cks.DiscoveryError](err)
	if ok && e.Fault == cks.FaultBadIssuer {
		return t.noIssuer()
	}
	return remedy(discoveryCode(err), unreadableCause(err), curlFailed(issuer, err))
}

// discoveryCode is the code of the claim that an unreadable issuer belies.
func discoveryCode(err error) string {
	e, ok := errors.AsType[*cks.DiscoveryError](err)
	switch {
	case ok && e.Fault == cks.FaultNoUsableKey:
		return "WIF116"
	case ok && e.Stage == cks.StageJWKS:
		return "WIF115"
	}
	return "WIF113"
}

func unreadableCause(err error) string {
	e, _ := errors.AsType[*cks.DiscoveryError](err)
	switch {
	case e == nil:
	case e.Fault == cks.FaultNoUsableKey:
		return "Google takes RSA keys of 2048 bits or more and EC keys on P-256, with a kid. " +
			"Which key signs is a setting of the cluster's API server (--service-account-signing-key-file)"
	case e.Fault == cks.FaultIssuerMismatch:
		return "what is published there is not about the issuer that the tokens name, and Google compares the two byte for byte"
	case e.Fault == cks.FaultBadJWKSURI:
		return "Google reads the keys where the document's jwks_uri says, by https. It is a setting of the cluster's API server (--service-account-jwks-uri)"
	}
	return "Google reads this from the internet, without credentials, before it believes a token"
}

// withoutIssuer is a verify without --issuer, where that alone differs from what all the others
// say. No setup: it would trust whatever cluster the context is of.
func (t *Trust) withoutIssuer(sources []cks.Source) []string {
	others := slices.DeleteFunc(slices.Clone(sources), func(s cks.Source) bool { return s.Name == flagIssuer })
	if _, err := cks.Agree(others); err != nil || len(others) == len(sources) || t.purpose != ToVerify {
		return nil
	}
	cfg := t.cfg
	cfg.Issuer = ""
	return []string{t.wifctlOf(cfg, "verify")}
}

// sourceRemedy is what to do when a source did not answer.
func (t *Trust) sourceRemedy(err error) pipeline.Remedy {
	if coreweaveSilent(err) {
		var run []string
		for _, again := range t.again() {
			run = append(run, again, "env -u COREWEAVE_API_TOKEN "+again)
		}
		return remedy("WIF111", "the CoreWeave API was asked because COREWEAVE_API_TOKEN is set. Such a fault mostly passes, and without the token the cluster alone is believed", run...)
	}
	if api, ok := errors.AsType[*cks.APIError](err); ok {
		return remedy("WIF111", strings.TrimSpace("the CoreWeave API was asked because COREWEAVE_API_TOKEN is set. "+api.Hint())+". Without the token the cluster alone is believed",
			t.withoutCoreweave()...)
	}
	if _, ok := errors.AsType[*cks.NotFoundError](err); ok {
		return remedy("WIF111", "no cluster of this token fits: name it by --cluster (id, or name and --zone), or unset COREWEAVE_API_TOKEN to believe the cluster alone",
			t.withoutCoreweave()...)
	}
	if many, ok := errors.AsType[*cks.AmbiguousError](err); ok {
		return remedy("WIF111", "more than one cluster fits: name one by its id with --cluster, or add --zone", t.oneOf(many.Matches)...)
	}
	return t.kubeRemedy(err)
}

// withoutCoreweave is a verify that does not ask CoreWeave's API. No setup: it would trust
// whatever cluster the context is of.
func (t *Trust) withoutCoreweave() []string {
	if t.purpose != ToVerify {
		return nil
	}
	cfg := t.cfg
	cfg.Cluster, cfg.Zone = "", ""
	return []string{"env -u COREWEAVE_API_TOKEN " + t.wifctlOf(cfg, "verify")}
}

// oneOf are verifies of some clusters, of which one is meant.
func (t *Trust) oneOf(clusters []cks.Cluster) (run []string) {
	if t.purpose != ToVerify {
		return nil
	}
	const most = 3
	for _, c := range clusters[:min(most, len(clusters))] {
		cfg := t.cfg
		cfg.Cluster, cfg.Zone = c.ID, ""
		run = append(run, t.wifctlOf(cfg, "verify"))
	}
	return run
}
