package trust

import (
	"context"
	"errors"
	"strings"

	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// refusedByPolicy is what to do where the cluster's admission refuses what we asked for. It
// is no matter of permissions: an administrator of the cluster is refused as well.
func (t *Trust) refusedByPolicy(ctx context.Context, code string, err error) pipeline.Remedy {
	e, ok := errors.AsType[*kube.Error](err)
	if !ok {
		return pipeline.Remedy{}
	}
	who, image := kube.RefusalIn(e.Message), ""
	if code == "WIF652" {
		image = "; if that is about the pod's image, --image takes another"
	}
	switch {
	case who.Policy != "":
		return remedy(code, who.Kind+" "+who.Policy+" of the cluster refuses it. Ask whoever made it: it can be changed, or namespace "+t.w.Namespace+" be excepted from it"+image,
			t.exceptFrom(ctx, who)...)
	case who.Silent:
		return remedy(code, "nothing is admitted while webhook "+who.Webhook+" of the cluster does not answer. Whoever runs it can mend that; this shows to which configuration it belongs", t.webhooks())
	case who.Webhook != "":
		return remedy(code, "webhook "+who.Webhook+" of the cluster refuses it. Whoever runs it can let it pass; this shows to which configuration it belongs"+image, t.webhooks())
	}
	return remedy(code, quotaCause(e.Message), t.kubectl("describe", "namespace", t.w.Namespace))
}

// exceptFrom shows a policy and excepts the namespace. Whoever may not read the binding does
// not learn whom it is for, and what is not known is not overwritten.
func (t *Trust) exceptFrom(ctx context.Context, who kube.Refusal) []string {
	kind := strings.ToLower(who.Kind)
	show := t.adminKubectl("get", kind+"/"+who.Policy, kind+"binding/"+who.Binding, "-o", "yaml")
	if t.kube == nil {
		return []string{show}
	}
	patch, err := t.kube.Excepted(ctx, who, t.w.Namespace)
	if err != nil {
		return []string{show}
	}
	return []string{show, t.adminKubectl("patch", kind+"binding", who.Binding, "--type=merge", "--patch="+patch)}
}

// webhooks shows the name of each webhook beside that of its configuration.
func (t *Trust) webhooks() string {
	return t.adminKubectl("get", "validatingwebhookconfigurations,mutatingwebhookconfigurations", "-o", "custom-columns=KIND:.kind,NAME:.metadata.name,WEBHOOKS:.webhooks[*].name")
}

// quotaCause tells the other kinds of refusals apart, which differ in words only.
func quotaCause(said string) string {
	switch {
	case strings.Contains(said, "violates PodSecurity"):
		return "the pod fits Pod Security restricted as wifctl makes it: something in the cluster adds to pods, such as a sidecar, what the namespace forbids"
	case strings.Contains(said, "exceeded quota"), strings.Contains(said, "failed quota"):
		return "the namespace's quota has no room for it"
	case strings.Contains(said, " per Container is "), strings.Contains(said, " per Pod is "):
		return "a LimitRange of the namespace wants more or less of a pod than this one asks for"
	}
	return "a policy of the cluster refuses it"
}
