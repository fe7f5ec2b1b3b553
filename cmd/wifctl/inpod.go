package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/trust"
)

// errInPod is why nothing is asked of Google as a user from inside a pod.
var errInPod = &gcp.Error{Op: "log in to Google Cloud", Reason: gcp.NoCredentials, Message: "a pod has nothing but its token"}

// openInPod is open for a verify that goes by a pod's two files and by nothing else: it
// reads no kubeconfig and looks for no login.
func openInPod(cmd *cobra.Command, s streams, o *options, files trust.Pod) (*session, error) {
	ss := &session{s: s, o: o, command: commandOf(cmd)}
	cfg, err := o.config(cmd)
	if err != nil {
		return nil, err
	}
	cfg.Pod = files
	token, err := kube.ReadToken(files.TokenFile)
	if err != nil {
		return nil, &trust.InputError{Flag: "--token-file", Value: files.TokenFile, Rule: err.Error()}
	}
	file, err := readCredentialFile(files.CredentialFile)
	if err != nil {
		return nil, &trust.InputError{Flag: "--cred-file", Value: files.CredentialFile, Rule: err.Error(), Missing: files.CredentialFile == ""}
	}
	var c trust.Clients
	if c.Anonymous, err = ss.anonymous(); err != nil {
		return nil, err
	}
	if c.Google, err = gcp.NewWithoutLogin(cmd.Context(), ss.googleOptions(), errInPod); err != nil {
		return nil, err
	}
	if ss.trust, err = trust.NewInPod(cfg, token, file, c); err != nil {
		return nil, err
	}
	ss.cfg = cfg
	ss.speak()
	return ss, nil
}

func readCredentialFile(name string) (kube.CredentialConfig, error) {
	if name == "" {
		return kube.CredentialConfig{}, errors.New("is required with --token-file: where the pod's credential file is mounted")
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return kube.CredentialConfig{}, err
	}
	return kube.ParseCredentialFile(raw)
}
