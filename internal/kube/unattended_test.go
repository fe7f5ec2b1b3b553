package kube

import (
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd/api"
)

// client-go lets a plugin ask wherever standard input is a terminal, which it is for
// nobody in a test: so this looks at what it is told.
func TestUnattendedNoPluginMayAsk(t *testing.T) {
	for _, unattended := range []bool{false, true} {
		config := &rest.Config{ExecProvider: &api.ExecConfig{}}
		tune(config, Options{Unattended: unattended})
		if config.ExecProvider.StdinUnavailable != unattended {
			t.Errorf("unattended %t: StdinUnavailable is %t", unattended, config.ExecProvider.StdinUnavailable)
		}
	}
}
