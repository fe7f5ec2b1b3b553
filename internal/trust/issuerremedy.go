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
	return remedy("WIF114", "Google accepts an https URL without query and fragment as an issuer",
		t.kubectl("get", "--raw", "/.well-known/openid-configuration"))
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
		return remedy("WIF111", strings.TrimSpace("the CoreWeave API was asked because COREWEAVE_API_TOKEN is set. "+api.Hint()))
	}
	if _, ok := errors.AsType[*cks.NotFoundError](err); ok {
		return remedy("WIF111", "no cluster of this token fits: name it by --cluster (id, or name and --zone), or unset COREWEAVE_API_TOKEN to believe the cluster alone")
	}
	if _, ok := errors.AsType[*cks.AmbiguousError](err); ok {
		return remedy("WIF111", "more than one cluster fits: name one by its id with --cluster, or add --zone")
	}
	return t.kubeRemedy(err)
}
