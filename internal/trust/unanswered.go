package trust

import (
	"errors"
	"fmt"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/shell"
)

// A look that was not answered says nothing of its claim: the API was down, was asked too
// often, or something on the way answered in its place. Only that the cluster answers, and
// that Google does, is a claim of its own.

// unanswered is the answer of a look that nobody answered.
func unanswered(r pipeline.Remedy, err error) (pipeline.Observation, error) {
	return pipeline.Observation{Remedy: r}, &pipeline.UnansweredError{Err: err}
}

// onlyOf says which claim was being looked at when nobody answered.
func onlyOf(code string, err error) error {
	if u, dark := errors.AsType[*pipeline.UnansweredError](err); dark {
		return &pipeline.UnansweredError{Claim: code, Err: u.Err}
	}
	return err
}

// answers makes a verdict of a look that nobody answered, for the steps that claim that
// there are answers.
func (t *Trust) answers(obs pipeline.Observation, err error) (pipeline.Observation, error) {
	if u, dark := errors.AsType[*pipeline.UnansweredError](err); dark {
		return t.unseen(obs.Remedy, &AccessError{Detail: u.Err.Error(), Err: u.Err})
	}
	return obs, err
}

// silence is what to do about a Google that does not answer.
func (t *Trust) silence(e *gcp.Error) pipeline.Remedy {
	switch e.Reason {
	case gcp.RateLimited:
		return remedy("WIF124", "more was asked of Google than its limits for a minute allow; try again in one", t.again()...)
	case gcp.Unreachable:
		return remedy("WIF124", "Google could not be reached: is a proxy needed (HTTPS_PROXY), or does one show a certificate of its own (SSL_CERT_FILE)? This shows what comes back",
			curlTo(e.Base, t.again())...)
	case gcp.NotGoogle:
		return remedy("WIF124", "something else answered in Google's place, such as a proxy or the login page of a network; this shows what",
			curlTo(e.Base, t.again())...)
	}
	return remedy("WIF124", "such a fault is Google's own and mostly passes, and https://status.cloud.google.com tells of those that last: try again", t.again()...)
}

// curlTo shows whether a host can be reached and then what to do once it can.
func curlTo(base string, then []string) []string {
	if base == "" {
		return then
	}
	return append([]string{shell.Line("curl", "-sS", "-o", "/dev/null", "-w", `%{http_code} %{content_type}\n`, base+"/")}, then...)
}

// again is the command that was run, where it is known.
func (t *Trust) again() []string {
	if t.purpose != ToVerify {
		return nil
	}
	return []string{t.verifyAgain()}
}

// verifyAgain is a verify from where we stand.
func (t *Trust) verifyAgain(extra ...string) string {
	if t.pod == nil {
		return t.wifctl("verify", extra...)
	}
	args := []string{"wifctl", "verify", "--token-file", t.cfg.Pod.TokenFile, "--cred-file", t.cfg.Pod.CredentialFile, "--bucket", t.w.Bucket}
	return shell.Line(append(args, extra...)...)
}

// kubeUnanswered is the answer of a look that the cluster did not answer. It tells whom we
// asked, which the API server's errors do not.
func (t *Trust) kubeUnanswered(err error) (pipeline.Observation, error) {
	asked := "no answer of "
	if e, ok := errors.AsType[*kube.Error](err); ok && e.Status != 0 {
		asked = fmt.Sprintf("%d of ", e.Status)
	}
	return unanswered(t.kubeRemedy(err), fmt.Errorf("%w (%s%s)", err, asked, t.kube.Target().Server))
}
