package trust

import (
	"errors"
	"slices"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// Left are the commands, in order, for what a teardown should have removed and could not.
func (t *Trust) Left(rep pipeline.Report) []string {
	var out []string
	for i := len(rep.Results) - 1; i >= 0; i-- {
		res := rep.Results[i]
		if res.Err != nil && res.Seen.Until != "" { // enable the API, and tear down again
			out = appendOnce(out, append(res.Seen.Remedy.Run, t.wifctl("teardown"))...)
			continue
		}
		if res.Err == nil || res.Planned != pipeline.ActionRemove && !unknown(res) {
			continue
		}
		if command := t.removal(res.ID); command != "" {
			out = append(out, command)
		}
	}
	return out
}

func appendOnce(to []string, more ...string) []string {
	for _, s := range more {
		if !slices.Contains(to, s) {
			to = append(to, s)
		}
	}
	return to
}

// unknown reports whether a step's turn to be removed came to nothing because something
// else went wrong first. What was to be kept is not for anybody to remove.
func unknown(res pipeline.Result) bool {
	var skipped *pipeline.NotRunError
	return errors.As(res.Err, &skipped) && res.Seen.Owner == pipeline.Ours && res.Keep == ""
}

// removal is the command that removes by hand what a step made.
func (t *Trust) removal(id pipeline.ID) string {
	ns := "--namespace=" + t.w.Namespace
	switch id {
	case GCPBinding:
		return gcloud("iam", "service-accounts", "remove-iam-policy-binding", t.email(), "--project="+t.projectName(),
			"--role="+workloadIdentityUser, "--member="+t.member(), "--condition=None")
	case GCSGrant:
		m := t.grant()
		if t.w.Grant == GrantProject {
			return gcloud("projects", "remove-iam-policy-binding", t.projectName(), "--role="+m.role, "--member="+m.member, "--condition=None")
		}
		return gcloud("storage", "buckets", "remove-iam-policy-binding", "gs://"+t.w.Bucket, "--role="+m.role, "--member="+m.member)
	case KubeCredentials:
		return t.kubectl("delete", "configmap", t.configMap(), ns)
	case GCPServiceAccount:
		return gcloud("iam", "service-accounts", "delete", t.email(), "--project="+t.projectName(), "--quiet")
	case GCPProvider:
		return t.providers("delete", "--quiet")
	case GCPPool:
		return t.pools("delete", t.cfg.Pool, "--quiet")
	case KubeServiceAccount:
		return t.kubectl("delete", "serviceaccount", t.w.ServiceAccount, ns)
	case KubeNamespace:
		return t.kubectl("delete", "namespace", t.w.Namespace)
	}
	return ""
}
