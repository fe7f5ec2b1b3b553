package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// ready is the last line of what is announced.
const ready = "# ready: serving until interrupted\n"

// announce writes what a client needs to files, and prints the lines that export
// their names to a shell. It is the sign that everything works.
func (w *world) announce(stdout io.Writer) error {
	admin, nobody := w.path("kubeconfig"), w.path("kubeconfig-nobody")
	if err := w.writeKubeconfig(admin, "admin", w.tokens.admin); err != nil {
		return err
	}
	if err := w.writeKubeconfig(nobody, "nobody", w.tokens.nobody); err != nil {
		return err
	}
	env := exports(
		"KUBECONFIG", admin,
		"WIFCTL_ISSUER_CA", w.path("issuer-ca.crt"),
		"TESTBED_ISSUER", w.issuer.url,
		"TESTBED_CLUSTER_ID", w.clusterID,
		"TESTBED_KUBECONFIG_NOBODY", nobody,
		"TESTBED_AUDIT_LOG", w.path("audit.log"),
	)
	if err := os.WriteFile(w.path("env"), []byte(env), 0o600); err != nil {
		return err
	}
	_, err := io.WriteString(stdout, env+ready)
	return err
}

func exports(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		quoted := strings.ReplaceAll(pairs[i+1], "'", `'\''`)
		fmt.Fprintf(&b, "export %s='%s'\n", pairs[i], quoted)
	}
	return b.String()
}
