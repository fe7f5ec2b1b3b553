package main

import (
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// kube-apply FILE creates the object of a YAML file in the story's namespace, as kubectl
// would: a field that the API server does not know is an error.
func cmdKubeApply(ts *testscript.TestScript, neg bool, args []string) {
	body, err := yaml.YAMLToJSONStrict([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	var kind metav1.TypeMeta
	ts.Check(yaml.Unmarshal(body, &kind))
	root := "/apis/"
	if kind.APIVersion == "v1" {
		root = "/api/"
	}
	client, err := storyOf(ts).cluster.Clientset()
	ts.Check(err)
	err = client.CoreV1().RESTClient().Post().
		AbsPath(root+kind.APIVersion, "namespaces", storyOf(ts).ns, strings.ToLower(kind.Kind)+"s").
		Param("fieldValidation", "Strict").
		SetHeader("Content-Type", "application/json").Body(body).Do(background).Error()
	if (err != nil) != neg {
		ts.Fatalf("kube-apply %s: %v", args[0], err)
	}
}
