package main

import (
	"crypto/rand"
	"fmt"
	"os"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

const (
	contextName     = "cks-demo"
	controllersUser = "system:kube-testbed"
)

// tokens are the bearer tokens of those who may log in.
type tokens struct {
	admin       string // may do everything
	nobody      string // may do nothing
	controllers string // what runControllers runs as
}

// writeTokens makes new tokens and writes them as the API server reads them
// (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file).
func writeTokens(path string) (tokens, error) {
	t := tokens{admin: rand.Text(), nobody: rand.Text(), controllers: rand.Text()}
	csv := fmt.Sprintf("%s,admin,admin,system:masters\n%s,nobody,nobody\n%s,%s,controllers,system:masters\n",
		t.admin, t.nobody, t.controllers, controllersUser)
	return t, os.WriteFile(path, []byte(csv), 0o600)
}

func (w *world) restConfig(address, token string) *rest.Config {
	return &rest.Config{
		Host:            "https://" + address,
		BearerToken:     token,
		TLSClientConfig: rest.TLSClientConfig{CAFile: w.path("pki", "apiserver.crt")},
	}
}

// writeKubeconfig writes a kubeconfig for one user, complete in itself.
func (w *world) writeKubeconfig(path, user, token string) error {
	ca, err := os.ReadFile(w.path("pki", "apiserver.crt"))
	if err != nil {
		return err
	}
	c := api.NewConfig()
	c.Clusters[contextName] = &api.Cluster{Server: w.server.Host, CertificateAuthorityData: ca}
	c.AuthInfos[user] = &api.AuthInfo{Token: token}
	c.Contexts[contextName] = &api.Context{Cluster: contextName, AuthInfo: user}
	c.CurrentContext = contextName
	return clientcmd.WriteToFile(*c, path)
}
