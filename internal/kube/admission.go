package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// Refusal is what can be told of who refused a request at admission. Empty: it can't be.
type Refusal struct {
	Kind            string // of the policy: "ValidatingAdmissionPolicy" or "MutatingAdmissionPolicy"
	Policy, Binding string // its name, and that of its binding
	Webhook         string // the name of a webhook
	Silent          bool   // the webhook did not answer, and nothing is admitted without it
}

// The API server names them in words alone (k8s.io/apiserver/pkg/admission/plugin:
// policy/validating/dispatcher.go, webhook/errors/statuserror.go, webhook/validating).
var (
	refusingPolicy  = regexp.MustCompile(`(ValidatingAdmissionPolicy|\bpolicy) '([^']+)' with binding '([^']+)' denied request`)
	refusingWebhook = regexp.MustCompile(`admission webhook "([^"]+)" denied the request`)
	silentWebhook   = regexp.MustCompile(`failed calling webhook "([^"]+)"`)
)

// RefusalIn reads who refused a request out of what the API server said.
func RefusalIn(message string) Refusal {
	if m := refusingPolicy.FindStringSubmatch(message); m != nil {
		kind := "ValidatingAdmissionPolicy"
		if m[1] == "policy" {
			kind = "MutatingAdmissionPolicy" // it does not name itself
		}
		return Refusal{Kind: kind, Policy: m[2], Binding: m[3]}
	}
	if m := refusingWebhook.FindStringSubmatch(message); m != nil {
		return Refusal{Webhook: m[1]}
	}
	if m := silentWebhook.FindStringSubmatch(message); m != nil {
		return Refusal{Webhook: m[1], Silent: true}
	}
	return Refusal{}
}

// Excepted is a merge patch that excepts a namespace from the binding of a policy, and keeps
// whom it is for otherwise
// (https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/validating-admission-policy-binding-v1/).
func (c *Client) Excepted(ctx context.Context, who Refusal, namespace string) (string, error) {
	const group = "admissionregistration.k8s.io"
	asked := Access{Verb: "get", Group: group, Resource: strings.ToLower(who.Kind) + "bindings", Name: who.Binding}
	raw, err := c.core.RESTClient().Get().AbsPath("/apis", group, "v1", asked.Resource, asked.Name).SetHeader("Accept", "application/json").Do(ctx).Raw()
	if err != nil {
		return "", fail("get", who.Kind+"Binding "+who.Binding, asked, err)
	}
	var b struct {
		Spec struct {
			MatchResources struct {
				NamespaceSelector struct {
					MatchExpressions []json.RawMessage `json:"matchExpressions"`
				} `json:"namespaceSelector"`
			} `json:"matchResources"`
		} `json:"spec"`
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		return "", fmt.Errorf("read %sBinding %s: %w", who.Kind, who.Binding, err)
	}
	except, err := json.Marshal(map[string]any{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": []string{namespace}})
	if err != nil {
		return "", err
	}
	all := append(b.Spec.MatchResources.NamespaceSelector.MatchExpressions, except)
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{"matchResources": map[string]any{"namespaceSelector": map[string]any{"matchExpressions": all}}}})
	return string(patch), err
}
