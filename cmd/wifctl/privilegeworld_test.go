package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/wifctl/wifctl/internal/gcp/emulator"
	"github.com/wifctl/wifctl/internal/kube/kubetest"
)

// privileges is a world in which wifctl is run by people who may do exactly so much.
type privileges struct {
	t       *testing.T
	cluster *kubetest.Cluster
	admin   *kubernetes.Clientset
	ns      string
	dir     string
	google  atomic.Pointer[emulator.Server]
	server  *httptest.Server
	people  int
}

func newPrivileges(t *testing.T, ns string) *privileges {
	t.Helper()
	w := &privileges{t: t, cluster: kubetest.Need(t), ns: ns, dir: t.TempDir()}
	admin, err := w.cluster.Clientset()
	if err != nil {
		t.Fatal(err)
	}
	w.admin = admin
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.google.Load().ServeHTTP(rw, r) }))
	t.Cleanup(w.server.Close)
	t.Cleanup(func() { _ = admin.CoreV1().Namespaces().Delete(background, ns, deleteNow) })
	if err := os.WriteFile(filepath.Join(w.dir, "token"), []byte(storyToken), 0o600); err != nil {
		t.Fatal(err)
	}
	w.enterGoogle(emulator.Options{})
	return w
}

// enterGoogle starts Google anew as it was saved, for somebody else.
func (w *privileges) enterGoogle(opts emulator.Options) {
	w.t.Helper()
	client, err := trusting(w.cluster.IssuerCA)
	if err != nil {
		w.t.Fatal(err)
	}
	opts.StateFile = filepath.Join(w.dir, "google.json")
	opts.Projects = []emulator.Project{{ID: storyProject, Number: storyNumber}}
	opts.Buckets = []string{storyBucket}
	opts.OperatorToken, opts.IssuerClient = storyToken, client
	google, err := emulator.New(opts)
	if err != nil {
		w.t.Fatal(err)
	}
	w.google.Store(google)
}

// save keeps Google as it is for those who enter it later.
func (w *privileges) save() {
	w.t.Helper()
	if err := w.google.Load().Save(); err != nil {
		w.t.Fatal(err)
	}
}

// kubeUser makes somebody who has these rules in the cluster, and waits until the API
// server knows.
func (w *privileges) kubeUser(rules []rbacv1.PolicyRule) string {
	w.t.Helper()
	w.people++
	name := fmt.Sprintf("%s-%d", w.ns, w.people)
	meta := metav1.ObjectMeta{Name: name}
	rbac := w.admin.RbacV1()
	_, err := rbac.ClusterRoles().Create(background, &rbacv1.ClusterRole{ObjectMeta: meta, Rules: rules}, metav1.CreateOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = rbac.ClusterRoleBindings().Create(background, &rbacv1.ClusterRoleBinding{
		ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}},
	}, metav1.CreateOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		_ = rbac.ClusterRoleBindings().Delete(background, name, deleteNow)
		_ = rbac.ClusterRoles().Delete(background, name, deleteNow)
	})
	w.awaitRules(name, rules)
	return name
}

func (w *privileges) awaitRules(user string, rules []rbacv1.PolicyRule) {
	w.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if w.allowed(user, rules) {
			return
		}
		<-tick.C
	}
	w.t.Fatalf("the API server never learns what %s may do", user)
}

func (w *privileges) allowed(user string, rules []rbacv1.PolicyRule) bool {
	w.t.Helper()
	for _, r := range rules {
		r, err := w.admin.AuthorizationV1().SubjectAccessReviews().Create(background, &authorizationv1.SubjectAccessReview{
			Spec: reviewOf(user, w.ns, r),
		}, metav1.CreateOptions{})
		if err != nil {
			w.t.Fatal(err)
		}
		if !r.Status.Allowed {
			return false
		}
	}
	return true
}

func reviewOf(user, ns string, r rbacv1.PolicyRule) authorizationv1.SubjectAccessReviewSpec {
	spec := authorizationv1.SubjectAccessReviewSpec{User: user}
	if len(r.NonResourceURLs) > 0 {
		spec.NonResourceAttributes = &authorizationv1.NonResourceAttributes{Path: r.NonResourceURLs[0], Verb: r.Verbs[0]}
		return spec
	}
	resource, sub, _ := strings.Cut(r.Resources[0], "/")
	spec.ResourceAttributes = &authorizationv1.ResourceAttributes{Namespace: ns, Group: r.APIGroups[0], Resource: resource, Subresource: sub, Verb: r.Verbs[0]}
	if len(r.ResourceNames) > 0 {
		spec.ResourceAttributes.Name = r.ResourceNames[0]
	}
	return spec
}

// answer is what one run of wifctl came to.
type answer struct {
	status    int
	out, talk string
	wrote     []string
}

// wifctl runs a command as somebody in the cluster, and tells what it asked to be changed.
// Nobody is the administrator.
func (w *privileges) wifctl(user, command string, args ...string) answer {
	w.t.Helper()
	w.google.Load().ResetRequests()
	since, err := w.cluster.Mark()
	if err != nil {
		w.t.Fatal(err)
	}
	env := map[string]string{
		"KUBECONFIG": w.cluster.Kubeconfig, issuerCA: w.cluster.IssuerCA, "HOME": w.dir,
		"WIFCTL_GCP_ENDPOINT": w.server.URL, "WIFCTL_ACCESS_TOKEN_FILE": filepath.Join(w.dir, "token"),
	}
	args = append([]string{command, "--project=" + storyProject, "--bucket=" + storyBucket, "--namespace=" + w.ns}, args...)
	if user != "" {
		args = append(args, "--as="+user)
	}
	var out, talk bytes.Buffer
	status := run(background, args, streams{
		in: strings.NewReader(""), out: &out, err: &talk, kubeconfig: w.cluster.Kubeconfig,
		env: func(name string) string { return env[name] },
	})
	st := story{cluster: w.cluster, ns: w.ns, since: since}
	st.google.Store(w.google.Load())
	wrote, err := st.writes()
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{status, out.String(), talk.String(), wrote}
}
