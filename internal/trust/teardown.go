package trust

import (
	"errors"
	"slices"

	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/wif"
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
		out = append(out, t.removal(res.ID)...)
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

// removal are the commands that take back by hand what a step made, and no more than that.
func (t *Trust) removal(id pipeline.ID) []string {
	ns := "--namespace=" + t.w.Namespace
	switch id {
	case GCPBinding:
		return t.bindingRemoval()
	case GCSBucket:
		return []string{gcloud("storage", "rm", "gs://"+t.w.Bucket+"/"+helloObject), gcloud("storage", "buckets", "delete", "gs://"+t.w.Bucket, "--quiet")}
	case GCSGrant:
		return []string{t.grant().command("remove")}
	case KubeCredentials:
		return []string{t.kubectl("delete", "configmap", t.configMap(), ns)}
	case GCPServiceAccount:
		return []string{gcloud("iam", "service-accounts", "delete", t.email(), "--project="+t.projectName(), "--quiet")}
	case GCPProvider:
		return []string{t.providerRemoval()}
	case GCPPool:
		return []string{t.pools("delete", t.cfg.Pool, "--quiet")}
	case KubeServiceAccount:
		return []string{t.kubectl("delete", "serviceaccount", t.w.ServiceAccount, ns)}
	case KubeNamespace:
		return []string{t.kubectl("delete", "namespace", t.w.Namespace)}
	}
	return nil
}

// bindingRemoval takes the workload's leave away in every form that setup gave it.
func (t *Trust) bindingRemoval() (run []string) {
	for _, m := range t.bound(t.facts.impersonators) {
		if t.bindingOwner(m) == pipeline.Ours {
			run = append(run, m.command("remove"))
		}
	}
	return run
}

// providerRemoval deletes the provider or, where it serves other namespaces, leaves it to them.
func (t *Trust) providerRemoval() string {
	if namespaces := t.facts.others.namespaces; len(namespaces) > 0 {
		return t.providers("update-oidc", "--attribute-condition="+wif.Condition(namespaces))
	}
	return t.providers("delete", "--quiet")
}
