package emulator

import (
	"net/http"
	"runtime"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/version"
)

// Version is the Kubernetes whose behaviour was recorded. The part behind the plus
// says what it is that answers.
const Version = "v1.37.2+wifctl.emulator"

// plain answers what is no resource: health, version, discovery, and the issuer's
// documents for those who may read them from the API server itself.
func (c *call) plain() (*answer, error) {
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return nil, c.unmodelled()
	}
	switch path := strings.TrimSuffix(c.r.URL.Path, "/"); path {
	case "/healthz", "/livez", "/readyz":
		return ok("ok")
	case "/version":
		return ok(serverVersion())
	case discoveryPath:
		return ok(c.s.document())
	case keysPath:
		return c.keys()
	case "/openapi/v2":
		return &answer{http.StatusNotFound, "404 page not found\n"}, nil // clients do without
	case "/openapi/v3":
		return ok(openapiRoot())
	case openapiCorePath:
		return ok(openapiCore())
	default:
		if d := c.discovery(path); d != nil {
			return ok(d)
		}
	}
	return nil, c.unmodelled()
}

// keys is the issuer's key set, for those who accept its media type.
func (c *call) keys() (*answer, error) {
	if accept := c.r.Header.Get("Accept"); accept != "" && !strings.Contains(accept, keyMedia) && !strings.Contains(accept, "*/*") {
		return nil, &apierrors.StatusError{ErrStatus: metav1.Status{
			Status: metav1.StatusFailure, Code: http.StatusNotAcceptable, Reason: metav1.StatusReasonNotAcceptable,
			Message: "406: Not Acceptable\n\nAvailable representations: " + keyMedia, Details: &metav1.StatusDetails{},
		}}
	}
	set, err := c.s.signer.published()
	if err != nil {
		return nil, err
	}
	return ok(keySet{set})
}

func serverVersion() version.Info {
	return version.Info{
		Major: "1", Minor: "37", GitVersion: Version, GitCommit: "unknown", GitTreeState: "clean", BuildDate: "1970-01-01T00:00:00Z",
		GoVersion: runtime.Version(), Compiler: runtime.Compiler, Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
}

// discovery says what is modelled, in the form before aggregated discovery, which every
// client falls back to
// (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api).
func (c *call) discovery(path string) any {
	authn, authz := authenticationv1.GroupName, authorizationv1.GroupName
	switch path {
	case "/api":
		return &metav1.APIVersions{
			TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"},
			ServerAddressByClientCIDRs: []metav1.ServerAddressByClientCIDR{{ClientCIDR: "0.0.0.0/0", ServerAddress: c.r.Host}},
		}
	case "/apis":
		return &metav1.APIGroupList{
			TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}, Groups: []metav1.APIGroup{group(authn, false), group(authz, false)},
		}
	case "/apis/" + authn:
		g := group(authn, true)
		return &g
	case "/apis/" + authz:
		g := group(authz, true)
		return &g
	case "/api/v1":
		return resources("v1", coreResources()...)
	case "/apis/" + authn + "/v1":
		return resources(authn+"/v1", metav1.APIResource{
			Name: "selfsubjectreviews", SingularName: "selfsubjectreview", Kind: selfKind.Kind, Verbs: metav1.Verbs{"create"},
		})
	case "/apis/" + authz + "/v1":
		return resources(authz+"/v1", metav1.APIResource{
			Name: "selfsubjectaccessreviews", SingularName: "selfsubjectaccessreview", Kind: accessKind.Kind, Verbs: metav1.Verbs{"create"},
		})
	}
	return nil
}

func group(name string, typed bool) metav1.APIGroup {
	v := metav1.GroupVersionForDiscovery{GroupVersion: name + "/v1", Version: "v1"}
	g := metav1.APIGroup{Name: name, Versions: []metav1.GroupVersionForDiscovery{v}, PreferredVersion: v}
	if typed {
		g.TypeMeta = metav1.TypeMeta{Kind: "APIGroup", APIVersion: "v1"}
	}
	return g
}

func resources(groupVersion string, list ...metav1.APIResource) *metav1.APIResourceList {
	return &metav1.APIResourceList{
		TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: groupVersion, APIResources: list,
	}
}

func coreResources() (all []metav1.APIResource) {
	for _, k := range kinds {
		all = append(all, metav1.APIResource{
			Name: k.resource, SingularName: strings.ToLower(k.name), Namespaced: k.namespaced, Kind: k.name,
			Verbs: metav1.Verbs{"create", "delete", "get", "list", "patch", "update", "watch"}, ShortNames: []string{k.short},
		})
	}
	return append(all, metav1.APIResource{
		Name: "serviceaccounts/token", SingularName: "serviceaccount", Namespaced: true, Group: tokenKind.Group, Version: tokenKind.Version, Kind: tokenKind.Kind,
		Verbs: metav1.Verbs{"create"},
	})
}
