package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/gcp/emulator"
	"github.com/wifctl/wifctl/internal/kube/kubetest"
	"github.com/wifctl/wifctl/internal/wif"
)

// own-cluster [FLAG]... gives the story an API server and an issuer of its own, to break.
// The flags are those of the API server.
func cmdOwnCluster(ts *testscript.TestScript, _ bool, args []string) {
	flags := make([]string, len(args))
	for i, a := range args {
		flags[i] = "--api-server=" + a
	}
	cluster, err := kubetest.Start(flags...)
	ts.Check(err)
	ts.Defer(func() { _ = cluster.Stop() })
	st := storyOf(ts)
	st.cluster = cluster
	ts.Check(st.startGoogle(emulator.Options{}))
	id := cks.ClusterID(cluster.Issuer)
	for name, value := range map[string]string{
		"KUBECONFIG": cluster.Kubeconfig, "SSL_CERT_FILE": cluster.IssuerCA, "ISSUER": cluster.Issuer,
		"CLUSTER": id, "PROVIDER": wif.DefaultProvider(id),
	} {
		ts.Setenv(name, value)
	}
}

// login USER DURATION FILE writes a kubeconfig of the story's cluster with which USER, who may
// do nothing, logs in by a client certificate that is good for that long; negative: it was.
func cmdLogin(ts *testscript.TestScript, _ bool, args []string) {
	good, err := time.ParseDuration(args[1])
	ts.Check(err)
	ts.Check(storyOf(ts).cluster.WriteLogin(ts.MkAbs(args[2]), args[0], good))
}

// publish DOCUMENT FILE makes the story's own issuer publish a file as one of its two
// documents; publish DOCUMENT alone makes it vanish, and publish -restore DOCUMENT puts
// back what was there.
func cmdPublish(ts *testscript.TestScript, _ bool, args []string) {
	restore := args[0] == "-restore"
	if restore {
		args = args[1:]
	}
	file := storyOf(ts).cluster.IssuerFile(args[0])
	saved := file + ".saved"
	if _, err := os.Stat(saved); err != nil {
		raw, err := os.ReadFile(file)
		ts.Check(err)
		ts.Check(os.WriteFile(saved, raw, 0o600))
	}
	switch {
	case restore:
		raw, err := os.ReadFile(saved)
		ts.Check(err)
		ts.Check(os.WriteFile(file, raw, 0o600))
	case len(args) == 1:
		ts.Check(os.Remove(file))
	default:
		ts.Check(os.WriteFile(file, []byte(os.Expand(ts.ReadFile(args[1]), ts.Getenv)), 0o600))
	}
}

// kubeObject is one object that a script speaks of.
type kubeObject struct {
	client         rest.Interface
	ns, kind, name string
}

func (k kubeObject) path() string {
	if k.kind == "namespace" {
		return "/api/v1/namespaces"
	}
	return "/api/v1/namespaces/" + k.ns + "/" + k.kind + "s"
}

// create makes the object; of a ConfigMap, with KEY=VALUE data.
func (k kubeObject) create(data []string) error {
	object := map[string]any{
		"apiVersion": "v1", "kind": map[string]string{
			"namespace": "Namespace", "serviceaccount": "ServiceAccount", "configmap": "ConfigMap",
		}[k.kind],
		"metadata": map[string]any{"name": k.name, "labels": map[string]string{"team": "theirs"}},
	}
	if k.kind == "configmap" {
		values := map[string]string{}
		for _, d := range data {
			key, v, _ := strings.Cut(d, "=")
			values[key] = v
		}
		object["data"] = values
	}
	body, err := json.Marshal(object)
	if err != nil {
		return err
	}
	return k.client.Post().AbsPath(k.path()).Body(body).SetHeader("Content-Type", "application/json").Do(background).Error()
}

// delete deletes the object and waits until it has gone.
func (k kubeObject) delete() error {
	if err := k.client.Delete().AbsPath(k.path(), k.name).Do(background).Error(); err != nil {
		return err
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 600 {
		if _, err := k.get(); err != nil {
			return nil //nolint:nilerr // it is gone
		}
		<-tick.C
	}
	return fmt.Errorf("%s %s does not go away", k.kind, k.name)
}

func (k kubeObject) patch(how types.PatchType, body string) error {
	return k.client.Patch(how).AbsPath(k.path(), k.name).Body([]byte(body)).Do(background).Error()
}

func (k kubeObject) get() ([]byte, error) {
	return k.client.Get().AbsPath(k.path(), k.name).SetHeader("Accept", "application/json").Do(background).Raw()
}
