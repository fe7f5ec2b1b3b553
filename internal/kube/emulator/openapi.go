package emulator

import "strings"

// openapiRoot is the index of the descriptions of the groups
// (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3).
func openapiRoot() any {
	type address struct {
		URL string `json:"serverRelativeURL"`
	}
	return map[string]map[string]address{"paths": {"api/v1": {openapiCorePath + "?hash=" + Version}}}
}

const openapiCorePath = "/openapi/v3/api/v1"

// openapiCore describes the core group as far as kubectl reads it before it applies something:
// which kinds may be patched, and that the server itself looks for fields that don't exist.
// There are no schemas, so kubectl explain knows nothing.
func openapiCore() any {
	type gvk struct {
		Group   string `json:"group"`
		Kind    string `json:"kind"`
		Version string `json:"version"`
	}
	type parameter struct {
		Name   string            `json:"name"`
		In     string            `json:"in"`
		Schema map[string]string `json:"schema"`
	}
	type patch struct {
		Parameters []parameter `json:"parameters"`
		Responses  struct{}    `json:"responses"`
		Kind       gvk         `json:"x-kubernetes-group-version-kind"`
	}
	paths := map[string]map[string]patch{}
	for _, k := range kinds {
		path := "/api/v1/" + k.resource + "/{name}"
		if k.namespaced {
			path = "/api/v1/namespaces/{namespace}/" + k.resource + "/{name}"
		}
		p := patch{Kind: gvk{Kind: k.name, Version: "v1"}}
		for _, name := range strings.Fields("dryRun fieldManager fieldValidation force") {
			p.Parameters = append(p.Parameters, parameter{Name: name, In: "query", Schema: map[string]string{"type": "string"}})
		}
		paths[path] = map[string]patch{"patch": p}
	}
	return map[string]any{
		"openapi": "3.0.0", "paths": paths,
		"info": map[string]string{"title": "Kubernetes, as far as it is modelled", "version": Version},
	}
}
